// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>

#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

/// Evidence that a zero of r is there, alone. Only `certify` makes one.
struct Certificate {
  bool exists = false;  ///< exactly one zero lies within `radius`, and none besides within
                        ///< `uniqueness_radius`
  Verdict verdict = Verdict::not_proven;  ///< proven: with outward rounding throughout
  double radius = std::numeric_limits<double>::infinity();  ///< infinity norm, coordinates of r
  double uniqueness_radius = 0;
};

/// Tests x for a zero of r nearby, by the Krawczyk operator over boxes X = x +- rho:
///
///     K(X) = x - Y r(x) + (I - Y A(X)) (X - x),   Y ~ Dr(x)^-1,   A(X) encloses Dr over X
///
/// K(X) in the interior of X: exactly one zero is in X. The smallest X that passes gives `radius`,
/// the largest one tried gives `uniqueness_radius`.
/// With the system's interval extension the verdict is proven. Without it A(X) is sampled and the
/// verdict stays not_proven. `with_uniqueness` = false skips the search for the largest X.
/// Reference: Krawczyk (1969); Rump (2010).
Certificate certify(const Equation& equation, ConstVectorRef point, bool with_uniqueness = true);

/// How far the one zero in the box x +- half_width is from x at most: |K(X) - x| where the Krawczyk
/// test of this box passes, proven; infinity where it does not.
double zero_distance(const Equation& equation, ConstVectorRef point, double half_width);

}  // namespace nullcline::fixed_points
