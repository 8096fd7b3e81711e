// SPDX-License-Identifier: BSD-3-Clause
// Where it is known that trajectories have arrived.
#pragma once

#include <span>
#include <vector>

#include "nullcline/cycles/types.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/portrait/types.hpp"

namespace nullcline::portrait {

/// An ellipsoid |S (h - c)| <= 1 around the k-periodic point c (k = 1: a fixed point) that is
/// proven to shrink onto it: with S made of the eigenvectors, for every J in the enclosure of the
/// Jacobians over the ellipsoid's box
///
///     map: |S J S^-1| < 1;    flow (in the sense of time `sense`): S J S^-1 + transpose < 0.
///
/// The averaged Jacobian along a segment is among these J, so the norm of S (h - c) falls
/// (Krasovskii 1959). The largest of ellipsoids halved from the size of `box` is taken. Without
/// intervals the condition is asked at samples, and the verdict is not_proven. Nothing where no
/// size passes: at a point that does not attract, or only beyond first order.
std::optional<Attractor> ellipsoid_around(const dynamics::System& system, ConstVectorRef input,
                                          ConstVectorRef point, const dynamics::Box& box,
                                          int period = 1, int sense = 1);

/// A disc across the flow at the first state of a cycle whose points return nearer to the cycle
/// after one turn in the sense of time: in the plane that and its images bound a ring without fixed
/// points that trajectories cannot leave. Nothing if none does.
std::optional<Attractor> disc_across(const dynamics::System& flow, ConstVectorRef input,
                                     const cycles::Cycle& cycle, const dynamics::Box& box,
                                     int sense = 1);

/// All attractors of a portrait's points, cycles and orbits; backwards in time (a flow only) all
/// repellers.
std::vector<Attractor> find_attractors(const dynamics::System& system, const Portrait& portrait,
                                       int sense = 1);

/// The one of `attractors` that has captured a trajectory which moved from `before` to `after`, or
/// -1: `after` is in an ellipsoid, or the straight line between the two passes through a disc.
Index captured_by(const std::vector<Attractor>& attractors, ConstVectorRef before,
                  ConstVectorRef after);

}  // namespace nullcline::portrait
