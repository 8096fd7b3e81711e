// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// The frequency-cued sine wave: a command x ~ U(0, 1), held as the input of all steps, asks for
/// y[t] = sin(2 pi omega t) at t = 0, 1, ..., steps - 1, with omega = lowest_frequency +
/// (highest_frequency - lowest_frequency) x in cycles per step. Maheswaranathan et al. (2019),
/// section 3.2, with their 0.04 x + 0.01 read per step of 0.01 s: 1 to 5 Hz. Read per second, no
/// trial of theirs would last longer than a quarter of a cycle.
struct SineOptions {
  int steps = 500;
  double lowest_frequency = 0.01;
  double highest_frequency = 0.05;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("steps", self.steps, "steps per trial");
    field("lowest_frequency", self.lowest_frequency, "cycles per step at the command 0");
    field("highest_frequency", self.highest_frequency, "cycles per step at the command 1");
  }
};

/// @throws InvalidInput for steps outside 1..1000000, or unless 0 < lowest_frequency <=
/// highest_frequency <= 0.5.
void check_options(const SineOptions& options);

/// omega of a command, in cycles per step.
double frequency_of_command(const SineOptions& options, double command);

/// accuracy(): share of the variance of the targets that the outputs explain, at least 0.
/// probe(): the commands are evenly spaced from 0 to 1, both included; one alone is 0.5.
/// @throws InvalidInput as check_options.
std::unique_ptr<Task> make_sine(const SineOptions& options);

}  // namespace nullcline::tasks
