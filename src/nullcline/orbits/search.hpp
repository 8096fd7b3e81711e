// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits {

struct OrbitOptions {
  int trajectories = 64;         ///< visited states that are followed; 0: none
  int trajectory_steps = 10000;  ///< after which a trajectory has no end
  int max_period = 1;            ///< all orbits up to this period are searched, not only attractors
  /// Of the search with max_period; its seed is that of all random states.
  fixed_points::SearchOptions search = {};

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("trajectories", self.trajectories, "visited states that are followed to their end");
    field("trajectory_steps", self.trajectory_steps, "steps after which a trajectory has no end");
    field("max_period", self.max_period, "search all orbits up to this period, stable or not");
  }
};

/// @throws InvalidInput naming the option that is out of range.
void check_options(const OrbitOptions& options);

/// Where trajectories of a map really end, under the input of `set`: follows visited states (random
/// ones, if there are none), and classifies what they end on that is none of the points of `set`:
/// periodic orbits, invariant circles, tori, chaos. With max_period above 1 also searches all
/// periodic orbits up to it. The result is the same for any number of threads.
/// A flow gets an empty result whose note says so.
/// @throws InvalidInput if sizes do not fit or an option is out of range.
OrbitSet find_orbits(const dynamics::System& system, const fixed_points::FixedPointSet& set,
                     ConstMatrixRef visited, const OrbitOptions& options = {},
                     const Progress& progress = {});

}  // namespace nullcline::orbits
