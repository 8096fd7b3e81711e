// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/termination.hpp"
#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points {

/// Where a homotopy path ended.
struct PathEnd {
  Vector point;  ///< a zero of r up to Newton's small step, if converged
  Termination termination = Termination::not_run;
  int n_steps = 0;  ///< linear solves
};

/// Follows the path of  h = t n(h) + (1 - t) h0,  that is  t r(h) + (1 - t) (h0 - h) = 0,  from
/// (h0, 0) to t = 1 by pseudo-arclength continuation, so that it passes folds in t.
///
/// From almost every h0 in a trapping box the path is smooth, stays in the box and ends at a zero of
/// r, whatever the shape of |r| (Chow, Mallet-Paret & Yorke 1978). Without a box it may run away.
/// Converged paths end at a zero; max_iterations, stalled and diverged paths were lost.
PathEnd trace_homotopy(const Equation& equation, ConstVectorRef start, int max_steps);

}  // namespace nullcline::fixed_points
