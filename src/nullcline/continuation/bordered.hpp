// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::continuation {

/// Borders of a matrix A: (m, k) that has lost rank: left (m, l), right (k, r), m + r = k + l.
struct Borders {
  Matrix left, right;
};

/// The borders of a matrix (m, k >= m) whose rank is l below m and r below k: its last singular
/// vectors.
Borders singular_borders(ConstMatrixRef a, Index l, Index r);

/// The solution of the bordered system
///
///     | A        left | | X |   | 0 |
///     | right^T  0    | | g | = | I |
///
/// g = 0 (l x r) where A has lost that rank; X then spans the right null space. With Y of the
/// transposed system a change of A changes g by dg = -Y^T dA X.
/// Reference: Govaerts, Numerical Methods for Bifurcations of Dynamical Equilibria (2000).
struct BorderedSolution {
  bool is_regular = false;
  Matrix x, y, g;
};
BorderedSolution bordered_solution(ConstMatrixRef a, const Borders& borders);

/// Borders that follow the solution: orthonormal bases of Y and X.
Borders updated_borders(const BorderedSolution& solution);

}  // namespace nullcline::continuation
