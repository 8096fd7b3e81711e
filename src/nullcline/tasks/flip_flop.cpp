// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/flip_flop.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/internal/channel_task.hpp"

namespace nullcline::tasks {

namespace {

void check(const FlipFlopOptions& options) {
  if (options.bits < 1 || options.bits > 16)
    throw InvalidInput(fmt::format("bits: found {}, expected 1 to 16", options.bits));
  if (options.steps < 1 || options.steps > 1000000)
    throw InvalidInput(fmt::format("steps: found {}, expected 1 to 1000000", options.steps));
  if (!(options.pulse_probability >= 0 && options.pulse_probability <= 1))
    throw InvalidInput(fmt::format("pulse_probability: found {}, expected a value in [0, 1]",
                                   options.pulse_probability));
}

class FlipFlop : public internal::ChannelTask {
 public:
  explicit FlipFlop(const FlipFlopOptions& options)
      : ChannelTask("flip-flop", options.bits, options.steps), options_(options) {}

 private:
  void fill_trial(Rng& rng, std::size_t trial, TrialBatch& batch) const override {
    const auto bits = static_cast<std::size_t>(options_.bits);
    const auto steps = static_cast<std::size_t>(options_.steps);
    std::vector<double> held(bits, 0.0);
    for (std::size_t step = 0; step < steps; ++step)
      for (std::size_t bit = 0; bit < bits; ++bit) {
        // One draw gives the pulse and, from its lowest bit, the sign: data cost little beside
        // training.
        const std::uint64_t draw = rng.bits();
        const bool pulse = static_cast<double>(draw >> 11) * 0x1p-53 < options_.pulse_probability ||
                           (step == 0 && options_.start == FlipFlopStart::pulse);
        const double value = pulse ? ((draw & 1) != 0 ? 1.0 : -1.0) : 0.0;
        if (pulse) held[bit] = value;
        const std::size_t at = (trial * steps + step) * bits + bit;
        batch.inputs[at] = value;
        batch.targets[at] = held[bit];
      }
  }

  FlipFlopOptions options_;
};

}  // namespace

std::unique_ptr<Task> make_flip_flop(const FlipFlopOptions& options) {
  check(options);
  return std::make_unique<FlipFlop>(options);
}

}  // namespace nullcline::tasks
