// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/census/points.hpp"
#include "nullcline/census/skeleton.hpp"

namespace nullcline::census {

/// Where some trajectories end that end at no fixed point.
struct AttractorSet {
  bool is_decided = true;   ///< false: the end of one was not recognized
  std::vector<Node> nodes;  ///< stable_cycle, torus, chaos; cycles of a flow without period
  double exponent = std::numeric_limits<double>::quiet_NaN();  ///< the largest, of what is chaotic
  double exponent_error = std::numeric_limits<double>::quiet_NaN();
};

/// Follows `n_trajectories` trajectories from random states of the box, the same for all systems of
/// a census. Of a map: orbits, invariant circles, tori and chaos by `orbits::find_orbits`. Of a
/// flow: stable cycles, which differ in period or extent, and by Lyapunov exponents over `duration`
/// tori and chaos, of each of which one node at most is given.
AttractorSet find_attractors(const dynamics::System& system, ConstVectorRef input,
                             const PointSet& points, const SkeletonOptions& options);

}  // namespace nullcline::census
