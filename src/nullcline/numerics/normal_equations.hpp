// SPDX-License-Identifier: BSD-3-Clause
// Symmetric positive definite systems, as least squares needs them. Only lower triangles are read
// and written. One thread, as all of linear_algebra.hpp.
#pragma once

#include "nullcline/core/matrix.hpp"

namespace nullcline::numerics {

/// Lower triangle of out = a^T a.  a: (m, n), out: (n, n).
void gram(ConstMatrixRef a, MatrixRef out);
/// A = L L^T in place, of a symmetric matrix. Returns false if A is not positive definite.
bool cholesky_factor(MatrixRef a);
/// Solves A x = b in place, given the factor.
void cholesky_solve(ConstMatrixRef factor, VectorRef b);

}  // namespace nullcline::numerics
