// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "nullcline/numerics/scalar.hpp"

namespace nullcline::numerics {

/// A truncated Taylor series c0 + c1 t + c2 t^2 + c3 t^3 along one direction: with h + t v put in,
/// the k-th directional derivative of a function is k! c_k of the result. Normal forms and
/// lifetimes of slow points need the second and third.
struct Jet {
  std::array<double, 4> c{};

  Jet() = default;
  Jet(double value) : c{value, 0, 0, 0} {}  // NOLINT: a number is a constant series
  static Jet line(double value, double direction) {
    Jet x(value);
    x.c[1] = direction;
    return x;
  }

  Jet& operator+=(const Jet& b) { return *this = *this + b; }
  Jet& operator-=(const Jet& b) { return *this = *this - b; }
  Jet& operator*=(const Jet& b) { return *this = *this * b; }

  friend Jet operator-(Jet a) {
    for (double& x : a.c) x = -x;
    return a;
  }
  friend Jet operator+(Jet a, const Jet& b) {
    for (std::size_t k = 0; k < 4; ++k) a.c[k] += b.c[k];
    return a;
  }
  friend Jet operator-(Jet a, const Jet& b) {
    for (std::size_t k = 0; k < 4; ++k) a.c[k] -= b.c[k];
    return a;
  }
  friend Jet operator*(const Jet& a, const Jet& b) {
    Jet product;
    for (std::size_t k = 0; k < 4; ++k)
      for (std::size_t j = 0; j <= k; ++j) product.c[k] += a.c[j] * b.c[k - j];
    return product;
  }
  friend Jet operator/(const Jet& a, const Jet& b) {
    Jet quotient;
    for (std::size_t k = 0; k < 4; ++k) {
      double remainder = a.c[k];
      for (std::size_t j = 0; j < k; ++j) remainder -= quotient.c[j] * b.c[k - j];
      quotient.c[k] = remainder / b.c[0];
    }
    return quotient;
  }
};

namespace internal {

/// Solves y' = g(y) x' term by term: `slope(y)` is g of the series known so far, whose terms up to
/// k-1 fix term k of y.
template <class Slope>
Jet integrate_slope(double y0, const Jet& x, Slope&& slope) {
  Jet y(y0);
  for (std::size_t k = 1; k < 4; ++k) {
    const Jet g = slope(y);
    double sum = 0;
    for (std::size_t j = 1; j <= k; ++j) sum += static_cast<double>(j) * x.c[j] * g.c[k - j];
    y.c[k] = sum / static_cast<double>(k);
  }
  return y;
}

}  // namespace internal

inline Jet exp(const Jet& x) {
  return internal::integrate_slope(exp(x.c[0]), x, [](const Jet& y) { return y; });
}
inline Jet tanh(const Jet& x) {
  return internal::integrate_slope(tanh(x.c[0]), x, [](const Jet& y) { return Jet(1.0) - y * y; });
}
inline Jet sigmoid(const Jet& x) {
  return internal::integrate_slope(sigmoid(x.c[0]), x,
                                   [](const Jet& y) { return y * (Jet(1.0) - y); });
}
inline Jet relu(const Jet& x) { return x.c[0] > 0 ? x : Jet(0.0); }
inline Jet relu_derivative(const Jet& x) { return {relu_derivative(x.c[0])}; }

}  // namespace nullcline::numerics
