// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/bordered.hpp"

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::continuation {

namespace {

// Gram-Schmidt, twice is enough.
Matrix orthonormal(const Matrix& columns) {
  Matrix q = columns;
  for (int pass = 0; pass < 2; ++pass)
    for (Index j = 0; j < q.cols(); ++j) {
      for (Index i = 0; i < j; ++i) q.col(j) -= q.col(i).dot(q.col(j)) * q.col(i).eval();
      q.col(j) /= q.col(j).norm();
    }
  return q;
}

}  // namespace

Borders singular_borders(ConstMatrixRef a, Index l, Index r) {
  NULLCLINE_ASSERT(a.cols() >= a.rows());
  const numerics::Svd svd = numerics::svd(a);
  if (a.rows() == a.cols()) return {svd.u.rightCols(l), svd.v_transposed.bottomRows(r).transpose()};
  // Zero rows below A bring all right singular vectors out; they add left vectors of their own.
  Matrix square = Matrix::Zero(a.cols(), a.cols());
  square.topRows(a.rows()) = a;
  return {svd.u.rightCols(l), numerics::svd(square).v_transposed.bottomRows(r).transpose()};
}

BorderedSolution bordered_solution(ConstMatrixRef a, const Borders& borders) {
  const Index m = a.rows(), k = a.cols(), l = borders.left.cols(), r = borders.right.cols();
  const Index size = m + r;
  Matrix full = Matrix::Zero(size, size);
  full.topLeftCorner(m, k) = a;
  full.topRightCorner(m, l) = borders.left;
  full.bottomLeftCorner(r, k) = borders.right.transpose();
  Matrix transposed = full.transpose();
  BorderedSolution result;
  if (!full.allFinite()) return result;
  std::vector<int> pivots(static_cast<std::size_t>(size));
  Matrix rhs = Matrix::Zero(size, r);
  rhs.bottomRows(r).setIdentity();
  if (!numerics::lu_factor(full, pivots)) return result;
  numerics::lu_solve(full, pivots, MatrixRef(rhs));
  result.x = rhs.topRows(k);
  result.g = rhs.bottomRows(l);
  Matrix left = Matrix::Zero(size, l);
  left.bottomRows(l).setIdentity();
  if (!numerics::lu_factor(transposed, pivots)) return result;
  numerics::lu_solve(transposed, pivots, MatrixRef(left));
  result.y = left.topRows(m);
  result.is_regular = result.x.allFinite() && result.y.allFinite() && result.g.allFinite();
  return result;
}

Borders updated_borders(const BorderedSolution& solution) {
  return {orthonormal(solution.y), orthonormal(solution.x)};
}

}  // namespace nullcline::continuation
