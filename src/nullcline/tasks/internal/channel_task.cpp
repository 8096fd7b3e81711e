// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/internal/channel_task.hpp"

#include "nullcline/core/error.hpp"

namespace nullcline::tasks::internal {

TrialBatch ChannelTask::generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                                 std::uint64_t first_trial) const {
  const auto size = static_cast<std::size_t>(n_trials * n_steps_ * n_channels_);
  TrialBatch batch{n_trials,
                   n_steps_,
                   n_channels_,
                   n_channels_,
                   std::vector<double>(size),
                   std::vector<double>(size),
                   std::vector<double>(size, 1.0)};
  for (Index trial = 0; trial < n_trials; ++trial) {
    Rng rng(seed, purpose, first_trial + static_cast<std::uint64_t>(trial));
    fill_trial(rng, static_cast<std::size_t>(trial), batch);
  }
  return batch;
}

double ChannelTask::accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const {
  NULLCLINE_ASSERT(outputs.size() == batch.targets.size());
  double n_defined = 0, n_right = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (batch.targets[i] == 0) continue;
    n_defined += 1;
    n_right += outputs[i] * batch.targets[i] > 0 ? 1 : 0;
  }
  return n_defined > 0 ? n_right / n_defined : 0;
}

}  // namespace nullcline::tasks::internal
