// SPDX-License-Identifier: BSD-3-Clause
// All fixed points of a map or flow in a box, with proof: branch and prune in few dimensions.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points {

/// Asked now and then with the number of boxes so far; false gives up.
using KeepGoing = std::function<bool(std::int64_t n_boxes)>;
inline constexpr std::int64_t kBoxesBetweenAsking = 256;

struct EnumerationOptions {
  std::int64_t max_boxes = 200000;  ///< boxes that are looked at before giving up
  /// Boxes that are narrower and neither hold exactly one fixed point nor none are left undecided.
  double min_width = 1e-6;
  /// Gives up after a sixteenth of the boxes where less than that part of the region was decided.
  bool is_hasty = false;
  KeepGoing keep_going;
};

/// Exactly one fixed point is in `enclosure`, and no other one in `uniqueness`, a box around it.
struct EnclosedPoint {
  dynamics::Box enclosure, uniqueness;
  int index = 0;  ///< sign det(I - Dn), for a flow sign det(-Df), proven; 0 if rounding hides it
};

/// A box in which fixed points are too close together, or too degenerate, to be told apart.
struct Cluster {
  dynamics::Box hull;
};

struct Enumeration {
  std::vector<EnclosedPoint> points;  ///< by their first coordinates
  std::vector<Cluster> clusters;      ///< disjoint
  /// Whether the points and clusters are proven to hold every fixed point of the region.
  bool is_complete = false;
  std::int64_t n_boxes = 0;
};

/// Encloses every fixed point of a map or flow in `region`, under a held input; some that lie next
/// to the region may be among them.
///
///     X <- X and n(X)                            forward contraction
///     K = m - Y r(m) + (I - Y A(X)) (X - m)      m the midpoint of X, Y ~ A(m)^-1, r(h) = n(h) - h
///     (flow: f(h)) K and X disjoint: no fixed point in X;     K inside X: exactly one;     else X
///     <- X and K X narrower than min_width: undecided;      else X is halved
///
/// Bounds are rounded outwards throughout. Bounded in time and memory: `is_complete` is false where
/// the boxes did not suffice. Reference: Krawczyk (1969); Neumaier (1990).
/// For a flow the contraction asks whether f(X) holds 0.
/// @throws InvalidInput unless the system has an interval extension.
Enumeration enumerate_fixed_points(const dynamics::System& map, ConstVectorRef input,
                                   const dynamics::Box& region,
                                   const EnumerationOptions& options = {});

}  // namespace nullcline::fixed_points
