// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

using Batch = xsimd::batch<float>;
constexpr std::size_t kLanes = Batch::size;
constexpr std::size_t kWidth = 32;  // columns of a panel, as in float_inverse.cpp
constexpr std::size_t kBatches = kWidth / kLanes;
static_assert(kWidth % kLanes == 0);

// The row of the largest magnitude in column c from row `first` on; `column` becomes that column.
std::size_t find_pivot(const float* panel, std::size_t n, std::size_t c, std::size_t first,
                       float* column) {
  for (std::size_t i = 0; i < n; ++i) column[i] = panel[i * kWidth + c];
  std::size_t pivot = first;
  float largest = std::abs(column[first]);
  for (std::size_t i = first + 1; i < n; ++i) {
    const float magnitude = std::abs(column[i]);
    pivot = magnitude > largest ? i : pivot;
    largest = magnitude > largest ? magnitude : largest;
  }
  return pivot;
}

// All ones, but zeros in place c of a row.
void keep_others(std::size_t c, Batch* keep) {
  float lanes[kLanes];
  for (std::size_t k = 0; k < kBatches; ++k) {
    for (std::size_t j = 0; j < kLanes; ++j) lanes[j] = k * kLanes + j == c ? 0.0f : 1.0f;
    keep[k] = Batch::load_unaligned(lanes);
  }
}

}  // namespace

// Gauss-Jordan steps with row exchanges on `count` columns of a matrix, which meet its diagonal
// from row `first` on. panel: n rows of kWidth numbers; pivots: the exchanges; column: n numbers.
// False for a pivot that is zero or no number.
bool invert_panel(float* panel, std::size_t n, std::size_t first, std::size_t count, int* pivots,
                  float* column) {
  for (std::size_t c = 0; c < count; ++c) {
    const std::size_t k = first + c, pivot = find_pivot(panel, n, c, k, column);
    pivots[k] = static_cast<int>(pivot);
    if (!(std::abs(column[pivot]) > 0)) return false;
    if (pivot != k) {
      for (std::size_t j = 0; j < kWidth; ++j)
        std::swap(panel[k * kWidth + j], panel[pivot * kWidth + j]);
      std::swap(column[k], column[pivot]);
    }
    const float inverse = 1 / column[k];
    float row[kWidth];
    for (std::size_t j = 0; j < kWidth; ++j)
      row[j] = j == c ? inverse : panel[k * kWidth + j] * inverse;
    Batch keep[kBatches], pivot_row[kBatches];
    keep_others(c, keep);
    for (std::size_t b = 0; b < kBatches; ++b)
      pivot_row[b] = Batch::load_unaligned(row + b * kLanes);
    for (std::size_t i = 0; i < n; ++i) {
      const Batch factor(column[i]);
      for (std::size_t b = 0; b < kBatches; ++b) {
        float* at = panel + i * kWidth + b * kLanes;
        subtract_product(factor, pivot_row[b], Batch::load_unaligned(at) * keep[b])
            .store_unaligned(at);
      }
    }
    for (std::size_t j = 0; j < kWidth; ++j) panel[k * kWidth + j] = row[j];
  }
  return true;
}

}  // namespace nullcline::numerics::NULLCLINE_SIMD
