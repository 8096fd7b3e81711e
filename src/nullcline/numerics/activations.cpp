// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/activations.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "nullcline/core/error.hpp"

namespace nullcline::numerics {

#define NULLCLINE_DECLARE_ACTIVATIONS(isa)           \
  namespace isa {                                    \
  void tanh_array(double* values, std::size_t n);    \
  void tanh_array(float* values, std::size_t n);     \
  void sigmoid_array(double* values, std::size_t n); \
  void sigmoid_array(float* values, std::size_t n);  \
  }
NULLCLINE_DECLARE_ACTIVATIONS(sse2)
NULLCLINE_DECLARE_ACTIVATIONS(avx2)
NULLCLINE_DECLARE_ACTIVATIONS(avx512)
#undef NULLCLINE_DECLARE_ACTIVATIONS

namespace {

#ifdef __x86_64__
Simd detect_simd() {
  // The flags that cmake/NullclineModule.cmake compiles the kernels with.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Simd::sse2;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
  return avx512 ? Simd::avx512 : Simd::avx2;
}

Simd requested_simd(std::string_view name) {
  for (const Simd simd : {Simd::sse2, Simd::avx2, Simd::avx512})
    if (name == simd_name(simd)) return simd;
  throw InvalidInput("NULLCLINE_SIMD: found '" + std::string(name) +
                     "', expected sse2 | avx2 | avx512");
}
#endif

template <class T>
void tanh_dispatched(std::span<T> values) {
  switch (active_simd()) {
    case Simd::sse2:
      return sse2::tanh_array(values.data(), values.size());
    case Simd::avx2:
      return avx2::tanh_array(values.data(), values.size());
    case Simd::avx512:
      return avx512::tanh_array(values.data(), values.size());
  }
}

template <class T>
void sigmoid_dispatched(std::span<T> values) {
  switch (active_simd()) {
    case Simd::sse2:
      return sse2::sigmoid_array(values.data(), values.size());
    case Simd::avx2:
      return avx2::sigmoid_array(values.data(), values.size());
    case Simd::avx512:
      return avx512::sigmoid_array(values.data(), values.size());
  }
}

}  // namespace

#ifdef __x86_64__
Simd active_simd() {
  static const Simd best = detect_simd();
  const char* name = std::getenv("NULLCLINE_SIMD");
  return name == nullptr || *name == '\0' ? best : std::min(best, requested_simd(name));
}
#endif

std::string_view simd_name(Simd simd) {
  switch (simd) {
    case Simd::sse2:
      return "sse2";
    case Simd::avx2:
      return "avx2";
    case Simd::avx512:
      return "avx512";
  }
  return "?";
}

void tanh_in_place(std::span<double> values) { tanh_dispatched(values); }
void tanh_in_place(std::span<float> values) { tanh_dispatched(values); }
void sigmoid_in_place(std::span<double> values) { sigmoid_dispatched(values); }
void sigmoid_in_place(std::span<float> values) { sigmoid_dispatched(values); }

}  // namespace nullcline::numerics
