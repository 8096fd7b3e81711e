// SPDX-License-Identifier: BSD-3-Clause
// Elementary functions on xsimd batches, for the files that are compiled once per instruction set:
// everything here lives in the namespace of that instruction set, so the copies never mix.
#pragma once

// GCC 12 takes the deliberately undefined operands in its own AVX-512 intrinsics for mistakes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <cstddef>
#include <cstdint>
#include <xsimd/xsimd.hpp>

#ifndef NULLCLINE_SIMD
#define NULLCLINE_SIMD baseline
#endif

namespace nullcline::numerics::NULLCLINE_SIMD {

/// a b + c, fused where the instruction set can.
template <class Batch>
inline Batch multiply_add(const Batch& a, const Batch& b, const Batch& c) {
  return xsimd::fma(a, b, c);
}

/// c - a b, fused where the instruction set can.
template <class Batch>
inline Batch subtract_product(const Batch& a, const Batch& b, const Batch& c) {
  return xsimd::fnma(a, b, c);
}

#ifdef __AVX512F__
// xsimd 8 multiplies and adds in two instructions here.
inline xsimd::batch<float> multiply_add(const xsimd::batch<float>& a, const xsimd::batch<float>& b,
                                        const xsimd::batch<float>& c) {
  return _mm512_fmadd_ps(a, b, c);
}
inline xsimd::batch<double> multiply_add(const xsimd::batch<double>& a,
                                         const xsimd::batch<double>& b,
                                         const xsimd::batch<double>& c) {
  return _mm512_fmadd_pd(a, b, c);
}
inline xsimd::batch<float> subtract_product(const xsimd::batch<float>& a,
                                            const xsimd::batch<float>& b,
                                            const xsimd::batch<float>& c) {
  return _mm512_fnmadd_ps(a, b, c);
}
inline xsimd::batch<double> subtract_product(const xsimd::batch<double>& a,
                                             const xsimd::batch<double>& b,
                                             const xsimd::batch<double>& c) {
  return _mm512_fnmadd_pd(a, b, c);
}
#endif

template <class T>
struct ExpConstants;

// kPolynomial: minimax fit of (e^r - 1 - r) / r^2 on |r| <= log(2) / 2, weighted by |r|.
// kTanhPolynomial: (tanh(x) / x - 1) / x^2 as a polynomial in x^2, on |x| <= 0.3.
// Adding kMagic rounds to an integer and leaves that integer in the lowest bits.
template <>
struct ExpConstants<float> {
  using Integer = std::int32_t;
  static constexpr int kMantissaBits = 23;
  static constexpr Integer kOne = 0x3f800000;
  static constexpr float kMagic = 0x1.8p23f;
  static constexpr float kLog2High = 0.693359375f, kLog2Low = -2.12194440e-4f;
  static constexpr float kTanhOne = 9.02f;         // tanh rounds to 1 from here
  static constexpr float kSmallestExp = 87.3365f;  // e^-x is not a normal number from here
  static constexpr float kPolynomial[] = {0x1.0000003516cb4p-1f, 0x1.5554af414e5aep-3f,
                                          0x1.555486f291ffep-5f, 0x1.12281bfa0b134p-7f,
                                          0x1.6d99046e7432fp-10f};
  static constexpr float kTanhPolynomial[] = {-0x1.5555550cb41c2p-2f, 0x1.111047165a2efp-3f,
                                              -0x1.b96b39180adbbp-5f, 0x1.4d6d75844144bp-6f};
};

template <>
struct ExpConstants<double> {
  using Integer = std::int64_t;
  static constexpr int kMantissaBits = 52;
  static constexpr Integer kOne = 0x3ff0000000000000;
  static constexpr double kMagic = 0x1.8p52;
  static constexpr double kLog2High = 6.93145751953125e-1, kLog2Low = 1.42860682030941723212e-6;
  static constexpr double kTanhOne = 19.07;
  static constexpr double kSmallestExp = 708.3964;
  static constexpr double kPolynomial[] = {
      0x1.0000000000005p-1,  0x1.555555555555cp-3,  0x1.555555555210fp-5,  0x1.111111110e6d3p-7,
      0x1.6c16c17f351b3p-10, 0x1.a01a01b5da47dp-13, 0x1.a019a6840518bp-16, 0x1.71dde9fd4d834p-19,
      0x1.28a2b3b27e46ep-22, 0x1.af76be2b2c21fp-26};
  static constexpr double kTanhPolynomial[] = {
      -0x1.5555555555555p-2, 0x1.1111111110b9fp-3, -0x1.ba1ba1b8dd76fp-5,  0x1.664f47a52e33ep-6,
      -0x1.226de973098b5p-7, 0x1.d6b77a084310dp-9, -0x1.7ab0c8b40a0eep-10, 0x1.0bdf304f99aafp-11};
};

/// e^x = scale * (1 + tail), with scale a power of two and tail = e^r - 1 for |r| <= log(2) / 2.
/// Meaningless unless e^x is a normal number.
template <class Batch>
struct SplitExp {
  Batch scale, tail;
};

template <class Batch, class T, std::size_t N>
inline Batch horner(const T (&coefficients)[N], const Batch& x) {
  Batch sum(coefficients[N - 1]);
#pragma GCC unroll 16
  for (std::size_t i = 2; i <= N; ++i) sum = multiply_add(sum, x, Batch(coefficients[N - i]));
  return sum;
}

template <class Batch>
inline SplitExp<Batch> split_exp(const Batch& x) {
  using T = typename Batch::value_type;
  using C = ExpConstants<T>;
  using Integers = xsimd::batch<typename C::Integer>;
  const Batch magic(C::kMagic);
  const Batch shifted = multiply_add(x, Batch(T(1.4426950408889634)), magic);
  const Batch n = shifted - magic;
  Batch r = subtract_product(n, Batch(C::kLog2High), x);
  r = subtract_product(n, Batch(C::kLog2Low), r);
  const Batch q = horner(C::kPolynomial, r);
  const Integers exponent = xsimd::bitwise_cast<Integers>(shifted) << C::kMantissaBits;
  return {xsimd::bitwise_cast<Batch>(exponent + Integers(C::kOne)), multiply_add(q, r * r, r)};
}

/// a / b for finite b away from 0 and from overflow, within one unit in the last place.
template <class Batch>
inline Batch divide(const Batch& a, const Batch& b) {
  return a / b;
}

#ifdef __AVX512F__
// 512-bit division occupies its port for 16 to 24 cycles; an approximate reciprocal with Newton
// steps and a last correction of the quotient takes 4 to 6.
inline xsimd::batch<float> divide(const xsimd::batch<float>& a, const xsimd::batch<float>& b) {
  using Batch = xsimd::batch<float>;
  Batch r(_mm512_rcp14_ps(b));
  r = multiply_add(subtract_product(b, r, Batch(1.0f)), r, r);
  const Batch q = a * r;
  return multiply_add(subtract_product(q, b, a), r, q);
}

inline xsimd::batch<double> divide(const xsimd::batch<double>& a, const xsimd::batch<double>& b) {
  using Batch = xsimd::batch<double>;
  Batch r(_mm512_rcp14_pd(b));
  r = multiply_add(subtract_product(b, r, Batch(1.0)), r, r);
  r = multiply_add(subtract_product(b, r, Batch(1.0)), r, r);
  const Batch q = a * r;
  return multiply_add(subtract_product(q, b, a), r, q);
}
#endif

/// Within 2 units in the last place: a polynomial for |x| < 0.3, else the sign of x times t / (t +
/// 2) with t = e^(2|x|) - 1.
template <class Batch>
inline Batch tanh_accurate(const Batch& x) {
  using T = typename Batch::value_type;
  const Batch one(T(1)), sign(T(-0.0)), square = x * x;
  const Batch magnitude = xsimd::abs(x);
  const SplitExp<Batch> e = split_exp(magnitude + magnitude);
  const Batch t = multiply_add(e.scale, e.tail, e.scale - one);
  const Batch ratio = divide(t, t + Batch(T(2)));
  const Batch large =
      xsimd::select(magnitude > Batch(ExpConstants<T>::kTanhOne), one, ratio);  // NaN stays
  const Batch small = multiply_add(horner(ExpConstants<T>::kTanhPolynomial, square) * square, x, x);
  // At -0 the polynomial is +0.
  return xsimd::bitwise_or(xsimd::select(magnitude < Batch(T(0.3)), small, large),
                           xsimd::bitwise_and(x, sign));
}

/// 1 / (1 + e^-x), within 2 units in the last place; 0 where that is not a normal number.
/// With z = e^-|x| and q = z / (1 + z) it is 1 - q for x >= 0 and z - z q for x < 0.
template <class Batch>
inline Batch sigmoid_accurate(const Batch& x) {
  using T = typename Batch::value_type;
  const Batch one(T(1)), zero(T(0));
  const Batch minus_magnitude = xsimd::bitwise_or(x, Batch(T(-0.0)));
  const SplitExp<Batch> e = split_exp(minus_magnitude);
  const Batch exp = multiply_add(e.scale, e.tail, e.scale);
  const Batch z = xsimd::select(minus_magnitude < Batch(-ExpConstants<T>::kSmallestExp), zero, exp);
  const Batch whole = xsimd::select(x < zero, z, one);
  return subtract_product(whole, divide(z, one + z), whole);
}

/// 1 / x for x from 1 to far from overflow, within 2 units in the last place.
template <class Batch>
inline Batch inverse_of(const Batch& x) {
  return Batch(typename Batch::value_type(1)) / x;
}

#ifdef __AVX512F__
inline xsimd::batch<float> inverse_of(const xsimd::batch<float>& x) {
  using Batch = xsimd::batch<float>;
  const Batch r(_mm512_rcp14_ps(x));
  return multiply_add(subtract_product(x, r, Batch(1.0f)), r, r);
}
inline xsimd::batch<double> inverse_of(const xsimd::batch<double>& x) {
  using Batch = xsimd::batch<double>;
  Batch r(_mm512_rcp14_pd(x));
  r = multiply_add(subtract_product(x, r, Batch(1.0)), r, r);
  return multiply_add(subtract_product(x, r, Batch(1.0)), r, r);
}
#endif

/// Between -limit and limit; NaN stays NaN in this order of arguments.
template <class Batch>
inline Batch clamp_magnitude(const Batch& x, typename Batch::value_type limit) {
  return xsimd::min(Batch(limit), xsimd::max(Batch(-limit), x));
}

/// kPolynomial of a multiple of its argument: coefficient i times Factor^(i + 2).
template <class T, int Factor>
struct ScaledPolynomial {
  static constexpr std::size_t kSize = sizeof(ExpConstants<T>::kPolynomial) / sizeof(T);
  T coefficients[kSize] = {};
  constexpr ScaledPolynomial() {
    T power(Factor * Factor);
    for (std::size_t i = 0; i < kSize; ++i, power *= T(Factor))
      coefficients[i] = ExpConstants<T>::kPolynomial[i] * power;
  }
};

/// e^(Factor x) as split_exp, with fewer operations: the reduced argument is good to one part in
/// 2^24 (float) of x, not of itself, which costs a few units in the last place where |x| is large.
template <int Factor, class Batch>
inline SplitExp<Batch> split_exp_fast(const Batch& x) {
  using T = typename Batch::value_type;
  using C = ExpConstants<T>;
  using Integers = xsimd::batch<typename C::Integer>;
  static constexpr ScaledPolynomial<T, Factor> kScaled;
  constexpr T kLog2 = T(0.6931471805599453);
  const Batch magic(C::kMagic);
  const Batch shifted = multiply_add(x, Batch(T(1.4426950408889634 * Factor)), magic);
  const Batch n = shifted - magic;
  const Batch s = subtract_product(n, Batch(kLog2 / T(Factor)), x);
  const Batch tail = s * multiply_add(horner(kScaled.coefficients, s), s, Batch(T(Factor)));
  const Integers exponent = xsimd::bitwise_cast<Integers>(shifted) << C::kMantissaBits;
  return {xsimd::bitwise_cast<Batch>(exponent + Integers(C::kOne)), tail};
}

/// For training: 1 / (1 + e^-x) within a few units in the last place, but at least e^-87 (float) or
/// e^-708 (double).
template <class Batch>
inline Batch sigmoid_fast(const Batch& x) {
  using T = typename Batch::value_type;
  const auto e = split_exp_fast<-1>(clamp_magnitude(x, ExpConstants<T>::kSmallestExp));
  return inverse_of(multiply_add(e.scale, e.tail, e.scale + Batch(T(1))));
}

/// For training: tanh x = t / (t + 2), t = e^(2x) - 1, within a few units in the last place.
template <class Batch>
inline Batch tanh_fast(const Batch& x) {
  using T = typename Batch::value_type;
  const auto e = split_exp_fast<2>(clamp_magnitude(x, ExpConstants<T>::kTanhOne));
  const Batch t = multiply_add(e.scale, e.tail, e.scale - Batch(T(1)));
  return t * inverse_of(t + Batch(T(2)));
}

}  // namespace nullcline::numerics::NULLCLINE_SIMD
