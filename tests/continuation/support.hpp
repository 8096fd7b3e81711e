// SPDX-License-Identifier: BSD-3-Clause
// Systems with bifurcations worked out by hand.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nullcline/continuation/continue.hpp"
#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::testing {

using continuation::Branch;
using continuation::BranchKind;
using continuation::Continuation;
using continuation::ContinuationOptions;
using continuation::Criticality;
using continuation::EndReason;
using continuation::Event;
using continuation::EventType;
using dynamics::Box;
using dynamics::FunctionSystem;
using dynamics::Time;

/// A function with the member `parameter` as a system with the parameter "parameter".
template <class Function>
class NamedSystem : public FunctionSystem<Function> {
 public:
  NamedSystem(Function function, Index n, Time time, Box box)
      : FunctionSystem<Function>(function, n, 0, time, box),
        function_(function),
        n_(n),
        box_(std::move(box)) {}
  std::vector<std::string> parameter_names() const override { return {"parameter"}; }
  double parameter(std::string_view) const override { return function_.parameter; }
  std::unique_ptr<dynamics::System> with_parameter(std::string_view, double value) const override {
    Function changed = function_;
    changed.parameter = value;
    return std::make_unique<NamedSystem>(changed, n_, this->time(), box_);
  }

 private:
  Function function_;
  Index n_;
  Box box_;
};

inline Box box(Index n, double size) {
  return {Vector::Constant(n, -size), Vector::Constant(n, size)};
}

// x' = mu + s x^2
struct Fold {
  double s;
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] + S(s) * h[0] * h[0];
  }
};

// x' = mu x + s x^3
struct Pitchfork {
  double s;
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] * h[0] + S(s) * h[0] * h[0] * h[0];
  }
};

// x' = mu x - x^2
struct Transcritical {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] * h[0] - h[0] * h[0];
  }
};

// The Hopf normal form with l1 of the sign of s (|q| = 1 halves the cubic terms), shifted and
// sheared by a quadratic term that the formula must take into account: u' = mu u - w v + s u (u^2 +
// v^2), v' = w u + mu v + s v (u^2 + v^2).
struct HopfNormalForm {
  double s, w;
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    const S r = h[0] * h[0] + h[1] * h[1];
    out[0] = x[0] * h[0] - S(w) * h[1] + S(s) * h[0] * r;
    out[1] = S(w) * h[0] + x[0] * h[1] + S(s) * h[1] * r;
  }
};

// x' = r x (1 - x)
struct Logistic {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] * h[0] * (S(1.0) - h[0]);
  }
};

// The delayed logistic map x' = r x (1 - y), y' = x: Neimark-Sacker at r = 2, theta = pi / 3.
struct DelayedLogistic {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] * h[0] * (S(1.0) - h[1]);
    out[1] = h[0];
  }
};

// Bogdanov-Takens: u' = v, v' = b1 + b2 u + u^2 + s u v.
struct BogdanovTakens {
  double s;
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = h[1];
    out[1] = x[0] + x[1] * h[0] + h[0] * h[0] + S(s) * h[0] * h[1];
  }
};

// Cusp: x' = b1 + b2 x - x^3
struct Cusp {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] + x[1] * h[0] - h[0] * h[0] * h[0];
  }
};

// Generalized Hopf: rho' = rho (b1 + b2 rho^2 - rho^4), phi' = 1.
struct GeneralizedHopf {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    const S r = h[0] * h[0] + h[1] * h[1];
    const S growth = x[0] + x[1] * r - r * r;
    out[0] = growth * h[0] - h[1];
    out[1] = growth * h[1] + h[0];
  }
};

// Equation 8 of Jordan et al. (2021): h' = (tanh(k R(alpha) h) - h) / 2, or its map with a step of
// 1, h' = (tanh(k R(alpha) h) + h) / 2.
struct Equation8 {
  double k, parameter;
  bool is_map = false;
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    using numerics::tanh;
    const double c = k * std::cos(parameter), s = k * std::sin(parameter);
    const S sign(is_map ? 1.0 : -1.0);
    out[0] = S(0.5) * (tanh(S(c) * h[0] - S(s) * h[1]) + sign * h[0]);
    out[1] = S(0.5) * (tanh(S(s) * h[0] + S(c) * h[1]) + sign * h[1]);
  }
};

// Equation 9: h' = (tanh(1.5 Q h + (0.32, gamma)) - h) / 2, Q = [[c, s], [-s, c]], angle pi / 20.
struct Equation9 {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    using numerics::tanh;
    const double c = 1.5 * std::cos(M_PI / 20), s = 1.5 * std::sin(M_PI / 20);
    out[0] = S(0.5) * (tanh(S(c) * h[0] + S(s) * h[1] + S(0.32)) - h[0]);
    out[1] = S(0.5) * (tanh(S(c) * h[1] - S(s) * h[0] + x[0]) - h[1]);
  }
};

// One GRU unit: h' = (tanh(u sigma(u_r h + b_r) h + b_h) - h) / 2
struct GruUnit {
  double u, ur, br;
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    using numerics::sigmoid;
    using numerics::tanh;
    out[0] = S(0.5) * (tanh(S(u) * sigmoid(S(ur) * h[0] + S(br)) * h[0] + x[0]) - h[0]);
  }
};

template <class Function>
FunctionSystem<Function> flow(Function f, Index n, Index n_inputs, double size) {
  return FunctionSystem<Function>(f, n, n_inputs, Time::continuous, box(n, size));
}
template <class Function>
FunctionSystem<Function> map(Function f, Index n, Index n_inputs, double size) {
  return FunctionSystem<Function>(f, n, n_inputs, Time::discrete, box(n, size));
}

inline Vector vec(std::initializer_list<double> values) {
  return Eigen::Map<const Vector>(values.begin(), static_cast<Index>(values.size()));
}

/// All events of a type, over all branches; a place where two branches meet counts once.
inline std::vector<Event> events(const std::vector<Branch>& branches, EventType type) {
  std::vector<Event> found;
  for (const Branch& branch : branches)
    for (const Event& event : branch.events) {
      bool is_new = event.type == type;
      for (const Event& other : found)
        if ((other.state - event.state).norm() < 1e-6 &&
            (other.parameters - event.parameters).norm() < 1e-6)
          is_new = false;
      if (is_new) found.push_back(event);
    }
  return found;
}

/// Points of all branches where the parameter crosses this value.
inline int n_crossings(const std::vector<Branch>& branches, double value) {
  int n = 0;
  for (const Branch& branch : branches)
    for (Index i = 0; i + 1 < branch.parameters.rows(); ++i)
      n += (branch.parameters(i, 0) < value) != (branch.parameters(i + 1, 0) < value) ? 1 : 0;
  return n;
}

}  // namespace nullcline::testing
