// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/fixed_points/merge.hpp"
#include "nullcline/fixed_points/solver.hpp"
#include "nullcline/fixed_points/steps.hpp"

namespace nullcline::fixed_points {

/// Levenberg-Marquardt from each row of `starts`, on q = 1/2 |r|^2:
///
///     (A^T A + mu I) d = -A^T r,    A = Dr(x),   mu = lambda |r|^2
///
/// Steps that do not lower q are refused and lambda grows; after good steps it falls. Iterates are
/// projected on the box, where there is one. It stays near the basin of the gradient flow of q, and
/// ends either at a zero of r (converged) or near a local minimum of q (stalled).
/// A start ends when it enters one of the `known` boxes, when its step is small, when q has stopped
/// falling (stalled), or after max_iterations linear solves.
EndStates solve_levenberg_marquardt(const Equation& equation, ConstMatrixRef starts,
                                    const UniquenessBoxes& known, int max_iterations);
/// The same with an engine of one's choice.
EndStates solve_levenberg_marquardt(const Equation& equation, ConstMatrixRef starts,
                                    const UniquenessBoxes& known, int max_iterations,
                                    EngineKind engine);

}  // namespace nullcline::fixed_points
