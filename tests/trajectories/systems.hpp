// SPDX-License-Identifier: BSD-3-Clause
// Systems whose exponents are known.
#pragma once

#include <cmath>

#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::trajectories {

template <Index States, class Function>
dynamics::FunctionSystem<Function> flow_of(Function function) {
  return {function, States, 0, dynamics::Time::continuous};
}
template <Index States, class Function>
dynamics::FunctionSystem<Function> map_of(Function function) {
  return {function, States, 0, dynamics::Time::discrete};
}

struct Lorenz {
  double r = 28;
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = 10.0 * (h[1] - h[0]);
    out[1] = h[0] * (r - h[2]) - h[1];
    out[2] = h[0] * h[1] - 8.0 / 3 * h[2];
  }
};

struct Roessler {
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = -h[1] - h[2];
    out[1] = h[0] + 0.2 * h[1];
    out[2] = 0.2 + h[2] * (h[0] - 5.7);
  }
};

/// Conservative: no orbit attracts. Of stiffness 0 every one has the period 2 pi.
struct Oscillator {
  double stiffness = 0;
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = h[1];
    out[1] = -1.0 * h[0] - stiffness * h[0] * h[0] * h[0];
  }
};

/// A center in a plane to which the third state is drawn.
struct DrawnToAPlane {
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = h[1];
    out[1] = -1.0 * h[0];
    out[2] = -1.0 * h[2];
  }
};

struct VanDerPol {
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = h[1];
    out[1] = (1.0 - h[0] * h[0]) * h[1] - h[0];
  }
};

/// Two circles, turned by 1 and by sqrt(2), that attract at a rate of 2.
struct TwoFrequencies {
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    const double speed[] = {1, std::sqrt(2.0)};
    for (int k = 0; k < 2; ++k) {
      const S &x = h[2 * k], &y = h[2 * k + 1];
      const S growth = 1.0 - x * x - y * y;
      out[2 * k] = growth * x - speed[k] * y;
      out[2 * k + 1] = growth * y + speed[k] * x;
    }
  }
};

/// Turns round the unit circle at the speed 1 + epsilon - x: a passage near (1, 0) takes
/// 2 pi / sqrt(2 epsilon).
struct Bottleneck {
  double epsilon;
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    const S growth = 1.0 - h[0] * h[0] - h[1] * h[1];
    const S speed = 1.0 + epsilon - h[0];
    out[0] = growth * h[0] - speed * h[1];
    out[1] = growth * h[1] + speed * h[0];
  }
};

struct BlowUp {
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = 1.0 + h[0] * h[0];
  }
};

struct Henon {
  double a = 1.4;
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = 1.0 - a * h[0] * h[0] + h[1];
    out[1] = 0.3 * h[0];
  }
};

struct DelayedLogistic {
  double a;
  template <class S>
  void operator()(const S* h, const S*, S* out) const {
    out[0] = a * h[0] * (1.0 - h[1]);
    out[1] = h[0];
  }
};

}  // namespace nullcline::trajectories
