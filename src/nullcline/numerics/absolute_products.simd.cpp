// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstddef>

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

using Batch = xsimd::batch<double>;
constexpr std::size_t kLanes = Batch::size;

inline Batch load(const double* p) { return Batch::load_unaligned(p); }
// float32 to float64, which is exact.
inline Batch load(const float* p) {
  double wide[kLanes];
  for (std::size_t j = 0; j < kLanes; ++j) wide[j] = p[j];
  return Batch::load_unaligned(wide);
}

template <class T>
inline double sum_of(const T* a, const double* v, std::size_t n) {
  Batch even(0.0), odd(0.0);
  std::size_t j = 0;
  for (; j + 2 * kLanes <= n; j += 2 * kLanes) {
    even = multiply_add(xsimd::abs(load(a + j)), load(v + j), even);
    odd = multiply_add(xsimd::abs(load(a + j + kLanes)), load(v + j + kLanes), odd);
  }
  double sum = xsimd::hadd(even + odd);
  for (; j < n; ++j) sum += std::abs(static_cast<double>(a[j])) * v[j];
  return sum;
}

}  // namespace

double absolute_dot(const double* a, const double* v, std::size_t n) { return sum_of(a, v, n); }
double absolute_float_dot(const float* a, const double* v, std::size_t n) {
  return sum_of(a, v, n);
}

}  // namespace nullcline::numerics::NULLCLINE_SIMD
