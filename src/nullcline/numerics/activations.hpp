// SPDX-License-Identifier: BSD-3-Clause
// Elementwise nonlinearities over arrays, with AVX2 and AVX-512 chosen at run time.
#pragma once

#include <span>
#include <string_view>

namespace nullcline::numerics {

/// The best instruction set that both this build and this CPU have: "sse2", "avx2" or "avx512".
/// The environment variable NULLCLINE_SIMD can lower it.
enum class Simd { sse2, avx2, avx512 };
#ifdef __x86_64__
Simd active_simd();
#else
constexpr Simd active_simd() { return Simd::sse2; }  // 128-bit vectors of WebAssembly
#endif
std::string_view simd_name(Simd simd);

/// In place; at most 2 units in the last place from the exact value, odd where the function is odd.
void tanh_in_place(std::span<double> values);
void tanh_in_place(std::span<float> values);
/// The logistic function 1 / (1 + e^-x).
void sigmoid_in_place(std::span<double> values);
void sigmoid_in_place(std::span<float> values);

}  // namespace nullcline::numerics
