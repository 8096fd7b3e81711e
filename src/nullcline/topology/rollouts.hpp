// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::topology {

/// settled: successive states differ by less than the tolerance. cycle: a state came back, but its
/// neighbour in time differs. diverged: left every bound. undecided: none of these by the horizon.
enum class Fate { settled, cycle, diverged, undecided };

struct RolloutEnd {
  Vector state;
  Fate fate = Fate::undecided;
  int steps = 0;
  int period = 0;  ///< of the cycle, 0 otherwise
};

/// Iterates a map under a held input from each row of `starts` until it settles, returns to a state
/// it had (Brent's algorithm, so that periods up to the horizon are seen), diverges, or reaches
/// `max_steps`. `tolerance` is in the infinity norm.
std::vector<RolloutEnd> roll_out(const dynamics::System& map, ConstVectorRef input,
                                 ConstMatrixRef starts, int max_steps, double tolerance = 1e-9);

}  // namespace nullcline::topology
