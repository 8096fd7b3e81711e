// SPDX-License-Identifier: BSD-3-Clause
// The functions that formulas use, for double; Interval, Dual and Jet bring their own.
#pragma once

#include <cmath>
#include <cstdlib>
#include <optional>

namespace nullcline::numerics {

inline double exp(double x) { return std::exp(x); }
inline double tanh(double x) { return std::tanh(x); }
/// 1 / (1 + e^-x), accurate for both signs.
inline double sigmoid(double x) {
  if (x >= 0) return 1 / (1 + std::exp(-x));
  const double e = std::exp(x);
  return e / (1 + e);
}
inline double relu(double x) { return x > 0 ? x : 0; }
/// relu'(0) = 0, as PyTorch.
inline double relu_derivative(double x) { return x > 0 ? 1 : 0; }

inline double log(double x) { return std::log(x); }
inline double sqrt(double x) { return std::sqrt(x); }
inline double sin(double x) { return std::sin(x); }
inline double cos(double x) { return std::cos(x); }
inline double tan(double x) { return std::tan(x); }
inline double sinh(double x) { return std::sinh(x); }
inline double cosh(double x) { return std::cosh(x); }
inline double atanh(double x) { return std::atanh(x); }
inline double abs(double x) { return std::abs(x); }
/// abs'(0) = 0.
inline double abs_derivative(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

/// x^n by squaring; 1 for n = 0.
template <class Scalar>
Scalar power(Scalar x, int n) {
  if (n < 0) return Scalar(1.0) / power(x, -n);
  Scalar result(1.0);
  for (; n > 0; n /= 2) {
    if (n % 2 == 1) result = result * x;
    if (n > 1) x = x * x;
  }
  return result;
}

/// Exponents above this are no integers to `pow`.
inline constexpr double kLargestPower = 1024;
/// The integer that an exponent is, if it is a small one and nothing varies it.
inline std::optional<int> as_integer(double x) {
  if (!(std::abs(x) <= kLargestPower) || x != std::floor(x)) return std::nullopt;
  return static_cast<int>(x);
}

/// x^y: by multiplication where y is a small integer, so that x may have any sign; else
/// e^(y log x), which needs x > 0.
template <class Scalar>
Scalar pow(const Scalar& x, const Scalar& y) {
  if (const auto n = as_integer(y)) return power(x, *n);
  return exp(y * log(x));
}
inline double pow(double x, double y) {
  if (const auto n = as_integer(y)) return power(x, *n);
  return std::pow(x, y);
}

/// tanh' = 1 - t^2 where tanh is t.
template <class Scalar>
Scalar tanh_slope(const Scalar& t) {
  return (Scalar(1.0) - t) * (Scalar(1.0) + t);
}
/// sigmoid' = s (1 - s) where sigmoid is s.
template <class Scalar>
Scalar sigmoid_slope(const Scalar& s) {
  return s * (Scalar(1.0) - s);
}

}  // namespace nullcline::numerics
