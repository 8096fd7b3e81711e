// SPDX-License-Identifier: BSD-3-Clause
// Schur forms whose eigenvalues stand in order.
#pragma once

#include "nullcline/core/matrix.hpp"

namespace nullcline::numerics {

/// |lambda| < 1, or Re lambda < 0.
enum class Region { unit_disc, left_half_plane };

/// A = U T U^H with U unitary and T upper triangular, the eigenvalues in the region first.
struct SortedSchur {
  ComplexMatrix t, u;
  Index n_within = 0;
  bool converged = false;
};
SortedSchur sorted_schur(ConstMatrixRef a, Region region);

/// X with A X - X B = C, for upper triangular A and B without a common eigenvalue.
ComplexMatrix solve_sylvester(const ComplexMatrix& a, const ComplexMatrix& b,
                              const ComplexMatrix& c);

/// Powers of two d that make rows and columns of diag(1 / d) A diag(d) alike in size.
Vector balancing(ConstMatrixRef a);

}  // namespace nullcline::numerics
