// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/enum_names.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// What a bit is before its first pulse: undefined with target 0 (Maheswaranathan et al. 2019), or
/// set by a forced pulse on every channel at the first step (Golub & Sussillo 2018).
enum class FlipFlopStart { zero, pulse };

/// The K-bit flip-flop: u[k,t] = s[k,t] m[k,t] with m ~ Bernoulli(pulse_probability), independent
/// per channel and step, and s = +-1 equiprobable. The target y[k,t] is the last non-zero u[k,s], s
/// <= t. Maheswaranathan et al. (2019), section 3.1; Sussillo & Barak (2013).
struct FlipFlopOptions {
  int bits = 3;
  int steps = 100;
  double pulse_probability = 0.05;
  FlipFlopStart start = FlipFlopStart::pulse;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("bits", self.bits, "number of independent bits");
    field("steps", self.steps, "steps per trial");
    field("pulse_probability", self.pulse_probability, "chance of a pulse per channel and step");
    field("start", self.start, "bit before its first pulse: zero target, or a pulse at step 0");
  }
};

/// accuracy(): share of channel-steps with a defined bit whose output has the bit's sign.
/// @throws InvalidInput for bits outside 1..16, steps outside 1..1000000, a probability outside [0,
/// 1].
std::unique_ptr<Task> make_flip_flop(const FlipFlopOptions& options);

}  // namespace nullcline::tasks

template <>
struct nullcline::EnumNames<nullcline::tasks::FlipFlopStart> {
  static constexpr std::array values{
      std::pair{nullcline::tasks::FlipFlopStart::zero, "zero"},
      std::pair{nullcline::tasks::FlipFlopStart::pulse, "pulse"},
  };
};
