// SPDX-License-Identifier: BSD-3-Clause
// What the local solvers share: many starts in, one end state each out.
#pragma once

#include <cstdint>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/core/termination.hpp"

namespace nullcline::fixed_points {

/// Where a batch of starts ended, one entry per start.
struct EndStates {
  Matrix points;                          ///< (n_starts, size)
  std::vector<Termination> terminations;  ///< converged: the last step was small
  std::vector<Index> captured;            ///< id of the uniqueness box that was entered, or -1
  std::vector<int> steps;                 ///< linear solves of each start
  std::int64_t n_steps = 0;               ///< and of all

  explicit EndStates(ConstMatrixRef starts)
      : points(starts),
        terminations(static_cast<std::size_t>(starts.rows()), Termination::not_run),
        captured(static_cast<std::size_t>(starts.rows()), -1),
        steps(static_cast<std::size_t>(starts.rows()), 0) {}
};

/// A step below this share of 1 + |x| ends a solver: Newton converges quadratically, so that what
/// is left is below 1e-14. Nothing is decided by it; a certificate is what makes a fixed point.
inline constexpr double kSmallStep = 1e-7;

/// How many starts of `size` unknowns are solved together.
inline Index batch_size(Index size) { return size <= 256 ? 32 : 64; }

}  // namespace nullcline::fixed_points
