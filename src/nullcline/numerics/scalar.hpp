// SPDX-License-Identifier: BSD-3-Clause
// The functions that cell formulas use, for double; Interval, Dual and Jet bring their own.
#pragma once

#include <cmath>

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
