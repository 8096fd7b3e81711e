// SPDX-License-Identifier: BSD-3-Clause
// What a graph needs to know of its nodes, and how rollouts leave them.
#pragma once

#include <cstdint>
#include <vector>

#include "nullcline/cycles/types.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/topology/graph.hpp"

namespace nullcline::topology::internal {

/// periodic: rollouts come back to its states exactly; wandering: they stay near it, as on a circle
/// or a cycle.
enum class NodeKind { point, periodic, wandering };

struct Node {
  NodeKind kind = NodeKind::point;
  Matrix states;  ///< one, or those of the orbit or the cycle
  /// Where rollouts start, with the multipliers and the unstable directions there.
  fixed_points::FixedPoint leaving;
  bool is_target = true;  ///< whether rollouts that wander near it have arrived
};

Node node_of(const fixed_points::FixedPoint& point);
/// An unstable periodic orbit is left at its first state, along the unstable directions of F^k.
Node node_of(const dynamics::System& map, ConstVectorRef input, const orbits::Orbit& orbit);
/// A cycle is left at its first state, along the unstable directions of its return map.
Node node_of(const dynamics::System& flow, ConstVectorRef input, const cycles::Cycle& cycle);

/// Of the nearest of these states (rows).
double distance_to(const Matrix& states, const Vector& state);
/// Distance of each node to its nearest neighbor; 1 for one that is alone.
Vector nearest_distances(const std::vector<Node>& nodes);

/// Unit directions in which rollouts leave, one per row; none for a point without unstable
/// directions that is probed along its unstable manifold.
Matrix directions(const fixed_points::FixedPoint& point, const GraphOptions& options,
                  std::uint64_t node);

}  // namespace nullcline::topology::internal
