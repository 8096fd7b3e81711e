// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/interval_arrays.hpp"

#include "nullcline/numerics/activations.hpp"

namespace nullcline::numerics {

#define NULLCLINE_DECLARE_INTERVAL_ARRAYS(isa)        \
  namespace isa {                                     \
  void interval_tanh(double* ends, std::size_t n);    \
  void interval_sigmoid(double* ends, std::size_t n); \
  }
NULLCLINE_DECLARE_INTERVAL_ARRAYS(sse2)
NULLCLINE_DECLARE_INTERVAL_ARRAYS(avx2)
NULLCLINE_DECLARE_INTERVAL_ARRAYS(avx512)
#undef NULLCLINE_DECLARE_INTERVAL_ARRAYS

static_assert(sizeof(Interval) == 2 * sizeof(double));

void tanh_in_place(std::span<Interval> values) {
  auto* ends = reinterpret_cast<double*>(values.data());
  switch (active_simd()) {
    case Simd::avx512:
      return avx512::interval_tanh(ends, 2 * values.size());
    case Simd::avx2:
      return avx2::interval_tanh(ends, 2 * values.size());
    case Simd::sse2:
      return sse2::interval_tanh(ends, 2 * values.size());
  }
}

void sigmoid_in_place(std::span<Interval> values) {
  auto* ends = reinterpret_cast<double*>(values.data());
  switch (active_simd()) {
    case Simd::avx512:
      return avx512::interval_sigmoid(ends, 2 * values.size());
    case Simd::avx2:
      return avx2::interval_sigmoid(ends, 2 * values.size());
    case Simd::sse2:
      return sse2::interval_sigmoid(ends, 2 * values.size());
  }
}

}  // namespace nullcline::numerics
