// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/termination.hpp"
#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points {

/// What a homotopy path passed.
struct Path {
  std::vector<Vector> zeros;  ///< zeros of r at the crossings of t = 1, in order; the first is the
                              ///< start's own, and has index +1
  Termination termination = Termination::not_run;  ///< converged: t = 1 was reached
  int n_steps = 0;                                 ///< linear solves
};

/// For each row h0 of `starts`: follows the path of  h = t n(h) + (1 - t) h0,  that is  t r(h) + (1
/// - t) (h0 - h) = 0,  from (h0, 0) by pseudo-arclength continuation, so that it passes folds in t.
///
/// From almost every h0 in a trapping box the path is smooth, stays in the box and arrives at a
/// zero of r, whatever the shape of |r| (Chow, Mallet-Paret & Yorke 1978). It goes on past t = 1,
/// where it may turn and come back through further zeros, of indices -1 and +1 by turns, until it
/// has taken `max_steps` steps or t leaves [0, 2]. Without a box it may run away. Some paths at a
/// time are followed side by side, in the lanes of the SIMD registers.
std::vector<Path> trace_homotopies(const Equation& equation, ConstMatrixRef starts, int max_steps);

/// How many paths of `size` unknowns are followed side by side on one thread.
Index bundle_size(Index size);

}  // namespace nullcline::fixed_points
