// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/schur.hpp"

#include <complex>
#include <limits>

// Complex numbers of C++ in the interface of LAPACK, not those of C.
#define LAPACK_COMPLEX_CUSTOM                       // NOLINT: names of theirs
#define lapack_complex_float std::complex<float>    // NOLINT
#define lapack_complex_double std::complex<double>  // NOLINT
#include <lapacke.h>

#include "nullcline/core/error.hpp"

namespace nullcline::numerics {

namespace {

using Complex = std::complex<double>;
using ColumnMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

lapack_logical is_in_unit_disc(const Complex* value) { return std::abs(*value) < 1 ? 1 : 0; }
lapack_logical is_in_left_half_plane(const Complex* value) { return value->real() < 0 ? 1 : 0; }

int as_int(Index value) {
  NULLCLINE_ASSERT(value <= std::numeric_limits<int>::max());
  return static_cast<int>(value);
}

}  // namespace

SortedSchur sorted_schur(ConstMatrixRef a, Region region) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  const int n = as_int(a.rows());
  SortedSchur result{ComplexMatrix(a.cast<Complex>()), ComplexMatrix(n, n), 0, false};
  if (n == 0 || !a.allFinite()) return result;
  ColumnMajor t = result.t, u(n, n);
  ComplexVector values(n);
  int n_within = 0;
  const int info =
      LAPACKE_zgees(LAPACK_COL_MAJOR, 'V', 'S',
                    region == Region::unit_disc ? &is_in_unit_disc : &is_in_left_half_plane, n,
                    t.data(), n, &n_within, values.data(), u.data(), n);
  // n + 2: rounding moved eigenvalues across the border while they were sorted.
  result.converged = info == 0 || info == n + 2;
  result.t = t;
  result.u = u;
  result.n_within = n_within;
  return result;
}

// Column by column: (A - b_jj) x_j = c_j + sum_(l < j) x_l b_lj.
ComplexMatrix solve_sylvester(const ComplexMatrix& a, const ComplexMatrix& b,
                              const ComplexMatrix& c) {
  NULLCLINE_ASSERT(a.rows() == c.rows() && b.rows() == c.cols());
  ComplexMatrix x(c.rows(), c.cols());
  ComplexMatrix shifted = a;
  for (Index j = 0; j < c.cols(); ++j) {
    shifted.diagonal() = a.diagonal().array() - b(j, j);
    const ComplexVector right = c.col(j) + x.leftCols(j) * b.col(j).head(j);
    x.col(j) = shifted.triangularView<Eigen::Upper>().solve(right);
  }
  return x;
}

// Of the transposed matrix, as LAPACK sees it: diag(1 / s) A^T diag(s).
Vector balancing(ConstMatrixRef a) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  const int n = as_int(a.rows());
  Vector scale = Vector::Ones(n);
  if (n == 0 || !a.allFinite()) return scale;
  Matrix copy = a;
  int low = 0, high = 0;
  LAPACKE_dgebal(LAPACK_COL_MAJOR, 'S', n, copy.data(), n, &low, &high, scale.data());
  return scale.cwiseInverse();
}

}  // namespace nullcline::numerics
