// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/numerics/interval.hpp"
#include "nullcline/numerics/scalar.hpp"

namespace nullcline::numerics {

/// A value and its derivative along one direction: a + b e with e^2 = 0. `Scalar` is double or
/// Interval; over intervals the derivative is an enclosure.
template <class Scalar>
struct Dual {
  Scalar value{};
  Scalar derivative{};

  Dual() = default;
  Dual(double v) : value(v) {}  // NOLINT: a number is a dual number with derivative zero
  Dual(Scalar v, Scalar d) : value(v), derivative(d) {}

  Dual& operator+=(const Dual& b) { return *this = *this + b; }
  Dual& operator-=(const Dual& b) { return *this = *this - b; }
  Dual& operator*=(const Dual& b) { return *this = *this * b; }

  friend Dual operator-(const Dual& a) { return {-a.value, -a.derivative}; }
  friend Dual operator+(const Dual& a, const Dual& b) {
    return {a.value + b.value, a.derivative + b.derivative};
  }
  friend Dual operator-(const Dual& a, const Dual& b) {
    return {a.value - b.value, a.derivative - b.derivative};
  }
  friend Dual operator*(const Dual& a, const Dual& b) {
    return {a.value * b.value, a.derivative * b.value + a.value * b.derivative};
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    const Scalar quotient = a.value / b.value;
    return {quotient, (a.derivative - quotient * b.derivative) / b.value};
  }
};

template <class Scalar>
Dual<Scalar> exp(const Dual<Scalar>& x) {
  const Scalar e = exp(x.value);
  return {e, e * x.derivative};
}

template <class Scalar>
Dual<Scalar> tanh(const Dual<Scalar>& x) {
  const Scalar t = tanh(x.value);
  return {t, tanh_slope(t) * x.derivative};
}

template <class Scalar>
Dual<Scalar> sigmoid(const Dual<Scalar>& x) {
  const Scalar s = sigmoid(x.value);
  return {s, sigmoid_slope(s) * x.derivative};
}

template <class Scalar>
Dual<Scalar> log(const Dual<Scalar>& x) {
  return {log(x.value), x.derivative / x.value};
}

template <class Scalar>
Dual<Scalar> sqrt(const Dual<Scalar>& x) {
  const Scalar s = sqrt(x.value);
  return {s, x.derivative / (Scalar(2.0) * s)};
}

template <class Scalar>
Dual<Scalar> sin(const Dual<Scalar>& x) {
  return {sin(x.value), cos(x.value) * x.derivative};
}

template <class Scalar>
Dual<Scalar> cos(const Dual<Scalar>& x) {
  return {cos(x.value), -sin(x.value) * x.derivative};
}

template <class Scalar>
Dual<Scalar> tan(const Dual<Scalar>& x) {
  const Scalar t = tan(x.value);
  return {t, (Scalar(1.0) + power(t, 2)) * x.derivative};
}

template <class Scalar>
Dual<Scalar> sinh(const Dual<Scalar>& x) {
  return {sinh(x.value), cosh(x.value) * x.derivative};
}

template <class Scalar>
Dual<Scalar> cosh(const Dual<Scalar>& x) {
  return {cosh(x.value), sinh(x.value) * x.derivative};
}

template <class Scalar>
Dual<Scalar> atanh(const Dual<Scalar>& x) {
  return {atanh(x.value), x.derivative / ((Scalar(1.0) - x.value) * (Scalar(1.0) + x.value))};
}

template <class Scalar>
Dual<Scalar> abs(const Dual<Scalar>& x) {
  return {abs(x.value), abs_derivative(x.value) * x.derivative};
}

template <class Scalar>
Dual<Scalar> abs_derivative(const Dual<Scalar>& x) {
  return {abs_derivative(x.value), Scalar(0.0)};
}

template <class Scalar>
Dual<Scalar> power(const Dual<Scalar>& x, int n) {
  if (n == 0) return Dual<Scalar>(1.0);
  return {power(x.value, n), Scalar(static_cast<double>(n)) * power(x.value, n - 1) * x.derivative};
}

/// Only where the exponent does not vary.
template <class Scalar>
std::optional<int> as_integer(const Dual<Scalar>& x) {
  const std::optional<int> derivative = as_integer(x.derivative);
  return derivative && *derivative == 0 ? as_integer(x.value) : std::nullopt;
}

template <class Scalar>
Dual<Scalar> relu(const Dual<Scalar>& x) {
  return {relu(x.value), relu_derivative(x.value) * x.derivative};
}

/// Piecewise constant: its own derivative is zero away from the kink.
template <class Scalar>
Dual<Scalar> relu_derivative(const Dual<Scalar>& x) {
  return {relu_derivative(x.value), Scalar(0.0)};
}

}  // namespace nullcline::numerics
