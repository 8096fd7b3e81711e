// SPDX-License-Identifier: BSD-3-Clause
// Fewer points for a picture that looks the same.
#pragma once

#include <span>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::report {

/// What is left of a family of trajectories.
struct ThinnedTrajectories {
  std::vector<Matrix> trajectories;  ///< rows of the originals, ends included
  double tolerance = 0;              ///< no dropped point was farther than this from the kept one
                                     ///< before it, in diagonals of the family's bounding box
  Index n_points = 0;
};

/// Keeps the first and last point of each trajectory and every point farther than the tolerance
/// from the last kept one: dwelling costs nothing, fast passages stay whole. The tolerance is the
/// smallest (within 1 %) that leaves at most `max_points`. Where even two points per trajectory are
/// too many, evenly spaced trajectories are kept. A trajectory ends before its first value that is
/// not finite; what is empty then is dropped.
ThinnedTrajectories thin_trajectories(std::span<const Matrix> trajectories, Index max_points);

/// Positions of at most `max_points` values of a curve (6, if it is less): the ends, and the lowest
/// and the highest of each of a number of equal stretches, so that no spike is lost. Values that
/// are not finite are kept only where a stretch has no other.
std::vector<Index> thin_curve(std::span<const double> values, Index max_points);

}  // namespace nullcline::report
