// SPDX-License-Identifier: BSD-3-Clause
// How many eigenvalues of a matrix lie beyond the boundary of stability, without the eigenvalues.
#pragma once

#include <optional>

#include "nullcline/core/matrix.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points {

/// The number of eigenvalues with |lambda| > 1 (a flow: Re lambda > 0) of every matrix J with
/// |J - middle| <= radii entry by entry, proven, and that none is on the boundary. With a symmetric
/// X that is computed in floating point it is shown that
///
///     X - J^T X J > 0        (a flow: -(J^T X + X J) > 0)
///
/// for all J: then as many eigenvalues of J are beyond the boundary as X has negative ones (Stein,
/// Lyapunov). This does not suffer from defective or clustered eigenvalues as Gershgorin's discs
/// do. Empty where it could not be shown: where J is within about 1e-7 |J| of a matrix that has an
/// eigenvalue on the boundary, up to scaling. `middle` and `radii` are square, of the same size.
/// Reference: Ostrowski & Schneider (1962); Wimmer (1973).
std::optional<int> count_beyond(dynamics::Time time, const Matrix& middle, const Matrix& radii);

}  // namespace nullcline::fixed_points
