// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>

#include "nullcline/core/rng.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks::internal {

/// A task with as many outputs as inputs, whose answers are the signs of its targets at all steps.
class ChannelTask : public Task {
 public:
  ChannelTask(std::string name, Index n_channels, Index n_steps)
      : name_(std::move(name)), n_channels_(n_channels), n_steps_(n_steps) {}

  std::string name() const override { return name_; }
  Index n_inputs() const override { return n_channels_; }
  Index n_outputs() const override { return n_channels_; }
  Index n_steps() const override { return n_steps_; }

  TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                      std::uint64_t first_trial) const override;

  /// The share of the targets other than 0 whose output has their sign; 0 if there is none.
  double accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const override;

 private:
  /// Inputs and targets of a trial, from a stream of its own.
  virtual void fill_trial(Rng& rng, std::size_t trial, TrialBatch& batch) const = 0;

  const std::string name_;
  const Index n_channels_, n_steps_;
};

}  // namespace nullcline::tasks::internal
