// SPDX-License-Identifier: BSD-3-Clause
#include <cstddef>

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

using Batch = xsimd::batch<double>;
constexpr std::size_t kLanes = Batch::size;
constexpr std::size_t kRows = 4;  // that share the loads of x
constexpr std::size_t kSums = 2;  // per row, so that additions do not wait for each other

inline Batch load_single(const float* from) {
#if defined(__AVX512F__)
  return _mm512_cvtps_pd(_mm256_loadu_ps(from));
#elif defined(__AVX2__)
  return _mm256_cvtps_pd(_mm_loadu_ps(from));
#else
  return _mm_cvtps_pd(_mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
#endif
}

// N rows from `a`.
template <std::size_t N>
void some_rows(const float* a, std::size_t cols, const double* x, double* out) {
  Batch sums[N][kSums];
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t s = 0; s < kSums; ++s) sums[i][s] = Batch(0.0);
  std::size_t j = 0;
  for (; j + kSums * kLanes <= cols; j += kSums * kLanes)
    for (std::size_t s = 0; s < kSums; ++s) {
      const Batch x_j = Batch::load_unaligned(x + j + s * kLanes);
      for (std::size_t i = 0; i < N; ++i) {
        const float* from = a + i * cols + j + s * kLanes;
        sums[i][s] = xsimd::fma(load_single(from), x_j, sums[i][s]);
      }
    }
  for (std::size_t i = 0; i < N; ++i) {
    double sum = xsimd::hadd(sums[i][0] + sums[i][1]);
    for (std::size_t rest = j; rest < cols; ++rest)
      sum += static_cast<double>(a[i * cols + rest]) * x[rest];
    out[i] = sum;
  }
}

}  // namespace

void single_times_vector(const float* a, std::size_t rows, std::size_t cols, const double* x,
                         double* out) {
  std::size_t i = 0;
  for (; i + kRows <= rows; i += kRows) some_rows<kRows>(a + i * cols, cols, x, out + i);
  for (; i < rows; ++i) some_rows<1>(a + i * cols, cols, x, out + i);
}

}  // namespace nullcline::numerics::NULLCLINE_SIMD
