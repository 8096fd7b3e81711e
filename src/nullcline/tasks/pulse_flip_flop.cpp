// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/pulse_flip_flop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/internal/channel_task.hpp"

namespace nullcline::tasks {

namespace {

void check(const PulseFlipFlopOptions& options) {
  const auto require = [](bool ok, const char* name, auto found, const std::string& expected) {
    if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
  };
  require(options.bits >= 1 && options.bits <= 16, "bits", options.bits, "1 to 16");
  require(options.steps >= 1 && options.steps <= 10000000, "steps", options.steps, "1 to 10000000");
  require(options.pulse_steps >= 1 && options.pulse_steps <= options.steps, "pulse_steps",
          options.pulse_steps, fmt::format("1 to the {} steps", options.steps));
  require(options.pulses_per_step >= 0 && options.pulses_per_step <= 1, "pulses_per_step",
          options.pulses_per_step, "a value in [0, 1]");
}

// `count` of the numbers below n without replacement, rising: the first of a random order.
std::vector<std::size_t> draw_onsets(std::size_t n, std::size_t count, Rng& rng) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + rng.below(n - i)]);
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

class PulseFlipFlop : public internal::ChannelTask {
 public:
  explicit PulseFlipFlop(const PulseFlipFlopOptions& options)
      : ChannelTask("pulse-flip-flop", options.bits, options.steps), options_(options) {}

 private:
  void fill_trial(Rng& rng, std::size_t trial, TrialBatch& batch) const override {
    const auto bits = static_cast<std::size_t>(options_.bits);
    const auto steps = static_cast<std::size_t>(options_.steps);
    const auto length = static_cast<std::size_t>(options_.pulse_steps);
    const auto n_pulses =
        static_cast<std::size_t>(std::floor(options_.pulses_per_step * options_.steps));
    double* inputs = batch.inputs.data() + trial * steps * bits;
    double* targets = batch.targets.data() + trial * steps * bits;
    for (const std::size_t onset : draw_onsets(steps, n_pulses, rng)) {
      const std::size_t bit = rng.below(bits);
      const double value = (rng.bits() & 1) != 0 ? 1.0 : -1.0;
      if (onset + length > steps) continue;
      for (std::size_t step = onset; step < onset + length; ++step)
        inputs[step * bits + bit] = value;
    }
    std::vector<double> held(bits, 0.0);
    for (std::size_t i = 0; i < steps * bits; ++i) {
      if (inputs[i] != 0) held[i % bits] = inputs[i];
      targets[i] = held[i % bits];
    }
  }

  PulseFlipFlopOptions options_;
};

}  // namespace

std::unique_ptr<Task> make_pulse_flip_flop(const PulseFlipFlopOptions& options) {
  check(options);
  return std::make_unique<PulseFlipFlop>(options);
}

}  // namespace nullcline::tasks
