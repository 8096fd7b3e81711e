// SPDX-License-Identifier: BSD-3-Clause
// One-dimensional stable and unstable manifolds of saddles.
#pragma once

#include <vector>

#include "nullcline/portrait/paths.hpp"

namespace nullcline::portrait {

/// The branches along the single real unstable (stable) eigenvector of a saddle, both ways; none
/// where there is no single one. Of a flow: a trajectory from 1e-6 of the box off the saddle,
/// forwards (backwards) in time. Of a map: images (preimages) of the segment from that place to its
/// image, the fundamental domain, with points inserted into it until neighbors are near
/// (Krauskopf & Osinga 1998). `ends` are the attractors (repellers) that end them.
std::vector<Manifold> manifolds_of(const dynamics::System& system, ConstVectorRef input,
                                   const fixed_points::FixedPoint& saddle, bool is_stable,
                                   const dynamics::Box& box, const std::vector<Attractor>& ends,
                                   const PathOptions& options);

}  // namespace nullcline::portrait
