// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/integration.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/signs.hpp"

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

class Integration : public Task {
 public:
  explicit Integration(const IntegrationOptions& options) : options_(options) {}

  std::string name() const override { return "integration"; }
  Index n_inputs() const override { return options_.channels; }
  Index n_outputs() const override { return options_.channels; }
  Index n_steps() const override { return options_.steps; }

  TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                      std::uint64_t first_trial) const override {
    const auto size = static_cast<std::size_t>(n_trials * options_.steps * options_.channels);
    TrialBatch batch{n_trials,
                     options_.steps,
                     options_.channels,
                     options_.channels,
                     std::vector<double>(size),
                     std::vector<double>(size),
                     std::vector<double>(size, 1.0)};
    for (Index trial = 0; trial < n_trials; ++trial) {
      Rng rng(seed, purpose, first_trial + static_cast<std::uint64_t>(trial));
      fill_trial(rng, static_cast<std::size_t>(trial), batch);
    }
    return batch;
  }

  double accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const override {
    return share_of_right_signs(batch, outputs);
  }

 private:
  void fill_trial(Rng& rng, std::size_t trial, TrialBatch& batch) const {
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
