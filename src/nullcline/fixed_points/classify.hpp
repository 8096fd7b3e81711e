// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

/// An eigenvalue this near the boundary of stability makes a point degenerate.
inline constexpr double kDegenerateMargin = 1e-9;
/// A relu this near to its kink counts as at it.
inline constexpr double kKinkMargin = 1e-9;
/// Condition of the eigenvectors (infinity norm) above which modes are unreliable.
inline constexpr double kDefectiveCondition = 1e8;

/// Fills what the Jacobian of the full system says about point.state: eigenvalues in falling order
/// (map: |lambda|; flow: Re lambda), right eigenvectors R, left eigenvectors L = R^-1, time
/// constants, frequencies, n_unstable, stability and defective; and speed, residual and at_kink.
void linearize(const dynamics::System& system, ConstVectorRef input, FixedPoint& point);

}  // namespace nullcline::fixed_points
