// SPDX-License-Identifier: BSD-3-Clause
// Approximate fixed points: states that are slow enough, near where they were looked for.
#pragma once

#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points {

struct SlowStates {
  Matrix states;              ///< (n, n_states): those that became slow enough
  Vector speeds;              ///< q of each
  std::vector<Index> starts;  ///< the start that each came from, rising
  bool interrupted = false;
};

/// Gradient descent of q = 1/2 |F(h) - h|^2 of a map from each of the starts, each until its own q
/// is below `tolerance`; those that are not after `max_steps` steps are left out.
///
/// Across an approximate line attractor q falls fast, along it hardly at all: the states stop all
/// along the line, which a search for zeros, or a complete descent, would contract to a few points.
/// Steps grow by 1.2 where q falls, and are halved and tried again where it would rise.
/// @throws InvalidInput if the system is a flow, sizes do not fit, tolerance is not above 0 or
/// max_steps is below 0.
SlowStates find_slow_states(const dynamics::System& map, ConstVectorRef input,
                            ConstMatrixRef starts, double tolerance, int max_steps = 5000,
                            const Progress& progress = {});

}  // namespace nullcline::fixed_points
