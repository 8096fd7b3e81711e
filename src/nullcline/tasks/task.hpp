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

  /// Trials of the fixed set that training draws from again and again; 0: every iteration has fresh
  /// ones.
  virtual Index n_training_trials() const { return 0; }

  /// Trial i of a batch draws from its own stream (seed, purpose, first_trial + i), so batches do
  /// not depend on how they are split.
  virtual TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                              std::uint64_t first_trial) const = 0;

  /// The trials in which networks are compared: those of the stream (seed, probe), or of a task
  /// that has a parameter per trial, with that parameter evenly spaced over its range.
  virtual TrialBatch probe(Index n_trials, std::uint64_t seed) const {
    return generate(n_trials, seed, Purpose::probe, 0);
  }

  /// Share of correct outputs in [0, 1], or of the variance that they explain; `outputs` as
  /// batch.targets.
  virtual double accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const = 0;
};

}  // namespace nullcline::tasks
