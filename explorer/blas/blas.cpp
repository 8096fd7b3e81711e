// SPDX-License-Identifier: BSD-3-Clause
// Products, factorizations and spectra of small dense matrices, by Eigen, behind the names of CBLAS and
// LAPACKE. The explorer's matrices have one to three rows, and those of collocation a few hundred.
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <complex>

#include "cblas.h"
#include "lapacke.h"

namespace {

using Complex = std::complex<double>;
using Eigen::Dynamic;
using Eigen::Index;
using Stride = Eigen::OuterStride<>;

template <class T, int kOrder>
using Dense = Eigen::Matrix<T, Dynamic, Dynamic, kOrder>;
template <class T>
using RowMajor = Eigen::Map<const Dense<T, Eigen::RowMajor>, 0, Stride>;
template <class T>
using MutableRowMajor = Eigen::Map<Dense<T, Eigen::RowMajor>, 0, Stride>;
template <class T>
using Columns = Eigen::Map<Dense<T, Eigen::ColMajor>, 0, Stride>;
template <class T>
using ConstColumns = Eigen::Map<const Dense<T, Eigen::ColMajor>, 0, Stride>;

// C = alpha op(A) op(B) + beta C, all row-major. beta = 0 does not read C.
template <class T>
void gemm(CBLAS_TRANSPOSE a_transposed, CBLAS_TRANSPOSE b_transposed, int m, int n, int k, T alpha,
          const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc) {
  const bool ta = a_transposed == CblasTrans, tb = b_transposed == CblasTrans;
  const RowMajor<T> left(a, ta ? k : m, ta ? m : k, Stride(lda));
  const RowMajor<T> right(b, tb ? n : k, tb ? k : n, Stride(ldb));
  MutableRowMajor<T> out(c, m, n, Stride(ldc));
  if (beta == T(0)) out.setZero();
  if (beta != T(0) && beta != T(1)) out *= beta;
  if (ta && tb)
    out.noalias() += alpha * (left.transpose() * right.transpose());
  else if (ta)
    out.noalias() += alpha * (left.transpose() * right);
  else if (tb)
    out.noalias() += alpha * (left * right.transpose());
  else
    out.noalias() += alpha * (left * right);
}

template <class T>
void gemv(CBLAS_TRANSPOSE transposed, int m, int n, T alpha, const T* a, int lda, const T* x,
          T beta, T* y) {
  const RowMajor<T> matrix(a, m, n, Stride(lda));
  const bool t = transposed == CblasTrans;
  const Eigen::Map<const Eigen::Matrix<T, Dynamic, 1>> from(x, t ? m : n);
  Eigen::Map<Eigen::Matrix<T, Dynamic, 1>> to(y, t ? n : m);
  if (beta == T(0)) to.setZero();
  if (beta != T(0) && beta != T(1)) to *= beta;
  if (t)
    to.noalias() += alpha * (matrix.transpose() * from);
  else
    to.noalias() += alpha * (matrix * from);
}

template <class T>
int getrf(int m, int n, T* a, int lda, int* pivots) {
  if (m != n) return -2;
  Columns<T> matrix(a, n, n, Stride(lda));
  int info = 0;
  for (Index j = 0; j < n; ++j) {
    Index pivot = 0;
    matrix.col(j).tail(n - j).cwiseAbs().maxCoeff(&pivot);
    pivot += j;
    pivots[j] = static_cast<int>(pivot) + 1;
    if (matrix(pivot, j) == T(0)) {
      if (info == 0) info = static_cast<int>(j) + 1;
      continue;
    }
    if (pivot != j) matrix.row(j).swap(matrix.row(pivot));
    const Index rest = n - j - 1;
    if (rest == 0) continue;
    matrix.col(j).tail(rest) /= matrix(j, j);
    matrix.bottomRightCorner(rest, rest).noalias() -=
        matrix.col(j).tail(rest) * matrix.row(j).tail(rest);
  }
  return info;
}

// b from P L U x = b, or from (P L U)^T x = b.
template <class T>
void getrs(bool transposed, int n, int n_right, const T* a, int lda, const int* pivots, T* b,
           int ldb) {
  const ConstColumns<T> lu(a, n, n, Stride(lda));
  Columns<T> right(b, n, n_right, Stride(ldb));
  if (!transposed) {
    for (Index i = 0; i < n; ++i) right.row(i).swap(right.row(pivots[i] - 1));
    lu.template triangularView<Eigen::UnitLower>().solveInPlace(right);
    lu.template triangularView<Eigen::Upper>().solveInPlace(right);
    return;
  }
  lu.transpose().template triangularView<Eigen::Lower>().solveInPlace(right);
  lu.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(right);
  for (Index i = n - 1; i >= 0; --i) right.row(i).swap(right.row(pivots[i] - 1));
}

template <class T>
int getri(int n, T* a, int lda, const int* pivots) {
  Dense<T, Eigen::ColMajor> inverse = Dense<T, Eigen::ColMajor>::Identity(n, n);
  for (Index i = 0; i < n; ++i)
    if (a[i * lda + i] == T(0)) return static_cast<int>(i) + 1;
  getrs(false, n, n, a, lda, pivots, inverse.data(), n);
  Columns<T>(a, n, n, Stride(lda)) = inverse;
  return 0;
}

// Swaps the neighbors j and j + 1 on the diagonal of the triangular T = U^H A U.
template <class MatrixT, class MatrixU>
void swap_neighbors(MatrixT& t, MatrixU& u, Index j) {
  Eigen::JacobiRotation<Complex> rotation;
  rotation.makeGivens(t(j, j + 1), t(j + 1, j + 1) - t(j, j));
  t.rightCols(t.cols() - j).applyOnTheLeft(j, j + 1, rotation.adjoint());
  t.topRows(j + 2).applyOnTheRight(j, j + 1, rotation);
  u.applyOnTheRight(j, j + 1, rotation);
  t(j + 1, j) = 0;
}

}  // namespace

extern "C" {

void cblas_dgemm(CBLAS_ORDER, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                 double alpha, const double* a, int lda, const double* b, int ldb, double beta,
                 double* c, int ldc) {
  gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void cblas_sgemm(CBLAS_ORDER, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                 float* c, int ldc) {
  gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void cblas_zgemm(CBLAS_ORDER, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                 const void* alpha, const void* a, int lda, const void* b, int ldb,
                 const void* beta, void* c, int ldc) {
  gemm(ta, tb, m, n, k, *static_cast<const Complex*>(alpha), static_cast<const Complex*>(a), lda,
       static_cast<const Complex*>(b), ldb, *static_cast<const Complex*>(beta),
       static_cast<Complex*>(c), ldc);
}

void cblas_dgemv(CBLAS_ORDER, CBLAS_TRANSPOSE transposed, int m, int n, double alpha,
                 const double* a, int lda, const double* x, int, double beta, double* y, int) {
  gemv(transposed, m, n, alpha, a, lda, x, beta, y);
}

void cblas_sgemv(CBLAS_ORDER, CBLAS_TRANSPOSE transposed, int m, int n, float alpha, const float* a,
                 int lda, const float* x, int, float beta, float* y, int) {
  gemv(transposed, m, n, alpha, a, lda, x, beta, y);
}

// The triangle is the lower one, and A stands transposed on the left: what the library asks for.
void cblas_dsyrk(CBLAS_ORDER, CBLAS_UPLO, CBLAS_TRANSPOSE, int n, int k, double alpha,
                 const double* a, int lda, double beta, double* c, int ldc) {
  const RowMajor<double> matrix(a, k, n, Stride(lda));
  MutableRowMajor<double> out(c, n, n, Stride(ldc));
  const Dense<double, Eigen::RowMajor> product = alpha * (matrix.transpose() * matrix);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j)
      out(i, j) = product(i, j) + (beta == 0 ? 0 : beta * out(i, j));
}

int LAPACKE_dgetrf(int, int m, int n, double* a, int lda, int* pivots) {
  return getrf(m, n, a, lda, pivots);
}
int LAPACKE_sgetrf(int, int m, int n, float* a, int lda, int* pivots) {
  return getrf(m, n, a, lda, pivots);
}
int LAPACKE_dgetrf_work(int, int m, int n, double* a, int lda, int* pivots) {
  return getrf(m, n, a, lda, pivots);
}
int LAPACKE_dgetri(int, int n, double* a, int lda, const int* pivots) {
  return getri(n, a, lda, pivots);
}
int LAPACKE_sgetri(int, int n, float* a, int lda, const int* pivots) {
  return getri(n, a, lda, pivots);
}
int LAPACKE_dgetrs_work(int, char transposed, int n, int n_right, const double* a, int lda,
                        const int* pivots, double* b, int ldb) {
  getrs(transposed == 'T', n, n_right, a, lda, pivots, b, ldb);
  return 0;
}

// The triangle is the upper one: A = U^T U.
int LAPACKE_dpotrf_work(int, char, int n, double* a, int lda) {
  Columns<double> matrix(a, n, n, Stride(lda));
  const Eigen::LLT<Dense<double, Eigen::ColMajor>, Eigen::Upper> factor(
      matrix.selfadjointView<Eigen::Upper>());
  if (factor.info() != Eigen::Success) return 1;
  matrix.triangularView<Eigen::Upper>() = factor.matrixU();
  return 0;
}

int LAPACKE_dpotrs_work(int, char, int n, int n_right, const double* a, int lda, double* b,
                        int ldb) {
  const ConstColumns<double> factor(a, n, n, Stride(lda));
  Columns<double> right(b, n, n_right, Stride(ldb));
  factor.transpose().triangularView<Eigen::Lower>().solveInPlace(right);
  factor.triangularView<Eigen::Upper>().solveInPlace(right);
  return 0;
}

// Conjugate pairs share two columns, real and imaginary part, the one with positive imaginary part
// first.
int LAPACKE_dgeev(int, char, char right, int n, double* a, int lda, double* re, double* im, double*,
                  int, double* vr, int ldvr) {
  const Columns<double> matrix(a, n, n, Stride(lda));
  const bool with_vectors = right == 'V';
  const Eigen::EigenSolver<Dense<double, Eigen::ColMajor>> solver(matrix, with_vectors);
  if (solver.info() != Eigen::Success) return 1;
  for (Index j = 0; j < n; ++j) {
    re[j] = solver.eigenvalues()(j).real();
    im[j] = solver.eigenvalues()(j).imag();
  }
  if (!with_vectors) return 0;
  const auto vectors = solver.eigenvectors();
  Columns<double> out(vr, n, n, Stride(ldvr));
  for (Index j = 0; j < n; ++j) {
    out.col(j) = vectors.col(j).real();
    if (im[j] > 0 && j + 1 < n) {
      out.col(j + 1) = vectors.col(j).imag();
      ++j;
    }
  }
  return 0;
}

int LAPACKE_dsyevd(int, char, char, int n, double* a, int lda, double* w) {
  Columns<double> matrix(a, n, n, Stride(lda));
  const Eigen::SelfAdjointEigenSolver<Dense<double, Eigen::ColMajor>> solver(matrix);
  if (solver.info() != Eigen::Success) return 1;
  Eigen::VectorXd::Map(w, n) = solver.eigenvalues();
  matrix = solver.eigenvectors();
  return 0;
}

int LAPACKE_dgesdd(int, char vectors, int m, int n, double* a, int lda, double* s, double* u,
                   int ldu, double* vt, int ldvt) {
  const Columns<double> matrix(a, m, n, Stride(lda));
  const int rank = std::min(m, n);
  const bool with_vectors = vectors == 'S';
  const Eigen::JacobiSVD<Dense<double, Eigen::ColMajor>> solver(
      matrix, with_vectors ? Eigen::ComputeThinU | Eigen::ComputeThinV : 0U);
  Eigen::VectorXd::Map(s, rank) = solver.singularValues();
  if (!with_vectors) return 0;
  Columns<double>(u, m, rank, Stride(ldu)) = solver.matrixU();
  Columns<double>(vt, rank, n, Stride(ldvt)) = solver.matrixV().transpose();
  return 0;
}

int LAPACKE_zgees(int, char, char, LAPACK_Z_SELECT1 is_selected, int n, Complex* a, int lda,
                  int* n_selected, Complex* values, Complex* u, int ldu) {
  Columns<Complex> matrix(a, n, n, Stride(lda));
  Eigen::ComplexSchur<Dense<Complex, Eigen::ColMajor>> solver(matrix, true);
  if (solver.info() != Eigen::Success) return 1;
  Dense<Complex, Eigen::ColMajor> t = solver.matrixT(), vectors = solver.matrixU();
  t.triangularView<Eigen::StrictlyLower>().setZero();
  std::vector<bool> selected(static_cast<std::size_t>(n));
  for (Index j = 0; j < n; ++j) {
    const Complex value = t(j, j);
    selected[static_cast<std::size_t>(j)] = is_selected(&value) != 0;
  }
  Index n_first = 0;
  for (Index j = 0; j < n; ++j) {
    if (!selected[static_cast<std::size_t>(j)]) continue;
    for (Index k = j; k > n_first; --k) swap_neighbors(t, vectors, k - 1);
    std::rotate(selected.begin() + n_first, selected.begin() + j, selected.begin() + j + 1);
    ++n_first;
  }
  *n_selected = static_cast<int>(n_first);
  for (Index j = 0; j < n; ++j) values[j] = t(j, j);
  matrix = t;
  Columns<Complex>(u, n, n, Stride(ldu)) = vectors;
  return 0;
}

// Powers of two that bring rows and columns to like sizes (Parlett and Reinsch 1969).
int LAPACKE_dgebal(int, char, int n, double* a, int lda, int* low, int* high, double* scale) {
  Columns<double> matrix(a, n, n, Stride(lda));
  Eigen::VectorXd::Map(scale, n).setOnes();
  *low = 1;
  *high = n;
  for (bool is_changed = true; is_changed;) {
    is_changed = false;
    for (Index i = 0; i < n; ++i) {
      const double column = matrix.col(i).norm(), row = matrix.row(i).norm();
      if (column == 0 || row == 0) continue;
      const double f = std::exp2(std::round(std::log2(row / column) / 2));
      if (f == 1 || std::hypot(column * f, row / f) >= 0.95 * std::hypot(column, row)) continue;
      matrix.col(i) *= f;
      matrix.row(i) /= f;
      scale[i] *= f;
      is_changed = true;
    }
  }
  return 0;
}
}
