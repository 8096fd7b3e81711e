// SPDX-License-Identifier: BSD-3-Clause
#include <cstddef>

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

template <class T, class Function>
inline void apply(T* values, std::size_t n, Function function) {
  using Batch = xsimd::batch<T>;
  constexpr std::size_t kLanes = Batch::size;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    function(Batch::load_unaligned(values + i)).store_unaligned(values + i);
  if (i == n) return;
  T rest[kLanes] = {};
  for (std::size_t j = i; j < n; ++j) rest[j - i] = values[j];
  function(Batch::load_unaligned(rest)).store_unaligned(rest);
  for (std::size_t j = i; j < n; ++j) values[j] = rest[j - i];
}

}  // namespace

void tanh_array(double* values, std::size_t n) {
  apply(values, n, [](const auto& x) { return tanh_accurate(x); });
}
void tanh_array(float* values, std::size_t n) {
  apply(values, n, [](const auto& x) { return tanh_accurate(x); });
}
void sigmoid_array(double* values, std::size_t n) {
  apply(values, n, [](const auto& x) { return sigmoid_accurate(x); });
}
void sigmoid_array(float* values, std::size_t n) {
  apply(values, n, [](const auto& x) { return sigmoid_accurate(x); });
}

}  // namespace nullcline::numerics::NULLCLINE_SIMD
