// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/normal_equations.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>

#include "nullcline/core/error.hpp"

namespace nullcline::numerics {

namespace {

int stride_of(ConstMatrixRef a) { return static_cast<int>(std::max<Index>(a.outerStride(), 1)); }

}  // namespace

void gram(ConstMatrixRef a, MatrixRef out) {
  NULLCLINE_ASSERT(out.rows() == a.cols() && out.cols() == a.cols());
  if (out.size() == 0) return;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, static_cast<int>(a.cols()),
              static_cast<int>(a.rows()), 1.0, a.data(), stride_of(a), 0.0, out.data(),
              static_cast<int>(out.outerStride()));
}

// A row-major lower triangle is a column-major upper one: A = U^T U with U = L^T.
bool cholesky_factor(MatrixRef a) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  if (a.rows() == 0) return true;
  return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', static_cast<int>(a.rows()), a.data(),
                             static_cast<int>(a.outerStride())) == 0;
}

void cholesky_solve(ConstMatrixRef factor, VectorRef b) {
  NULLCLINE_ASSERT(factor.rows() == b.size());
  if (b.size() == 0) return;
  LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'U', static_cast<int>(factor.rows()), 1, factor.data(),
                      stride_of(factor), b.data(), static_cast<int>(factor.rows()));
}

}  // namespace nullcline::numerics
