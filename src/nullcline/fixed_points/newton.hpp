// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/fixed_points/merge.hpp"
#include "nullcline/fixed_points/solver.hpp"
#include "nullcline/fixed_points/steps.hpp"

namespace nullcline::fixed_points {

/// Newton's method from each row of `starts`: x <- P(x - Dr(x)^-1 r(x)).
///
/// With a box, P projects on it and steps are undamped: such an iteration hops between basins and
/// explores. Without a box P is the identity and steps are halved until |r| falls (Armijo); where
/// the map has kinks and no short step helps, the full semismooth step is taken.
/// A start ends when it enters one of the `known` boxes, when its step is small, when a Jacobian is
/// singular (stalled) or a value is not finite (diverged), or after max_iterations steps.
///
/// Damping::none takes the full steps without a box too: of a relu map these are the semismooth
/// iteration, from the pattern of one virtual fixed point to the next (SCYFI).
enum class Damping { automatic, none };
EndStates solve_newton(const Equation& equation, ConstMatrixRef starts,
                       const UniquenessBoxes& known, int max_iterations);
/// The same with an engine of one's choice.
EndStates solve_newton(const Equation& equation, ConstMatrixRef starts,
                       const UniquenessBoxes& known, int max_iterations, EngineKind engine,
                       Damping damping = Damping::automatic);

/// Full Newton steps down to the rounding floor, without projection.
struct Polished {
  Vector point;
  double residual = 0;  ///< infinity norm of r there
};
Polished polish(const Equation& equation, ConstVectorRef start);

/// What rounding leaves of r at a zero, generously: some units in the last place of |x| and
/// |Dr| |x|.
double rounding_floor(const Equation& equation, ConstVectorRef point);

}  // namespace nullcline::fixed_points
