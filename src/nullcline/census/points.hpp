// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "nullcline/census/types.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::census {

/// A fixed point, proven to exist and to have this many unstable directions.
struct ProvenPoint {
  Vector state;
  Matrix jacobian;
  int n_unstable = 0;
};

struct PointSet {
  /// decided, degenerate or unproven.
  Verdict verdict = Verdict::unproven;
  std::vector<ProvenPoint> points;  ///< all of them, where decided
  dynamics::Box box;                ///< of states, which holds them all
  bool is_trapping = false;
};

/// All fixed points of a system with their types, all of it with proof: by branch and prune in the
/// trapping box, or in the search box, or in that of the reduced map, whose lift, a little wider,
/// then is the box of states (for an LSTM |c| <= sup i / (1 - sup f), which no trajectory leaves).
/// Of a flow in the plane the type follows from the signs of determinant
/// and trace of the Jacobian over the enclosure, else from `certify_stability`.
/// @throws InvalidInput for a system without interval extension or box.
PointSet prove_points(const dynamics::System& system, ConstVectorRef input, std::int64_t max_boxes);

}  // namespace nullcline::census
