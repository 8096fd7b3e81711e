// SPDX-License-Identifier: BSD-3-Clause
// Which proof says where all fixed points are, and what it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/fixed_points/enumerate.hpp"
#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points {

/// What is proven about all zeros of an equation: each one is in one of the points' enclosures,
/// which hold exactly one each, or in the hull of a cluster. In the coordinates of the equation.
struct Proof {
  std::vector<EnclosedPoint> points;
  std::vector<Cluster> clusters;
  std::string method;  ///< "an enumeration of 724 boxes that cover the trapping box"
};

/// Tries what applies to the system: the patterns of a relu map, the trapping box in few
/// dimensions, or that of the latent coordinates where the recurrent weights have low rank.
/// `max_boxes` are looked at in 8 dimensions or fewer, less where each takes longer. Empty if
/// nothing applies, if the boxes do not suffice, or if the indices of the points do not sum to +1,
/// as they must where there are no clusters: then the system's own claims contradict each other.
std::optional<Proof> prove_all(const Equation& equation, std::int64_t max_boxes,
                               const KeepGoing& keep_going = {});

}  // namespace nullcline::fixed_points
