// SPDX-License-Identifier: BSD-3-Clause
// Flows whose cycles are known.
#pragma once

#include <cmath>

#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::cycles::testing {

template <class Function>
dynamics::FunctionSystem<Function> flow_of(Function function) {
  return {function, 2, 0, dynamics::Time::continuous};
}

/// Equation 8 of Jordan et al. (2021): dh/dt = 1/2 (tanh(k R(alpha) h) - h), k = beta sigma(s).
struct Equation8 {
  double alpha, k = 1.5;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    using numerics::tanh;
    const double c = k * std::cos(alpha), s = k * std::sin(alpha);
    out[0] = 0.5 * (tanh(c * h[0] - s * h[1]) - h[0]);
    out[1] = 0.5 * (tanh(s * h[0] + c * h[1]) - h[1]);
  }
};

/// A continuous GRU with r = z = 1/2: dh/dt = 1/2 (tanh(U h / 2 + b) - h).
struct HalfGatedGru {
  double u[2][2], b[2];
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    using numerics::tanh;
    for (int i = 0; i < 2; ++i)
      out[i] = 0.5 * (tanh(0.5 * (u[i][0] * h[0] + u[i][1] * h[1]) + b[i]) - h[i]);
  }
};

struct Roessler {
  double c = 2.5;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = -h[1] - h[2];
    out[1] = h[0] + 0.2 * h[1];
    out[2] = 0.2 + h[2] * (h[0] - c);
  }
};

struct Lorenz {
  double rho = 28;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = 10.0 * (h[1] - h[0]);
    out[1] = h[0] * (rho - h[2]) - h[1];
    out[2] = h[0] * h[1] - 8.0 / 3.0 * h[2];
  }
};

struct FitzHughNagumo {
  double current = 0.7;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = h[0] - h[0] * h[0] * h[0] / 3.0 - h[1] + current;
    out[1] = 0.08 * (h[0] + 0.7 - 0.8 * h[1]);
  }
};

}  // namespace nullcline::cycles::testing
