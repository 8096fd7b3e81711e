// SPDX-License-Identifier: BSD-3-Clause
// Newton's method on F(K(theta)) = K(theta + rho) for an attracting circle.
#pragma once

#include "nullcline/dynamics/system.hpp"

namespace nullcline::orbits::internal {

struct Circle {
  Matrix samples;  ///< (2 n_modes + 1, n_states), evenly spaced in the angle
  double rotation = 0;
};

/// Rows: the weights by which samples at j / n (n odd) give the values at the angles, at
/// j / n + shift, and the derivatives at j / n; angles are in turns.
Matrix interpolation_matrix(Index n, ConstVectorRef angles);
Matrix shift_matrix(Index n, double shift);
Matrix derivative_matrix(Index n);

/// Largest |F(K(theta)) - K(theta + rho)|, on the grid moved by `offset`.
double invariance_error(const dynamics::System& map, const Matrix& input, const Circle& circle,
                        double offset);

/// One Newton step. With t the unit tangent and P = I - t t^T the correction is K' a + w, w normal:
///
///     w(theta + rho) = P(theta + rho) (DF w + e)(theta)       by iteration: it contracts
///     a(theta + rho) - a(theta) = tangential part - drho      mode by mode
///
/// Returns false if the normal iteration does not contract.
bool newton_step(const dynamics::System& map, const Matrix& input, Circle& circle);

/// The same circle with more modes.
Circle with_modes(const Circle& circle, Index n_modes);

}  // namespace nullcline::orbits::internal
