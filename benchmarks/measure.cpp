// SPDX-License-Identifier: BSD-3-Clause
#include "measure.hpp"

#include <immintrin.h>
#include <time.h>

#include <algorithm>

#include "nullcline/numerics/activations.hpp"

namespace nullcline::bench {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

namespace {

// Twelve chains hide a latency of 4 cycles at 2 operations a cycle, with room to spare.
constexpr int kChains = 12;
constexpr long kRounds = 100000;

__attribute__((target("avx512f"))) float run_avx512() {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(0.001f);
  for (long round = 0; round < kRounds; ++round)
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
  for (int i = 1; i < kChains; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

__attribute__((target("avx2,fma"))) float run_avx2() {
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(0.001f);
  for (long round = 0; round < kRounds; ++round)
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
  for (int i = 1; i < kChains; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}

float run_sse2() {
  __m128 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm_set1_ps(static_cast<float>(i));
  const __m128 factor = _mm_set1_ps(0.999f), term = _mm_set1_ps(0.001f);
  for (long round = 0; round < kRounds; ++round)
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm_add_ps(_mm_mul_ps(sums[i], factor), term);
  for (int i = 1; i < kChains; ++i) sums[0] = _mm_add_ps(sums[0], sums[i]);
  return _mm_cvtss_f32(sums[0]);
}

}  // namespace

double peak_flops_float32() {
  const numerics::Simd simd = numerics::active_simd();
  const double lanes = simd == numerics::Simd::avx512 ? 16 : simd == numerics::Simd::avx2 ? 8 : 4;
  volatile float sink = 0;
  double best = 0;
  for (int repeat = 0; repeat < 300; ++repeat) {
    const double start = thread_seconds();
    sink = simd == numerics::Simd::avx512 ? run_avx512()
           : simd == numerics::Simd::avx2 ? run_avx2()
                                          : run_sse2();
    best = std::max(
        best, 2 * lanes * kChains * static_cast<double>(kRounds) / (thread_seconds() - start));
  }
  static_cast<void>(sink);
  return best;
}

}  // namespace nullcline::bench
