// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/singular_values.hpp"

#include <lapacke.h>

#include <algorithm>
#include <limits>

#include "nullcline/core/error.hpp"

namespace nullcline::numerics {

Vector singular_values(ConstMatrixRef a) {
  Vector values(std::min(a.rows(), a.cols()));
  if (values.size() == 0) return values;
  if (!a.allFinite())
    throw InvalidInput("singular_values: the matrix holds values that are not finite");
  NULLCLINE_ASSERT(std::max(a.rows(), a.cols()) <= std::numeric_limits<int>::max());
  const int rows = static_cast<int>(a.rows()), cols = static_cast<int>(a.cols());
  // Row-major A is column-major A^T, which has the same singular values.
  Matrix copy = a;
  double unused = 0;
  const int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', cols, rows, copy.data(), cols,
                                  values.data(), &unused, 1, &unused, 1);
  NULLCLINE_ASSERT(info == 0);
  return values;
}

}  // namespace nullcline::numerics
