// SPDX-License-Identifier: BSD-3-Clause
// Many trajectories at once, until they come to rest, come back, or leave every bound.
#pragma once

#include <vector>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::orbits::internal {

/// at_rest: the last step was below the tolerance. recurred: a state came back (Brent's algorithm).
enum class Event { none, at_rest, recurred, diverged };

struct Followed {
  Vector state;
  Event event = Event::none;
  int period = 0;  ///< of a recurrence
  int steps = 0;
};

/// Follows each row of `starts` under a held input (1, n_inputs), for at most max_steps.
/// `tolerance` is relative to 1 + |h|, in the infinity norm.
std::vector<Followed> follow(const dynamics::System& map, const Matrix& input,
                             ConstMatrixRef starts, int max_steps, double tolerance);

}  // namespace nullcline::orbits::internal
