// SPDX-License-Identifier: BSD-3-Clause
// Maps whose orbits are known.
#pragma once

#include <cmath>
#include <memory>
#include <string>

#include "nullcline/dynamics/function_system.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::orbits::testing {

/// h' = tanh(-3 h): one unstable fixed point at 0 and the orbit {p, -p} with p = tanh(3 p) and the
/// multiplier 9 (1 - p^2)^2.
struct Flip {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    using numerics::tanh;
    out[0] = tanh(Scalar(-3.0) * h[0]);
  }
};

inline double flip_state() {
  double p = 1;
  for (int i = 0; i < 100; ++i) p = std::tanh(3 * p);
  return p;
}

/// (x, y)' = tanh(gain R (x, y)) with R a rotation by `turn`: for gain > 1 the origin has lost its
/// stability to an invariant circle.
struct Rotation {
  double gain = 1.2, turn = 0.1234;

  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    using numerics::tanh;
    const double c = gain * std::cos(2 * M_PI * turn), s = gain * std::sin(2 * M_PI * turn);
    out[0] = tanh(Scalar(c) * h[0] - Scalar(s) * h[1]);
    out[1] = tanh(Scalar(s) * h[0] + Scalar(c) * h[1]);
  }
};

/// A quarter turn of the Ring with r drawn to 1/2 and the angle by pull sin(4 angle) to four
/// values: (x, y) -> (-y, x) after radial contraction and that drift.
struct Resonance {
  double pull = 3e-4;

  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    const Scalar x = h[0], y = h[1], r2 = x * x + y * y;
    const Scalar radial = Scalar(0.25) * (Scalar(1.0) - Scalar(4.0) * r2);
    // sin(4 angle) = 4 x y (x^2 - y^2) / r^4, and r = 1/2 on the circle.
    const Scalar turn = Scalar(-64 * pull) * x * y * (x * x - y * y);
    const Scalar u = x + radial * x - turn * y, v = y + radial * y + turn * x;
    out[0] = Scalar(0.0) - v;
    out[1] = u;
  }
};

/// Two rotations side by side, of different turns: a torus.
struct TwoRotations {
  Rotation first{1.2, 0.1234}, second{1.3, 0.2718};

  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    first(h, x, out);
    second(h + 2, x, out + 2);
  }
};

/// A rotation whose gain depends on the sign of a flip: the map exchanges two circles.
struct FlippedRotation {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    const Rotation rotation{1.2, 0.0911};
    const Scalar factor = Scalar(1.0) + Scalar(0.2) * h[2];
    const Scalar scaled[2] = {factor * h[0], factor * h[1]};
    rotation(scaled, x, out);
    Flip{}(h + 2, x, out + 2);
  }
};

/// (x, y)' = (1 - a x^2 + y, b x), a = 1.4, b = 0.3: chaotic with the exponent 0.419; ln b in sum.
struct Henon {
  double a = 1.4, b = 0.3;

  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = Scalar(1.0) - Scalar(a) * h[0] * h[0] + h[1];
    out[1] = Scalar(b) * h[0];
  }
};

inline dynamics::Box unit_box(Index n) { return {Vector::Constant(n, -1), Vector::Constant(n, 1)}; }

template <class Function>
dynamics::FunctionSystem<Function> in_unit_box(Function function, Index n) {
  return {std::move(function), n, 0, dynamics::Time::discrete, unit_box(n)};
}

/// A trained network of tests/data/flip-flop with states that its task visits.
struct Oracle {
  std::unique_ptr<dynamics::System> system;
  Matrix visited;
  NamedArrays truth;
};

inline Oracle load_oracle(const std::string& name, models::CellKind cell) {
  const std::string path = NULLCLINE_TEST_DATA "/flip-flop/" + name;
  interchange::ImportOptions options;
  options.cell = cell;
  Oracle oracle;
  oracle.system = models::make_system(
      interchange::network_from_pytorch(io::read_npz(path + ".weights.npz"), options));
  oracle.visited = io::read_npz(path + ".states.npz").matrix("states");
  oracle.truth = io::read_npz(path + ".truth.npz");
  return oracle;
}

inline fixed_points::FixedPointSet points_of(const dynamics::System& system,
                                             ConstMatrixRef visited) {
  fixed_points::SearchOptions options;
  options.n_starts = 600;
  options.max_starts = 2000;
  return find_fixed_points(system, Vector::Zero(system.n_inputs()), visited, options);
}

}  // namespace nullcline::orbits::testing
