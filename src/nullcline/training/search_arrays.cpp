// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/training/search.hpp"

namespace nullcline::training {

namespace {

// Numbers of a candidate, by the name of their array.
template <class Self, class Visitor>
void visit_numbers(Self& candidate, Visitor&& visit) {
  visit("clip_norm", candidate.hyperparameters.clip_norm, "clipping of the gradient's norm");
  visit("learning_rate", candidate.hyperparameters.learning_rate, "initial learning rate");
  visit("decay", candidate.hyperparameters.decay, "decay d of the rate eta_0 d^(t/S)");
  visit("momentum", candidate.hyperparameters.momentum, "momentum of SGD");
  visit("decay_steps", candidate.decay_steps, "S of the rate");
  visit("validation_loss", candidate.validation_loss, "loss on held-out trials; NaN: diverged");
  visit("validation_accuracy", candidate.validation_accuracy,
        "accuracy on held-out trials; NaN: diverged");
}

void require_size(const char* name, std::size_t found, std::size_t expected) {
  if (found != expected)
    throw FormatError(fmt::format("array '{}' has {} entries, expected {}", name, found, expected));
}

Termination read_termination(const std::string& text) {
  try {
    return parse_enum<Termination>(text, "termination");
  } catch (const InvalidInput& error) {
    throw FormatError(error.what());
  }
}

}  // namespace

NamedArrays to_arrays(const HyperparameterSearch& search) {
  NamedArrays arrays;
  const auto n = static_cast<Index>(search.candidates.size());
  std::vector<std::int64_t> iterations;
  std::vector<std::string> terminations, reasons;
  for (const Candidate& candidate : search.candidates) {
    iterations.push_back(candidate.iterations);
    terminations.emplace_back(name_of(candidate.termination));
    reasons.push_back(candidate.reason);
  }
  const Candidate none;
  visit_numbers(none, [&](const char* name, double, const char* meaning) {
    Vector values(n);
    for (Index i = 0; i < n; ++i)
      visit_numbers(search.candidates[static_cast<std::size_t>(i)],
                    [&](const char* other, double value, const char*) {
                      if (std::string_view(other) == name) values(i) = value;
                    });
    arrays.set_vector(name, values, "candidate", meaning);
  });
  arrays.set_integers("iterations", std::move(iterations), "candidate", "iterations done");
  arrays.set_strings("termination", std::move(terminations), "candidate", "how training ended");
  arrays.set_strings("reason", std::move(reasons), "candidate", "why it diverged");
  arrays.set_scalar("best", search.best, "candidate of the lowest validation loss; -1: none");
  arrays.attributes["termination"] = std::string(name_of(search.termination));
  return arrays;
}

HyperparameterSearch hyperparameter_search_from_arrays(const NamedArrays& arrays) {
  HyperparameterSearch search;
  const std::vector<std::int64_t> iterations = arrays.integers("iterations");
  const std::vector<std::string> terminations = arrays.strings("termination"),
                                 reasons = arrays.strings("reason");
  const std::size_t n = iterations.size();
  require_size("termination", terminations.size(), n);
  require_size("reason", reasons.size(), n);
  search.candidates.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    Candidate& candidate = search.candidates[i];
    candidate.iterations = static_cast<int>(iterations[i]);
    candidate.reason = reasons[i];
    candidate.termination = read_termination(terminations[i]);
    visit_numbers(candidate, [&](const char* name, double& value, const char*) {
      const Vector values = arrays.vector(name);
      require_size(name, static_cast<std::size_t>(values.size()), n);
      value = values(static_cast<Index>(i));
    });
  }
  const double best = arrays.scalar("best");
  if (!(best >= -1 && best < static_cast<double>(n) && best == std::floor(best)))
    throw FormatError(
        fmt::format("'best' is {}, expected -1 to {}", best, static_cast<std::int64_t>(n) - 1));
  search.best = static_cast<int>(best);
  search.termination = read_termination(arrays.text_attribute("termination"));
  return search;
}

}  // namespace nullcline::training
