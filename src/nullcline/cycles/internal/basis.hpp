// SPDX-License-Identifier: BSD-3-Clause
// Lagrange polynomials on evenly spaced nodes of [0, 1], and Gauss points there.
#pragma once

#include <array>

#include "nullcline/cycles/collocation.hpp"

namespace nullcline::cycles::internal {

inline constexpr Index kNodes = kDegree + 1;
using BasisValues = std::array<double, static_cast<std::size_t>(kNodes)>;

BasisValues basis_at(double s);
BasisValues basis_slopes_at(double s);
/// The derivative of order kDegree.
BasisValues leading_coefficients();

struct GaussPoint {
  double s, weight;
  BasisValues values, slopes;
};
const std::array<GaussPoint, static_cast<std::size_t>(kDegree)>& gauss_points();

/// Weights of the base points in a mean over the cycle.
Vector point_weights(const Profile& profile);

}  // namespace nullcline::cycles::internal
