// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/linear_algebra.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <Eigen/LU>
#include <limits>
#include <vector>

#include "nullcline/core/error.hpp"

namespace nullcline::numerics {

namespace {

// Parallelism belongs to our own loops: BLAS threads below them would fight for the cores.
const bool kBlasIsSingleThreaded = [] {
  openblas_set_num_threads(1);
  return true;
}();

using ColumnMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

int as_int(Index value) {
  NULLCLINE_ASSERT(value <= std::numeric_limits<int>::max());
  return static_cast<int>(value);
}

int stride_of(ConstMatrixRef a) { return as_int(std::max<Index>(a.outerStride(), 1)); }

void gemm(ConstMatrixRef a, ConstMatrixRef b, CBLAS_TRANSPOSE b_transposed, MatrixRef out,
          double beta) {
  if (out.size() == 0) return;
  if (a.cols() == 0) {
    out *= beta;
    return;
  }
  cblas_dgemm(CblasRowMajor, CblasNoTrans, b_transposed, as_int(out.rows()), as_int(out.cols()),
              as_int(a.cols()), 1.0, a.data(), stride_of(a), b.data(), stride_of(b), beta,
              out.data(), as_int(out.outerStride()));
}

void gemm(ConstFloatMatrixRef a, ConstFloatMatrixRef b, CBLAS_TRANSPOSE b_transposed,
          FloatMatrixRef out) {
  if (out.size() == 0) return;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, b_transposed, as_int(out.rows()), as_int(out.cols()),
              as_int(a.cols()), 1.0f, a.data(), as_int(a.outerStride()), b.data(),
              as_int(b.outerStride()), 0.0f, out.data(), as_int(out.outerStride()));
}

}  // namespace

void multiply_transposed(ConstFloatMatrixRef a, ConstFloatMatrixRef b, FloatMatrixRef out) {
  NULLCLINE_ASSERT(a.cols() == b.cols() && out.rows() == a.rows() && out.cols() == b.rows());
  gemm(a, b, CblasTrans, out);
}

void multiply(ConstFloatMatrixRef a, ConstFloatMatrixRef b, FloatMatrixRef out) {
  NULLCLINE_ASSERT(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols());
  gemm(a, b, CblasNoTrans, out);
}

void multiply_transposed(ConstMatrixRef a, ConstMatrixRef b, MatrixRef out, double beta) {
  NULLCLINE_ASSERT(a.cols() == b.cols() && out.rows() == a.rows() && out.cols() == b.rows());
  if (beta == 0) out.setZero();  // 0 * NaN must not survive
  gemm(a, b, CblasTrans, out, beta);
}

void multiply(ConstMatrixRef a, ConstMatrixRef b, MatrixRef out, double beta) {
  NULLCLINE_ASSERT(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols());
  if (beta == 0) out.setZero();
  gemm(a, b, CblasNoTrans, out, beta);
}

void multiply_vector(ConstMatrixRef a, ConstVectorRef x, VectorRef out) {
  NULLCLINE_ASSERT(a.cols() == x.size() && out.size() == a.rows());
  out.setZero();
  if (a.size() == 0) return;
  cblas_dgemv(CblasRowMajor, CblasNoTrans, as_int(a.rows()), as_int(a.cols()), 1.0, a.data(),
              stride_of(a), x.data(), 1, 0.0, out.data(), 1);
}

void multiply(const ComplexMatrix& a, const ComplexMatrix& b, ComplexMatrix& out) {
  NULLCLINE_ASSERT(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols());
  const std::complex<double> one = 1, zero = 0;
  out.setZero();
  if (out.size() == 0 || a.cols() == 0) return;
  cblas_zgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, as_int(out.rows()), as_int(out.cols()),
              as_int(a.cols()), &one, a.data(), as_int(a.cols()), b.data(), as_int(b.cols()), &zero,
              out.data(), as_int(out.cols()));
}

// Row-major A is column-major A^T for LAPACK: we factor A^T = P L U and solve with "transposed".
bool lu_factor(MatrixRef a, std::span<int> pivots) {
  NULLCLINE_ASSERT(a.rows() == a.cols() && static_cast<Index>(pivots.size()) == a.rows());
  if (a.rows() == 0) return true;
  const int n = as_int(a.rows());
  const int info =
      LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, a.data(), as_int(a.outerStride()), pivots.data());
  return info == 0;
}

void lu_solve(ConstMatrixRef lu, std::span<const int> pivots, VectorRef b) {
  if (lu.rows() == 0) return;
  const int n = as_int(lu.rows());
  LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, 'T', n, 1, lu.data(), stride_of(lu), pivots.data(),
                      b.data(), n);
}

void lu_solve(ConstMatrixRef lu, std::span<const int> pivots, MatrixRef b) {
  if (b.size() == 0) return;
  const int n = as_int(lu.rows());
  ColumnMajor columns = b;
  LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, 'T', n, as_int(b.cols()), lu.data(), stride_of(lu),
                      pivots.data(), columns.data(), n);
  b = columns;
}

int lu_sign(ConstMatrixRef lu, std::span<const int> pivots) {
  int sign = 1;
  for (Index i = 0; i < lu.rows(); ++i) {
    if (!(lu(i, i) != 0)) return 0;
    if (lu(i, i) < 0) sign = -sign;
    if (pivots[static_cast<std::size_t>(i)] != static_cast<int>(i) + 1) sign = -sign;
  }
  return sign;
}

Matrix inverse(ConstMatrixRef a) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  const int n = as_int(a.rows());
  Matrix result = a;
  if (n == 0) return result;
  std::vector<int> pivots(static_cast<std::size_t>(n));
  const bool regular =
      LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, result.data(), n, pivots.data()) == 0 &&
      LAPACKE_dgetri(LAPACK_COL_MAJOR, n, result.data(), n, pivots.data()) == 0;
  if (!regular) result.setConstant(std::numeric_limits<double>::quiet_NaN());
  return result;
}

Eigensystem eigensystem(ConstMatrixRef a) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  const Index n = a.rows();
  Eigensystem result{ComplexVector(n), ComplexMatrix(n, n), false};
  if (n == 0 || !a.allFinite()) {
    result.converged = n == 0;
    return result;
  }
  ColumnMajor copy = a;
  ColumnMajor vectors(n, n);
  Vector re(n), im(n);
  const int info = LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'V', as_int(n), copy.data(), as_int(n),
                                 re.data(), im.data(), nullptr, 1, vectors.data(), as_int(n));
  result.converged = info == 0;
  for (Index j = 0; j < n; ++j) {
    result.values(j) = {re(j), im(j)};
    if (im(j) == 0) {
      result.right.col(j) = vectors.col(j).cast<std::complex<double>>();
    } else if (im(j) > 0 && j + 1 < n) {  // a conjugate pair shares two columns: v = x +- i y
      for (Index i = 0; i < n; ++i) {
        result.right(i, j) = {vectors(i, j), vectors(i, j + 1)};
        result.right(i, j + 1) = {vectors(i, j), -vectors(i, j + 1)};
      }
    }
  }
  return result;
}

ComplexVector eigenvalues(ConstMatrixRef a) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  const Index n = a.rows();
  ComplexVector values = ComplexVector::Constant(n, std::numeric_limits<double>::quiet_NaN());
  if (n == 0 || !a.allFinite()) return values;
  ColumnMajor copy = a;
  Vector re(n), im(n);
  const int info = LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'N', as_int(n), copy.data(), as_int(n),
                                 re.data(), im.data(), nullptr, 1, nullptr, 1);
  if (info == 0)
    for (Index j = 0; j < n; ++j) values(j) = {re(j), im(j)};
  return values;
}

Svd svd(ConstMatrixRef a) {
  const Index rank = std::min(a.rows(), a.cols());
  Svd result{Matrix(a.rows(), rank), Vector(rank), Matrix(rank, a.cols())};
  if (rank == 0) return result;
  if (!a.allFinite()) throw InvalidInput("svd: the matrix holds values that are not finite");
  ColumnMajor copy = a, u(a.rows(), rank), vt(rank, a.cols());
  const int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', as_int(a.rows()), as_int(a.cols()),
                                  copy.data(), as_int(a.rows()), result.s.data(), u.data(),
                                  as_int(a.rows()), vt.data(), as_int(rank));
  NULLCLINE_ASSERT(info == 0);
  result.u = u;
  result.v_transposed = vt;
  return result;
}

SymmetricEigensystem symmetric_eigensystem(ConstMatrixRef a) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  if (!a.allFinite())
    throw InvalidInput("symmetric_eigensystem: the matrix holds values that are not finite");
  const int n = as_int(a.rows());
  ColumnMajor vectors = a;
  SymmetricEigensystem result{Vector(a.rows()), Matrix(a.rows(), a.rows())};
  if (n == 0) return result;
  const int info =
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', n, vectors.data(), n, result.values.data());
  NULLCLINE_ASSERT(info == 0);
  result.vectors = vectors;
  return result;
}

}  // namespace nullcline::numerics
