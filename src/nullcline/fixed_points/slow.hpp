// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points {

/// A local minimum of q = 1/2 |r|^2 that is no zero of r: a ghost, the trace of two zeros that met
/// and vanished. Trajectories take about `lifetime` to pass it.
struct SlowPoint {
  Vector state;
  double q = 0;
  double lifetime = 0;  ///< steps of a map, time of a flow
};

/// Slow points with a larger q are not kept: nothing rests there.
inline constexpr double kLargestSlowSpeed = 1e-3;
/// Nor are those that are passed within so many steps (a flow: fastest time constants, where there
/// is more than one state).
inline constexpr double kShortestLifetime = 10;
/// The slowest ones are kept.
inline constexpr std::size_t kMaxSlowPoints = 10;

/// Descends q from `start` with H = A^T A + beta v v^T, where v is the right singular vector of the
/// smallest singular value of A = Dr and beta = |r . D2r[v, v]| the part of the Hessian of q that
/// Gauss-Newton misses and a ghost lives by. Empty unless it ends at a stationary point whose
/// passage takes a finite time, with q and lifetime within the bounds above.
///
/// With left and right null vectors w, v of A:  x' = eps + a x^2 along v,  eps = w.r / w.v,
/// a = w.D2r[v, v] / (2 w.v),  lifetime = pi / sqrt(eps a).
/// Reference: Strogatz & Westervelt (1989).
/// Also empty as soon as `is_known` says that a state belongs to a known zero.
std::optional<SlowPoint> refine_slow_point(
    const Equation& equation, ConstVectorRef start,
    const std::function<bool(const Vector& state)>& is_known = {});

/// Merges slow points between which q has no barrier, and keeps the slowest, in order of q.
std::vector<SlowPoint> distinct_slow_points(const Equation& equation,
                                            std::vector<SlowPoint> points);

}  // namespace nullcline::fixed_points
