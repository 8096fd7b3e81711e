// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points {

/// The half width of a box around x, as large as was found, in which r has no zero, proven; 0 if
/// none was found or the system has no interval extension.
///
/// With w the left singular vector of the smallest singular value of A = Dr(x), w.r(x) > 0, and
/// A(X) an enclosure of Dr over X = x +- rho:
///
///     w.r(y) >= w.r(x) - rho sum_j |w^T A(X)|_j > 0   for all y in X.
///
/// A w that A nearly annihilates makes the box as wide as the square root of r, where a bound by
/// |A| would give one as wide as r itself. A box around a ghost may still lie between two zeros.
double exclusion_radius(const Equation& equation, ConstVectorRef x);

/// Whether that proof succeeds for a given half width.
bool is_excluded(const Equation& equation, ConstVectorRef x, double half_width);

}  // namespace nullcline::fixed_points
