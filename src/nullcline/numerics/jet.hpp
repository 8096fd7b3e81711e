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

/// f(x) from f and its first three derivatives at x.c[0].
inline Jet compose(const Jet& x, double f, double f1, double f2, double f3) {
  Jet y(f);
  y.c[1] = f1 * x.c[1];
  y.c[2] = f1 * x.c[2] + f2 / 2 * x.c[1] * x.c[1];
  y.c[3] = f1 * x.c[3] + f2 * x.c[1] * x.c[2] + f3 / 6 * x.c[1] * x.c[1] * x.c[1];
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
inline Jet log(const Jet& x) {
  const double a = x.c[0];
  return internal::compose(x, log(a), 1 / a, -1 / (a * a), 2 / (a * a * a));
}
inline Jet sqrt(const Jet& x) {
  const double a = x.c[0], s = sqrt(a);
  return internal::compose(x, s, 0.5 / s, -0.25 / (a * s), 0.375 / (a * a * s));
}
inline Jet sin(const Jet& x) {
  const double s = sin(x.c[0]), c = cos(x.c[0]);
  return internal::compose(x, s, c, -s, -c);
}
inline Jet cos(const Jet& x) {
  const double s = sin(x.c[0]), c = cos(x.c[0]);
  return internal::compose(x, c, -s, -c, s);
}
inline Jet tan(const Jet& x) {
  return internal::integrate_slope(tan(x.c[0]), x, [](const Jet& y) { return Jet(1.0) + y * y; });
}
inline Jet sinh(const Jet& x) {
  const double s = sinh(x.c[0]), c = cosh(x.c[0]);
  return internal::compose(x, s, c, s, c);
}
inline Jet cosh(const Jet& x) {
  const double s = sinh(x.c[0]), c = cosh(x.c[0]);
  return internal::compose(x, c, s, c, s);
}
inline Jet atanh(const Jet& x) {
  const double a = x.c[0], d = 1 / ((1 - a) * (1 + a));
  return internal::compose(x, atanh(a), d, 2 * a * d * d, (2 + 6 * a * a) * d * d * d);
}
inline Jet abs(const Jet& x) { return Jet(abs_derivative(x.c[0])) * x; }
/// Only where the exponent does not vary.
inline std::optional<int> as_integer(const Jet& x) {
  if (x.c[1] != 0 || x.c[2] != 0 || x.c[3] != 0) return std::nullopt;
  return as_integer(x.c[0]);
}
inline Jet relu(const Jet& x) { return x.c[0] > 0 ? x : Jet(0.0); }
inline Jet relu_derivative(const Jet& x) { return {relu_derivative(x.c[0])}; }

}  // namespace nullcline::numerics
