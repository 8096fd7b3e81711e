// SPDX-License-Identifier: BSD-3-Clause
// Networks with known fixed points, and small systems whose every number is known by hand.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::fixed_points::testing {

/// A trained network of tests/data/flip-flop with its visited states and all its fixed points.
struct Oracle {
  std::unique_ptr<dynamics::System> system;
  Vector input;     ///< zero
  Matrix visited;   ///< (n, n_states)
  Matrix expected;  ///< (n_points, n_states)
  NamedArrays truth;
};

inline Oracle load_oracle(const std::string& name, models::CellKind cell) {
  const std::string path = NULLCLINE_TEST_DATA "/flip-flop/" + name;
  interchange::ImportOptions options;
  options.cell = cell;
  Oracle oracle;
  const models::Network network =
      interchange::network_from_pytorch(io::read_npz(path + ".weights.npz"), options);
  oracle.system = models::make_system(network);
  oracle.input = Vector::Zero(network.n_inputs());
  oracle.visited = io::read_npz(path + ".states.npz").matrix("states");
  oracle.truth = io::read_npz(path + ".truth.npz");
  oracle.expected = oracle.truth.matrix("fixed_points");
  return oracle;
}

/// Rows: the states of the certified points of a set.
inline Matrix fixed_states(const FixedPointSet& set, Index n_states) {
  Matrix states(set.n_fixed(), n_states);
  Index row = 0;
  for (const FixedPoint& point : set.points)
    if (point.kind == Kind::fixed) states.row(row++) = point.state.transpose();
  return states;
}

/// The largest distance (infinity norm) from a row of `a` to the nearest row of `b`.
inline double farthest(const Matrix& a, const Matrix& b) {
  double worst = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    double nearest = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < b.rows(); ++j)
      nearest = std::min(nearest, (a.row(i) - b.row(j)).cwiseAbs().maxCoeff());
    worst = std::max(worst, nearest);
  }
  return worst;
}

/// A system from two functions of one state, with none of the extras.
class PlainSystem : public dynamics::System {
 public:
  using Function = std::function<Vector(const Vector&)>;
  using Derivative = std::function<Matrix(const Vector&)>;

  PlainSystem(Index n_states, dynamics::Time time, Function function, Derivative derivative)
      : n_states_(n_states),
        time_(time),
        function_(std::move(function)),
        derivative_(std::move(derivative)) {}

  dynamics::Time time() const override { return time_; }
  Index n_states() const override { return n_states_; }
  Index n_inputs() const override { return 0; }
  void evaluate(ConstMatrixRef states, ConstMatrixRef, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b)
      out.row(b) = function_(states.row(b).transpose()).transpose();
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b)
      out.middleRows(b * n_states_, n_states_) = derivative_(states.row(b).transpose());
  }
  void input_jacobian(ConstMatrixRef, ConstMatrixRef, MatrixRef) const override {}

 private:
  Index n_states_;
  dynamics::Time time_;
  Function function_;
  Derivative derivative_;
};

/// h' = M h.
inline PlainSystem linear_map(const Matrix& matrix) {
  return {matrix.rows(), dynamics::Time::discrete, [matrix](const Vector& h) { return matrix * h; },
          [matrix](const Vector&) { return matrix; }};
}

/// dx/dt = x^2 + gap, one state: equilibria at +-sqrt(-gap) for gap < 0; for gap > 0 a ghost at 0
/// that takes pi / sqrt(gap) to pass.
inline PlainSystem saddle_node(double gap) {
  return {1, dynamics::Time::continuous,
          [gap](const Vector& x) { return Vector(x.array().square() + gap); },
          [](const Vector& x) { return Matrix::Constant(1, 1, 2 * x(0)); }};
}

}  // namespace nullcline::fixed_points::testing
