// SPDX-License-Identifier: BSD-3-Clause
// BLAS and LAPACK behind Eigen's vocabulary; kernels are chosen at run time by OpenBLAS. Each call
// runs on one thread: parallelism belongs to the loops around it.
#pragma once

#include <span>

#include "nullcline/core/matrix.hpp"

namespace nullcline::numerics {

/// out = a b^T + beta out.  a: (m, k), b: (n, k), out: (m, n).
void multiply_transposed(ConstMatrixRef a, ConstMatrixRef b, MatrixRef out, double beta = 0);
/// out = a b + beta out.  a: (m, k), b: (k, n), out: (m, n).
void multiply(ConstMatrixRef a, ConstMatrixRef b, MatrixRef out, double beta = 0);
void multiply(const ComplexMatrix& a, const ComplexMatrix& b, ComplexMatrix& out);

/// out = a x.  a: (m, n), x: (n), out: (m).
void multiply_vector(ConstMatrixRef a, ConstVectorRef x, VectorRef out);

using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatMatrixRef = Eigen::Ref<FloatMatrix>;
using ConstFloatMatrixRef = const Eigen::Ref<const FloatMatrix>&;

/// out = a b^T.  a: (m, k), b: (n, k).
void multiply_transposed(ConstFloatMatrixRef a, ConstFloatMatrixRef b, FloatMatrixRef out);
/// out = a b.  a: (m, k), b: (k, n).
void multiply(ConstFloatMatrixRef a, ConstFloatMatrixRef b, FloatMatrixRef out);

/// PA = LU in place of a square matrix. `pivots` has one entry per row.
/// Returns false if a pivot is exactly zero.
bool lu_factor(MatrixRef a, std::span<int> pivots);
/// Solves A x = b in place, given the factors.
void lu_solve(ConstMatrixRef lu, std::span<const int> pivots, VectorRef b);
/// Solves A X = B in place for all columns of B.
void lu_solve(ConstMatrixRef lu, std::span<const int> pivots, MatrixRef b);
/// Sign of det A from the factors: -1, 0 or 1.
int lu_sign(ConstMatrixRef lu, std::span<const int> pivots);
/// A^-1; all NaN if A is singular.
Matrix inverse(ConstMatrixRef a);
FloatMatrix inverse(ConstFloatMatrixRef a);

/// Eigenvalues and right eigenvectors (columns, unit 2-norm) of a general real matrix, unsorted.
struct Eigensystem {
  ComplexVector values;
  ComplexMatrix right;
  bool converged = false;
};
Eigensystem eigensystem(ConstMatrixRef a);
ComplexVector eigenvalues(ConstMatrixRef a);

/// Thin singular value decomposition A = U diag(s) V^T, s falling.
struct Svd {
  Matrix u;
  Vector s;
  Matrix v_transposed;
};
Svd svd(ConstMatrixRef a);

/// Symmetric eigenvalues (rising) and eigenvectors (columns).
struct SymmetricEigensystem {
  Vector values;
  Matrix vectors;
};
SymmetricEigensystem symmetric_eigensystem(ConstMatrixRef a);

}  // namespace nullcline::numerics
