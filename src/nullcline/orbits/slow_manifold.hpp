// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::orbits {

struct SlowManifoldOptions {
  double max_drift = 0.05;  ///< per step of the map: where it is larger the curve ends
  double step = 0.05;       ///< largest distance between two states of the curve
  int max_steps = 2000;     ///< states in each sense
  double slowness = 0.1;    ///< points whose slowest real eigenvalue is this near to 1 are starts

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("max_drift", self.max_drift, "drift in a step at which the curve ends");
    field("step", self.step, "largest distance between two states of the curve");
    field("max_steps", self.max_steps, "states of the curve in each sense");
    field("slowness", self.slowness, "distance from 1 of the eigenvalue of a start");
  }
};

/// Why a curve ended.
enum class SlowManifoldEnd { closed, too_fast, outside, max_steps, stalled };

/// An approximate continuous attractor: a curve along which the map moves slowly.
struct SlowManifold {
  int point = -1;        ///< of the set: where it was started
  Matrix states;         ///< (n, n_states), in the order of arclength
  Vector arclength;      ///< (n), from the first state; Euclidean
  Vector drift;          ///< (n): alpha, positive towards larger arclength
  Vector transverse;     ///< (n): largest |eigenvalue| but for the one nearest to 1
  bool is_ring = false;  ///< closed; else a line
  double length = 0;
  /// Indices i with a fixed point between states i and i + 1: the drift changes sign there.
  std::vector<int> fixed_points;
  std::vector<int> ghosts;  ///< states where |drift| is least without a change of sign
  SlowManifoldEnd first_end = SlowManifoldEnd::stalled, last_end = SlowManifoldEnd::stalled;
};

/// Follows the slow direction of a map away from its fixed and slow points: the curve of states
/// with
///
///     F(h) - h = alpha t,    t: unit tangent of the curve,
///
/// by bordered Newton steps. alpha is the drift along the curve, its zeros are fixed points and its
/// small extrema ghosts. Each point of `set` (not of another input) whose slowest real eigenvalue
/// is near 1 starts one curve, unless it lies on a curve that was traced before.
/// A curve is a continuous attractor for a task of T steps as far as |alpha| T is small against its
/// length, and `transverse` is below 1.
/// @throws InvalidInput if the system is a flow, sizes do not fit or an option is out of range.
/// Reference: Seung (1996) for line attractors; Sagodi et al. (2024) for slow manifolds near them.
std::vector<SlowManifold> trace_slow_manifold(const dynamics::System& map,
                                              const fixed_points::FixedPointSet& set,
                                              const SlowManifoldOptions& options = {});

}  // namespace nullcline::orbits

template <>
struct nullcline::EnumNames<nullcline::orbits::SlowManifoldEnd> {
  static constexpr std::array values{
      std::pair{nullcline::orbits::SlowManifoldEnd::closed, "closed"},
      std::pair{nullcline::orbits::SlowManifoldEnd::too_fast, "too_fast"},
      std::pair{nullcline::orbits::SlowManifoldEnd::outside, "outside"},
      std::pair{nullcline::orbits::SlowManifoldEnd::max_steps, "max_steps"},
      std::pair{nullcline::orbits::SlowManifoldEnd::stalled, "stalled"},
  };
};
