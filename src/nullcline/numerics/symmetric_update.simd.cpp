// SPDX-License-Identifier: BSD-3-Clause
#include <cstddef>

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

using Batch = xsimd::batch<double>;
constexpr std::size_t kLanes = Batch::size;
constexpr std::size_t kRows = 4;  // that share the loads of k, r and out

// One element of row i: updated, and added to both sides of the product.
inline void one(double* row, std::size_t i, std::size_t j, double scaled, double gain,
                const double* k, const double* r, double* out) {
  const double p = gain * (row[j] - scaled * k[j]);
  row[j] = p;
  out[i] += p * r[j];
  if (j != i) out[j] += p * r[i];
}

}  // namespace

void symmetric_update(double* lower, std::size_t n, double scale, double gain, const double* k,
                      const double* r, double* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = 0;
  const Batch gains(gain);
  double* row = lower;
  std::size_t i = 0;
  for (; i + kRows <= n; i += kRows) {
    double* rows[kRows];
    Batch scaled[kRows], right[kRows], sums[kRows];
    for (std::size_t a = 0; a < kRows; ++a) {
      rows[a] = row;
      row += i + a + 1;
      scaled[a] = Batch(scale * k[i + a]);
      right[a] = Batch(r[i + a]);
      sums[a] = Batch(0.0);
    }
    std::size_t j = 0;
    for (; j + kLanes <= i; j += kLanes) {
      const Batch k_j = Batch::load_unaligned(k + j), r_j = Batch::load_unaligned(r + j);
      Batch out_j = Batch::load_unaligned(out + j);
      for (std::size_t a = 0; a < kRows; ++a) {
        const Batch p = gains * xsimd::fnma(scaled[a], k_j, Batch::load_unaligned(rows[a] + j));
        p.store_unaligned(rows[a] + j);
        sums[a] = xsimd::fma(p, r_j, sums[a]);
        out_j = xsimd::fma(p, right[a], out_j);
      }
      out_j.store_unaligned(out + j);
    }
    for (std::size_t a = 0; a < kRows; ++a) {
      for (std::size_t rest = j; rest <= i + a; ++rest)
        one(rows[a], i + a, rest, scale * k[i + a], gain, k, r, out);
      out[i + a] += xsimd::hadd(sums[a]);
    }
  }
  for (; i < n; row += ++i)
    for (std::size_t j = 0; j <= i; ++j) one(row, i, j, scale * k[i], gain, k, r, out);
}

}  // namespace nullcline::numerics::NULLCLINE_SIMD
