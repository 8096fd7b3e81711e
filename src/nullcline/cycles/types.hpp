// SPDX-License-Identifier: BSD-3-Clause
// Limit cycles of flows. Plain data.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::cycles {

/// A periodic solution h(t) of dh/dt = f(h, x), as a polynomial of degree `kDegree` on each
/// interval of a mesh of [0, 1], with time in units of the period.
struct Cycle {
  double period = 0;
  Vector mesh;    ///< (n_intervals + 1): 0 ... 1
  Matrix states;  ///< (n_intervals * kDegree, n_states): evenly spaced in each interval, from its
                  ///< begin; after the last comes the first
  /// Floquet multipliers by falling modulus, the trivial one left out.
  ComplexVector multipliers;
  double trivial_multiplier = std::numeric_limits<double>::quiet_NaN();  ///< 1, but for errors
  int n_unstable = 0;  ///< multipliers beyond the unit circle
  bool is_stable = false;
  Vector minimum, maximum;  ///< of each coordinate along the cycle
  /// Largest residual of the differential equation between the points of collocation, relative to
  /// the largest |f| on the cycle.
  double residual = std::numeric_limits<double>::infinity();
  /// Difference of the period to that on a mesh of half as many intervals, relative.
  double period_error = std::numeric_limits<double>::infinity();
};

inline constexpr Index kDegree = 4;

}  // namespace nullcline::cycles
