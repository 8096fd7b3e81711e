// SPDX-License-Identifier: BSD-3-Clause
// Trajectories of flows.
#pragma once

#include <memory>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::dynamics {

/// Follows dh/dt = f(h, x) under a held input by the Runge-Kutta method of order 5 of Dormand and
/// Prince, with steps of its own choice and dense output of order 4. Backwards in time if `sense`
/// is -1. Keeps a reference to the flow.
class FlowStepper {
 public:
  /// `tolerance`: error of a step, absolute and relative. @throws InvalidInput for a map.
  FlowStepper(const System& flow, ConstVectorRef input, double tolerance, int sense = 1);
  FlowStepper(const FlowStepper&) = delete;
  FlowStepper& operator=(const FlowStepper&) = delete;
  ~FlowStepper();

  void start(ConstVectorRef state);
  /// One step. False, and nothing changed, where the flow is no longer finite or the step vanishes.
  bool step();

  /// Elapsed time, growing in either sense; that of the step's begin.
  double time() const;
  double previous_time() const;
  const Vector& state() const;
  /// The state at a time within the last step.
  Vector at(double time) const;

 private:
  struct Stepper;
  std::unique_ptr<Stepper> stepper_;
};

/// States at `times`, which rise from 0 or more: (n_times, n_states), from `start` at time 0. After
/// the flow has ceased to be finite, or left the ball of radius `escape`, rows are NaN.
Matrix integrate(const System& flow, ConstVectorRef input, ConstVectorRef start,
                 ConstVectorRef times, double tolerance = 1e-10, int sense = 1,
                 double escape = 1e6);

}  // namespace nullcline::dynamics
