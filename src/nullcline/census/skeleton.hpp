// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/census/types.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::census {

struct SkeletonOptions {
  std::int64_t max_boxes = 20000;  ///< of the proof that all fixed points are known
  double tolerance = 1e-9;         ///< of a step of the integrator
  int max_steps = 100000;          ///< of a trajectory
  int n_trajectories = 0;          ///< that look for attractors, of maps and in three states
  double duration = 5000;          ///< of such a trajectory: time, or steps of a map
  bool keeps_manifolds = false;    ///< for pictures

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("max_boxes", self.max_boxes, "boxes of the proof that all fixed points are known");
    field("tolerance", self.tolerance, "error of a step of the integrator");
    field("max_steps", self.max_steps, "steps of a trajectory");
    field("n_trajectories", self.n_trajectories,
          "maps, and flows of three states and more: trajectories that look for attractors");
    field("duration", self.duration, "of such a trajectory: time, or steps of a map");
  }
};

/// Fixed points (proven, with their types), limit cycles and connections of a flow of one or two
/// states under a held input; fixed points and attractors of other systems. In the plane
///
///     follow   one trajectory from each sink backwards and from each source forwards in time,
///              both halves of both manifolds of each saddle, one trajectory from outside,
///              and both sides of each cycle that is found, away from it
///     until    it is in a region around a sink (backwards: a source) that is proven to be
///              attracted, has left the box, or winds onto a cycle.
///
/// Between hyperbolic points and cycles without connections of saddles, these trajectories meet
/// every cycle (docs/methods/census.md). A cycle is a change of sign of the return map on a
/// section; its ends, and those of the connections, are computed, not proven. With one state the
/// points alone are the skeleton. Of maps, and of flows of three states and more, they are given
/// without connections, with the attractors that `n_trajectories` trajectories come to
/// (attractors.hpp).
/// @throws InvalidInput as `prove_points`, or for an option out of range.
Skeleton find_skeleton(const dynamics::System& system, ConstVectorRef input,
                       const SkeletonOptions& options = {});

}  // namespace nullcline::census
