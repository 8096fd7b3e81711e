// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// The K-bit flip-flop with wide pulses: floor(pulses_per_step * steps) onsets are drawn without
/// replacement from all steps; each, in the order of time, sets one channel, drawn uniformly, to +1
/// or -1 for pulse_steps steps. Later pulses overwrite earlier ones; a pulse that would not end
/// before the trial does is left out. The target is the sign of the last pulse on each channel,
/// from its first step on, and 0 before the first. Jang (2015), section 4.1, as its programs have
/// it.
struct PulseFlipFlopOptions {
  int bits = 3;
  int steps = 5000;
  int pulse_steps = 11;
  double pulses_per_step = 0.02;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("bits", self.bits, "number of independent bits");
    field("steps", self.steps, "steps per trial");
    field("pulse_steps", self.pulse_steps, "steps that a pulse lasts");
    field("pulses_per_step", self.pulses_per_step, "pulses over all channels, per step");
  }
};

/// accuracy(): share of channel-steps with a defined bit whose output has the bit's sign.
/// @throws InvalidInput for bits outside 1..16, steps outside 1..10000000, pulse_steps outside
/// 1..steps, pulses_per_step outside [0, 1].
std::unique_ptr<Task> make_pulse_flip_flop(const PulseFlipFlopOptions& options);

}  // namespace nullcline::tasks
