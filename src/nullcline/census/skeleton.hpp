// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/census/types.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::census {

struct SkeletonOptions {
  std::int64_t max_boxes = 20000;  ///< of the proof that all fixed points are known
  double tolerance = 1e-9;         ///< of a step of the integrator
  int max_steps = 100000;          ///< of a trajectory
  bool keeps_manifolds = false;    ///< for pictures

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("max_boxes", self.max_boxes, "boxes of the proof that all fixed points are known");
    field("tolerance", self.tolerance, "error of a step of the integrator");
    field("max_steps", self.max_steps, "steps of a trajectory");
  }
};

/// Fixed points (proven, with their types), limit cycles and connections of a flow of one or two
/// states under a held input. In the plane
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
/// points alone are the skeleton; with three and more they are given without cycles and
/// connections.
/// @throws InvalidInput as `prove_points`, or for an option out of range.
Skeleton find_skeleton(const dynamics::System& flow, ConstVectorRef input,
                       const SkeletonOptions& options = {});

}  // namespace nullcline::census
