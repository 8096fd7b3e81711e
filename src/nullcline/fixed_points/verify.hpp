// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

/// A claim of a result that could not be shown again.
struct Doubt {
  Index point = -1;  ///< in set.points; -1: a claim about the whole set
  std::string claim;
};

/// Shows each claim of proof in `set` anew from the states and the system alone, and returns those
/// that fail: that a fixed point lies within `radius`, and no other within `uniqueness_radius`; its
/// index; that `n_unstable` directions are unstable; that no fixed point is within
/// `exclusion_radius` of a slow point; and the sum of the indices. Claims of verdict not_proven are
/// not looked at, nor is completeness.
/// @throws InvalidInput if sizes do not fit the system.
std::vector<Doubt> verify(const dynamics::System& system, const FixedPointSet& set,
                          const Progress& progress = {});

}  // namespace nullcline::fixed_points
