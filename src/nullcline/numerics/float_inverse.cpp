// SPDX-License-Identifier: BSD-3-Clause
// Inverses in float32: blocks of Gauss-Jordan steps, each followed by one matrix product. Below
// some hundred rows this takes a third of the time of LAPACK's sgetrf and sgetri.
#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/activations.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {

#define NULLCLINE_DECLARE_INVERT_PANEL(isa)                                            \
  namespace isa {                                                                      \
  bool invert_panel(float* panel, std::size_t n, std::size_t first, std::size_t count, \
                    int* pivots, float* column);                                       \
  }
NULLCLINE_DECLARE_INVERT_PANEL(sse2)
NULLCLINE_DECLARE_INVERT_PANEL(avx2)
NULLCLINE_DECLARE_INVERT_PANEL(avx512)
#undef NULLCLINE_DECLARE_INVERT_PANEL

namespace {

constexpr Index kWidth = 32;  // columns of a panel, as in float_inverse.simd.cpp
constexpr Index kLargest = 512;

using Panel = Eigen::Matrix<float, Eigen::Dynamic, kWidth, Eigen::RowMajor>;

auto invert_panel() {
  switch (active_simd()) {
    case Simd::avx512:
      return &avx512::invert_panel;
    case Simd::avx2:
      return &avx2::invert_panel;
    case Simd::sse2:
      break;
  }
  return &sse2::invert_panel;
}

// columns [first, first + count) of `a` += P C
void add_product(const Panel& panel, Index inner, const FloatMatrix& rows, FloatMatrix& a,
                 Index first, Index count) {
  if (count == 0) return;
  const int n = static_cast<int>(a.rows());
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, static_cast<int>(count),
              static_cast<int>(inner), 1.0f, panel.data(), static_cast<int>(kWidth),
              rows.data() + first, n, 1.0f, a.data() + first, n);
}

// A^-1 up to an exchange of its columns, in place; false if a pivot is zero or no number.
bool gauss_jordan(FloatMatrix& a, std::vector<int>& pivots) {
  const Index n = a.rows();
  const auto steps = invert_panel();
  Panel panel(n, kWidth);
  FloatMatrix rows(std::min(kWidth, n), n);
  std::vector<float> column(static_cast<std::size_t>(n));
  for (Index first = 0; first < n; first += kWidth) {
    const Index count = std::min(kWidth, n - first), behind = first + count;
    if (count < kWidth) panel.setZero();
    panel.leftCols(count) = a.middleCols(first, count);
    if (!steps(panel.data(), static_cast<std::size_t>(n), static_cast<std::size_t>(first),
               static_cast<std::size_t>(count), pivots.data(), column.data()))
      return false;
    for (Index k = first; k < behind; ++k) {
      const Index pivot = pivots[static_cast<std::size_t>(k)];
      if (pivot != k) a.row(k).swap(a.row(pivot));
    }
    // Rows of the block turn into P C, other rows gain P C; the block's columns are P.
    rows.topRows(count) = a.middleRows(first, count);
    a.middleRows(first, count).setZero();
    add_product(panel, count, rows, a, 0, first);
    add_product(panel, count, rows, a, behind, n - behind);
    a.middleCols(first, count) = panel.leftCols(count);
  }
  return true;
}

// out = the inverse, by taking the exchanges of rows back as exchanges of columns.
void reorder_columns(const FloatMatrix& a, const std::vector<int>& pivots, FloatMatrix& out) {
  const Index n = a.rows();
  std::vector<Index> source(pivots.size());
  std::iota(source.begin(), source.end(), Index(0));
  for (std::size_t k = source.size(); k-- > 0;)
    std::swap(source[k], source[static_cast<std::size_t>(pivots[k])]);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) out(i, j) = a(i, source[static_cast<std::size_t>(j)]);
}

bool lapack_inverse(FloatMatrix& a, std::vector<int>& pivots) {
  const int n = static_cast<int>(a.rows());
  return LAPACKE_sgetrf(LAPACK_COL_MAJOR, n, n, a.data(), n, pivots.data()) == 0 &&
         LAPACKE_sgetri(LAPACK_COL_MAJOR, n, a.data(), n, pivots.data()) == 0;
}

}  // namespace

FloatMatrix inverse(ConstFloatMatrixRef a) {
  NULLCLINE_ASSERT(a.rows() == a.cols());
  FloatMatrix result = a;
  std::vector<int> pivots(static_cast<std::size_t>(a.rows()));
  bool regular = true;
  if (a.rows() > kLargest) {
    regular = lapack_inverse(result, pivots);
  } else {
    FloatMatrix work = a;
    regular = gauss_jordan(work, pivots);
    if (regular) reorder_columns(work, pivots, result);
  }
  if (!regular) result.setConstant(std::numeric_limits<float>::quiet_NaN());
  return result;
}

}  // namespace nullcline::numerics
