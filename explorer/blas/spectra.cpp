// SPDX-License-Identifier: BSD-3-Clause
// Spectra of small dense matrices, by Eigen, behind the names of LAPACKE.
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "lapacke.h"

namespace {

using Complex = std::complex<double>;
using Eigen::Dynamic;
using Eigen::Index;
using Stride = Eigen::OuterStride<>;

template <class T, int kOrder>
using Dense = Eigen::Matrix<T, Dynamic, Dynamic, kOrder>;
template <class T>
using Columns = Eigen::Map<Dense<T, Eigen::ColMajor>, 0, Stride>;

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
