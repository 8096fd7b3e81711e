// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/integration.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/internal/channel_task.hpp"

namespace nullcline::tasks {

namespace {

void check(const IntegrationOptions& options) {
  if (options.channels < 1 || options.channels > 16)
    throw InvalidInput(fmt::format("channels: found {}, expected 1 to 16", options.channels));
  if (options.steps < 1 || options.steps > 1000000)
    throw InvalidInput(fmt::format("steps: found {}, expected 1 to 1000000", options.steps));
  if (!(options.discount >= 0 && options.discount <= 1))
    throw InvalidInput(
        fmt::format("discount: found {}, expected a value in [0, 1]", options.discount));
}

class Integration : public internal::ChannelTask {
 public:
  explicit Integration(const IntegrationOptions& options)
      : ChannelTask("integration", options.channels, options.steps), options_(options) {}

 private:
  void fill_trial(Rng& rng, std::size_t trial, TrialBatch& batch) const override {
    const auto channels = static_cast<std::size_t>(options_.channels);
    const auto steps = static_cast<std::size_t>(options_.steps);
    const bool leaky = options_.reading == DiscountReading::leaky;
    std::vector<double> sums(channels, 0.0);
    double weight = 1;  // gamma^t
    for (std::size_t step = 0; step < steps; ++step) {
      for (std::size_t channel = 0; channel < channels; ++channel) {
        const std::size_t at = (trial * steps + step) * channels + channel;
        const double noise = rng.normal();
        double& sum = sums[channel];
        sum = leaky ? options_.discount * sum + noise : sum + weight * noise;
        batch.inputs[at] = noise;
        batch.targets[at] = sum > 0 ? 1 : -1;
      }
      weight *= options_.discount;
    }
  }

  IntegrationOptions options_;
};

}  // namespace

std::unique_ptr<Task> make_integration(const IntegrationOptions& options) {
  check(options);
  return std::make_unique<Integration>(options);
}

}  // namespace nullcline::tasks
