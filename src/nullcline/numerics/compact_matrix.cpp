// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/compact_matrix.hpp"

#include <cstddef>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/activations.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {

#define NULLCLINE_DECLARE_PRODUCT(isa)                                                          \
  namespace isa {                                                                               \
  void single_times_vector(const float* a, std::size_t rows, std::size_t cols, const double* x, \
                           double* out);                                                        \
  }
NULLCLINE_DECLARE_PRODUCT(sse2)
NULLCLINE_DECLARE_PRODUCT(avx2)
NULLCLINE_DECLARE_PRODUCT(avx512)
#undef NULLCLINE_DECLARE_PRODUCT

CompactMatrix::CompactMatrix(ConstMatrixRef matrix) : rows_(matrix.rows()), cols_(matrix.cols()) {
  for (Index i = 0; i < rows_; ++i)
    for (Index j = 0; j < cols_; ++j)
      if (static_cast<double>(static_cast<float>(matrix(i, j))) != matrix(i, j)) {
        double_ = matrix;
        return;
      }
  single_.reserve(static_cast<std::size_t>(matrix.size()));
  for (Index i = 0; i < rows_; ++i)
    for (Index j = 0; j < cols_; ++j) single_.push_back(static_cast<float>(matrix(i, j)));
}

void CompactMatrix::multiply_vector(ConstVectorRef x, VectorRef out) const {
  NULLCLINE_ASSERT(x.size() == cols_ && out.size() == rows_);
  if (!is_single()) return numerics::multiply_vector(double_, x, out);
  const auto rows = static_cast<std::size_t>(rows_), cols = static_cast<std::size_t>(cols_);
  switch (active_simd()) {
    case Simd::sse2:
      return sse2::single_times_vector(single_.data(), rows, cols, x.data(), out.data());
    case Simd::avx2:
      return avx2::single_times_vector(single_.data(), rows, cols, x.data(), out.data());
    case Simd::avx512:
      return avx512::single_times_vector(single_.data(), rows, cols, x.data(), out.data());
  }
}

}  // namespace nullcline::numerics
