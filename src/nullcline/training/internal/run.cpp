// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/run.hpp"

#include <fmt/format.h>

#include <cmath>
#include <type_traits>

#include "nullcline/core/error.hpp"
#include "nullcline/core/options_text.hpp"

namespace nullcline::training::internal {

namespace {

constexpr const char* kKind = "nullcline training checkpoint";

template <class Value>
void set_array(NamedArrays& arrays, const char* name, const std::vector<Value>& values,
               const char* dimension) {
  using Stored = std::conditional_t<std::is_same_v<Value, int>, std::int64_t, Value>;
  NamedArray array;
  array.dimensions = {dimension};
  array.shape = {values.size()};
  array.data = std::vector<Stored>(values.begin(), values.end());
  arrays.set(name, std::move(array));
}

template <class Value>
std::vector<Value> get_array(const NamedArrays& arrays, const char* name) {
  const std::vector<double> stored = arrays.values(name);
  std::vector<Value> values;
  values.reserve(stored.size());
  for (const double x : stored) values.push_back(static_cast<Value>(x));
  return values;
}

template <class Value>
void require_size(const char* name, const std::vector<Value>& values, std::size_t expected) {
  if (values.size() != expected)
    throw FormatError(
        fmt::format("checkpoint: '{}' has {} entries, expected {}", name, values.size(), expected));
}

int get_count(const NamedArrays& arrays, const char* name, int highest) {
  const double value = arrays.scalar(name);
  if (!(value >= 0 && value <= highest && value == std::floor(value)))
    throw FormatError(
        fmt::format("checkpoint: '{}' is {}, expected 0 to {}", name, value, highest));
  return static_cast<int>(value);
}

/// How often checkpoints are written does not change what they hold.
TrainOptions comparable(TrainOptions options) {
  options.checkpoint_every = 1;
  return options;
}

void require_same_options(const std::string& saved_text, const TrainOptions& options) {
  TrainOptions saved, current = comparable(options);
  fields_from_json(option_fields(saved), saved_text, "checkpoint");
  const std::vector<OptionField> before = option_fields(saved), now = option_fields(current);
  for (std::size_t i = 0; i < now.size(); ++i)
    if (before[i].text() != now[i].text())
      throw InvalidInput(fmt::format("{}: found {}, but the checkpoint was made with {}",
                                     now[i].name, now[i].text(), before[i].text()));
}

}  // namespace

template <class T>
NamedArrays to_checkpoint(const RunState<T>& state, const TrainOptions& options,
                          const std::string& task) {
  TrainOptions saved = comparable(options);
  NamedArrays arrays;
  arrays.attributes["kind"] = std::string(kKind);
  arrays.attributes["task"] = task;
  arrays.attributes["options"] = fields_to_json(option_fields(saved));
  set_array(arrays, "parameters", state.values, "parameter");
  set_array(arrays, "first_moment", state.first, "parameter");
  if (!state.second.empty()) set_array(arrays, "second_moment", state.second, "parameter");
  if (!state.best_values.empty())
    set_array(arrays, "best_parameters", state.best_values, "parameter");
  set_array(arrays, "loss", state.loss, "iteration");
  set_array(arrays, "validation_iterations", state.validation_iterations, "validation");
  set_array(arrays, "validation_loss", state.validation_loss, "validation");
  set_array(arrays, "validation_accuracy", state.validation_accuracy, "validation");
  if (!state.snapshot_iterations.empty()) {
    set_array(arrays, "snapshot_iterations", state.snapshot_iterations, "snapshot");
    set_array(arrays, "snapshots", state.snapshots, "snapshot_parameter");
  }
  arrays.set_scalar("iterations_done", state.iteration, "iterations done");
  arrays.set_scalar("best_loss", state.best_loss, "lowest validation loss");
  arrays.set_scalar("validations_since_best", state.validations_since_best,
                    "validations since the lowest loss");
  return arrays;
}

template <class T>
RunState<T> from_checkpoint(const NamedArrays& checkpoint, const TrainOptions& options,
                            const std::string& task, std::size_t n_parameters) {
  if (checkpoint.text_attribute("kind") != kKind)
    throw FormatError(fmt::format("checkpoint: kind is '{}', expected '{}'",
                                  checkpoint.text_attribute("kind"), kKind));
  if (checkpoint.text_attribute("task") != task)
    throw InvalidInput(fmt::format("task: found {}, but the checkpoint was made with {}", task,
                                   checkpoint.text_attribute("task")));
  require_same_options(checkpoint.text_attribute("options"), options);
  RunState<T> state;
  state.values = get_array<T>(checkpoint, "parameters");
  state.first = get_array<T>(checkpoint, "first_moment");
  require_size("parameters", state.values, n_parameters);
  require_size("first_moment", state.first, n_parameters);
  if (options.optimizer == Optimizer::adam) {
    state.second = get_array<T>(checkpoint, "second_moment");
    require_size("second_moment", state.second, n_parameters);
  }
  if (checkpoint.has("best_parameters")) {
    state.best_values = get_array<T>(checkpoint, "best_parameters");
    require_size("best_parameters", state.best_values, n_parameters);
  }
  state.loss = get_array<double>(checkpoint, "loss");
  state.iteration = get_count(checkpoint, "iterations_done", options.iterations);
  require_size("loss", state.loss, static_cast<std::size_t>(state.iteration));
  state.validation_iterations = get_array<int>(checkpoint, "validation_iterations");
  state.validation_loss = get_array<double>(checkpoint, "validation_loss");
  state.validation_accuracy = get_array<double>(checkpoint, "validation_accuracy");
  require_size("validation_loss", state.validation_loss, state.validation_iterations.size());
  require_size("validation_accuracy", state.validation_accuracy,
               state.validation_iterations.size());
  if (checkpoint.has("snapshot_iterations")) {
    state.snapshot_iterations = get_array<int>(checkpoint, "snapshot_iterations");
    state.snapshots = get_array<T>(checkpoint, "snapshots");
    require_size("snapshots", state.snapshots, state.snapshot_iterations.size() * n_parameters);
  }
  state.best_loss = checkpoint.scalar("best_loss");
  state.validations_since_best = get_count(checkpoint, "validations_since_best", options.patience);
  return state;
}

template NamedArrays to_checkpoint(const RunState<float>&, const TrainOptions&, const std::string&);
template NamedArrays to_checkpoint(const RunState<double>&, const TrainOptions&,
                                   const std::string&);
template RunState<float> from_checkpoint(const NamedArrays&, const TrainOptions&,
                                         const std::string&, std::size_t);
template RunState<double> from_checkpoint(const NamedArrays&, const TrainOptions&,
                                          const std::string&, std::size_t);

}  // namespace nullcline::training::internal
