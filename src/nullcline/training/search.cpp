// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/search.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::training {

namespace {

void require_range(const char* name, double lowest, double highest, double above, double below) {
  if (!(lowest >= above && lowest <= highest && highest < below))
    throw InvalidInput(
        fmt::format("lowest_{0}, highest_{0}: found {1:g}, {2:g}, expected {3:g} <= lowest <= "
                    "highest < {4:g}",
                    name, lowest, highest, above, below));
}

void check(const HyperparameterSearchOptions& options) {
  constexpr double kSmallest = std::numeric_limits<double>::min();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (options.candidates < 1)
    throw InvalidInput(
        fmt::format("candidates: found {}, expected at least 1", options.candidates));
  if (options.iterations < 1)
    throw InvalidInput(
        fmt::format("iterations: found {}, expected at least 1", options.iterations));
  require_range("clip_norm", options.lowest_clip_norm, options.highest_clip_norm, kSmallest,
                kInfinity);
  require_range("learning_rate", options.lowest_learning_rate, options.highest_learning_rate,
                kSmallest, kInfinity);
  require_range("decay", options.lowest_decay, options.highest_decay, kSmallest,
                std::nextafter(1.0, 2.0));
  require_range("momentum", options.lowest_momentum, options.highest_momentum, 0, 1);
}

double log_uniform(Rng& rng, double lowest, double highest) {
  return std::exp(rng.uniform(std::log(lowest), std::log(highest)));
}

Candidate outcome(const Hyperparameters& drawn, const TrainResult& result) {
  Candidate candidate;
  candidate.hyperparameters = drawn;
  candidate.termination = result.termination;
  candidate.reason = result.reason;
  candidate.iterations = result.iterations;
  candidate.decay_steps = result.decay_steps;
  if (result.termination != Termination::diverged) {
    candidate.validation_loss = result.validation_loss.back();
    candidate.validation_accuracy = result.validation_accuracy.back();
  }
  return candidate;
}

int best_of(const std::vector<Candidate>& candidates) {
  int best = -1;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const double loss = candidates[i].validation_loss;
    if (std::isfinite(loss) &&
        (best < 0 || loss < candidates[static_cast<std::size_t>(best)].validation_loss))
      best = static_cast<int>(i);
  }
  return best;
}

}  // namespace

Hyperparameters draw_hyperparameters(const HyperparameterSearchOptions& options,
                                     std::uint64_t candidate) {
  check(options);
  Rng rng(options.seed, Purpose::unit_data, candidate);
  Hyperparameters drawn;
  drawn.clip_norm = log_uniform(rng, options.lowest_clip_norm, options.highest_clip_norm);
  drawn.learning_rate =
      log_uniform(rng, options.lowest_learning_rate, options.highest_learning_rate);
  drawn.decay = rng.uniform(options.lowest_decay, options.highest_decay);
  drawn.momentum = rng.uniform(options.lowest_momentum, options.highest_momentum);
  return drawn;
}

TrainOptions with_hyperparameters(TrainOptions options, const Hyperparameters& values) {
  options.clip_norm = values.clip_norm;
  options.learning_rate = values.learning_rate;
  options.decay = values.decay;
  options.momentum = values.momentum;
  return options;
}

HyperparameterSearch search_hyperparameters(
    const tasks::Task& task, const TrainOptions& training,
    const HyperparameterSearchOptions& options, const Progress& progress,
    const HyperparameterSearch* resume,
    const std::function<void(const HyperparameterSearch&)>& save) {
  check(options);
  HyperparameterSearch search;
  if (resume != nullptr) search.candidates = resume->candidates;
  const auto n = static_cast<std::size_t>(options.candidates);
  if (search.candidates.size() > n)
    throw InvalidInput(fmt::format("resume: found {} candidates, expected at most {}",
                                   search.candidates.size(), n));
  for (std::size_t i = 0; i < search.candidates.size(); ++i)
    if (search.candidates[i].hyperparameters != draw_hyperparameters(options, i))
      throw InvalidInput(fmt::format(
          "resume: found a candidate {} of other options, expected the one that these draw",
          i + 1));
  search.termination = Termination::converged;
  while (search.candidates.size() < n) {
    const std::size_t i = search.candidates.size();
    const Hyperparameters drawn = draw_hyperparameters(options, i);
    TrainOptions candidate = with_hyperparameters(training, drawn);
    candidate.iterations = options.iterations;
    const Progress told = [&](const ProgressUpdate& update) {
      return report_progress(
          progress, {static_cast<double>(i) + update.done / update.total, static_cast<double>(n),
                     fmt::format("candidate {}, {}", i + 1, update.message)});
    };
    const TrainResult result = train(task, candidate, told);
    if (result.termination == Termination::interrupted) {
      search.termination = Termination::interrupted;
      break;
    }
    search.candidates.push_back(outcome(drawn, result));
    search.best = best_of(search.candidates);
    if (save) save(search);
  }
  search.best = best_of(search.candidates);
  return search;
}

}  // namespace nullcline::training
