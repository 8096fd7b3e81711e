// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/training_data.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nullcline/core/error.hpp"

namespace nullcline::training::internal {

namespace {

// Copies `n` trials of `from`, counted on past its end.
void copy_trials(const std::vector<double>& from, std::size_t n_trials, std::size_t first,
                 std::size_t n, std::vector<double>& to) {
  const std::size_t size = from.size() / n_trials;
  to.resize(n * size);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(from.data() + (first + i) % n_trials * size, size, to.data() + i * size);
}

}  // namespace

TrainingData::TrainingData(const tasks::Task& task, const TrainOptions& options)
    : task_(task), options_(options) {
  const Index n = task.n_training_trials();
  if (n == 0) return;
  if (options.batch > n)
    throw InvalidInput(
        fmt::format("batch: found {}, expected at most {}, the trials of the training set of {}",
                    options.batch, n, task.name()));
  fixed_ = task.generate(n, options.seed, Purpose::training_data, 0);
}

tasks::TrialBatch TrainingData::of_iteration(int iteration) const {
  const auto n = static_cast<std::uint64_t>(options_.batch);
  const std::uint64_t first = static_cast<std::uint64_t>(iteration) * n;
  if (fixed_.n_trials == 0)
    return task_.generate(options_.batch, options_.seed, Purpose::training_data, first);
  if (options_.batch == fixed_.n_trials) return fixed_;
  tasks::TrialBatch batch;
  batch.n_trials = options_.batch;
  batch.n_steps = fixed_.n_steps;
  batch.n_inputs = fixed_.n_inputs;
  batch.n_outputs = fixed_.n_outputs;
  const auto n_trials = static_cast<std::size_t>(fixed_.n_trials);
  const std::size_t start = first % n_trials;
  copy_trials(fixed_.inputs, n_trials, start, n, batch.inputs);
  copy_trials(fixed_.targets, n_trials, start, n, batch.targets);
  copy_trials(fixed_.mask, n_trials, start, n, batch.mask);
  return batch;
}

}  // namespace nullcline::training::internal
