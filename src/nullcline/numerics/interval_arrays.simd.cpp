// SPDX-License-Identifier: BSD-3-Clause
// The formulas of interval.cpp, lane by lane.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

using Batch = xsimd::batch<double>;
using Integers = xsimd::batch<std::int64_t>;
constexpr std::size_t kLanes = Batch::size;
constexpr double kUnit = 0x1p-53;
constexpr double kEta = 0x1p-960;

// 1 / (n + 1)!, rounded to nearest; factorials up to 14! are exact.
struct Coefficients {
  double c[14] = {};
  constexpr Coefficients() {
    double factorial = 1;
    for (int n = 0; n < 14; ++n) c[n] = 1 / (factorial *= static_cast<double>(n + 1));
  }
};
constexpr Coefficients kCoefficients;

// e^x = scale (1 + tail) for |x| <= 700: k ln 2 + r = x, scale = 2^k, tail = e^r - 1.
struct Exponential {
  Batch scale, tail;
};
inline Exponential exponential(const Batch& x) {
  const Batch magic(0x1.8p52);
  const Batch shifted = multiply_add(x, Batch(1.4426950408889634), magic);
  const Batch k = shifted - magic;
  const Batch r = subtract_product(k, Batch(0x1.a39ef35793c76p-33),
                                   subtract_product(k, Batch(0x1.62e42fee00000p-1), x));
  Batch sum(kCoefficients.c[13]);
  for (int n = 12; n >= 0; --n) sum = multiply_add(sum, r, Batch(kCoefficients.c[n]));
  const Integers exponent = xsimd::bitwise_cast<Integers>(shifted) << 52;
  return {xsimd::bitwise_cast<Batch>(exponent + Integers(0x3ff0000000000000)), r * sum};
}

// Lower ends, in even lanes, go down; upper ends go up.
inline Batch directions() {
  double lanes[kLanes];
  for (std::size_t j = 0; j < kLanes; ++j) lanes[j] = j % 2 == 0 ? -1.0 : 1.0;
  return Batch::load_unaligned(lanes);
}

// `value` >= 0 is within 12 u relative of what is meant: how far the bounds are from it.
inline Batch error_of(const Batch& value) {
  return multiply_add(value, Batch(14 * kUnit), Batch(kEta));
}

inline Batch tanh_ends(const Batch& x, const Batch& direction) {
  const Batch zero(0.0), one(1.0), large(20.0);
  const Batch magnitude = xsimd::min(xsimd::abs(x), large);
  const Exponential e = exponential(magnitude + magnitude);
  const Batch m = multiply_add(e.scale, e.tail, e.scale - one);
  const Batch t = m / (m + Batch(2.0));
  const auto is_negative = x < zero;
  const Batch sign = xsimd::select(is_negative, -one, one);
  Batch end = multiply_add(direction, error_of(t), sign * t);
  end = xsimd::select(is_negative, xsimd::min(end, zero), xsimd::max(end, zero));
  end = xsimd::max(xsimd::min(end, one), -one);
  // From 20 on tanh is between 1 - u and 1.
  const Batch saturated = xsimd::select(direction * sign > zero, sign, sign * Batch(1 - kUnit));
  end = xsimd::select(xsimd::abs(x) >= large, saturated, end);
  return xsimd::select(x == x, end, direction);
}

// Beyond 690 the value at 690 serves: e^-690 < 2^-995, far below kEta.
inline Batch sigmoid_ends(const Batch& x, const Batch& direction) {
  const Batch zero(0.0), one(1.0);
  const Exponential e = exponential(-xsimd::min(xsimd::abs(x), Batch(690.0)));
  const Batch exp = e.scale * (one + e.tail);
  const Batch s = xsimd::select(x < zero, exp, one) / (one + exp);
  const Batch end = multiply_add(direction, error_of(s), s);
  return xsimd::select(x == x, xsimd::max(xsimd::min(end, one), zero), xsimd::max(direction, zero));
}

template <class Function>
inline void apply(double* ends, std::size_t n, Function function) {
  const Batch direction = directions();
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes)
    function(Batch::load_unaligned(ends + j), direction).store_unaligned(ends + j);
  if (j == n) return;
  double rest[kLanes] = {};
  std::copy_n(ends + j, n - j, rest);
  function(Batch::load_unaligned(rest), direction).store_unaligned(rest);
  std::copy_n(rest, n - j, ends + j);
}

}  // namespace

// `n` numbers: lower and upper ends by turns.
void interval_tanh(double* ends, std::size_t n) { apply(ends, n, tanh_ends); }
void interval_sigmoid(double* ends, std::size_t n) { apply(ends, n, sigmoid_ends); }

}  // namespace nullcline::numerics::NULLCLINE_SIMD
