// SPDX-License-Identifier: BSD-3-Clause
// Trajectories of flows and maps, followed to their end.
#pragma once

#include <vector>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/portrait/types.hpp"

namespace nullcline::portrait {

struct PathOptions {
  double max_time = 2000;
  double tolerance = 1e-9;
  int max_steps = std::numeric_limits<int>::max();  ///< of the integrator of a flow
  double max_length = std::numeric_limits<double>::infinity();
  bool is_stored = true;  ///< false: only the first and the last state are kept
};

struct Path {
  Vector times;   ///< from 0, falling backwards in time
  Matrix states;  ///< (n_times, n_states), all finite
  double length = 0;
  End end = End::undecided;
  Index attractor = -1;  ///< the one of the list that captured it
};

/// Follows a flow in either sense of time, or a map: backwards by Newton's method, each preimage
/// from the state before. Ends where an attractor (in this sense) captures it, and is then drawn on
/// to within a thousandth of the box of a point, and for three turns on a cycle; beyond the box by
/// three of its sizes; or as End says.
Path follow(const dynamics::System& system, ConstVectorRef input, ConstVectorRef start,
            const dynamics::Box& box, const std::vector<Attractor>& attractors, int sense,
            const PathOptions& options = {});

/// h with F(h) = image by Newton's method from `guess`; nothing where it fails.
std::optional<Vector> preimage(const dynamics::System& map, ConstVectorRef input,
                               ConstVectorRef image, ConstVectorRef guess);

/// Whether a state is beyond the box by three of its sizes.
bool has_left(const dynamics::Box& box, ConstVectorRef state);

/// Numbers an attractor's kind and which of its kind.
End end_of(const Attractor& attractor);

}  // namespace nullcline::portrait
