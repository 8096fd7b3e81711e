// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::tasks {

/// Trials of a task, as arrays trials x steps x channels, row-major.
struct TrialBatch {
  Index n_trials = 0, n_steps = 0, n_inputs = 0, n_outputs = 0;
  std::vector<double> inputs;   ///< n_trials * n_steps * n_inputs
  std::vector<double> targets;  ///< n_trials * n_steps * n_outputs
  std::vector<double> mask;     ///< 1 where the target counts, 0 elsewhere; as targets
};

/// A data generator with its own measure of success.
class Task {
 public:
  virtual ~Task() = default;
  virtual std::string name() const = 0;
  virtual Index n_inputs() const = 0;
  virtual Index n_outputs() const = 0;
  virtual Index n_steps() const = 0;

  /// Trial i of a batch draws from its own stream (seed, purpose, first_trial + i), so batches do
  /// not depend on how they are split.
  virtual TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                              std::uint64_t first_trial) const = 0;

  /// Share of correct outputs in [0, 1]; `outputs` as batch.targets.
  virtual double accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const = 0;
};

}  // namespace nullcline::tasks
