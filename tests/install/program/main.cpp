// SPDX-License-Identifier: BSD-3-Clause
// A program of somebody else's: a system that the library has never heard of, with the entry ticket
// and a trapping box. h' = tanh(2 h + x) in three units has 27 fixed points for x = 0.
#include <cmath>
#include <cstdio>

#include "nullcline/core/provenance.hpp"
#include "nullcline/fixed_points/search.hpp"

namespace {

using namespace nullcline;

class Tanh final : public dynamics::System {
 public:
  explicit Tanh(Index n_units) : n_units_(n_units) {}

  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return n_units_; }
  Index n_inputs() const override { return n_units_; }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index row = 0; row < states.rows(); ++row) {
      out.row(row) = (2 * states.row(row) + input_row(inputs, row)).array().tanh().matrix();
    }
  }

  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    derivative(states, inputs, 2, out);
  }

  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    derivative(states, inputs, 1, out);
  }

  std::optional<dynamics::Box> trapping_box() const override {
    return dynamics::Box{Vector::Constant(n_units_, -1), Vector::Constant(n_units_, 1)};
  }

 private:
  static Eigen::RowVectorXd input_row(ConstMatrixRef inputs, Index row) {
    return inputs.row(inputs.rows() == 1 ? 0 : row);
  }

  void derivative(ConstMatrixRef states, ConstMatrixRef inputs, double slope, MatrixRef out) const {
    out.setZero();
    for (Index row = 0; row < states.rows(); ++row) {
      for (Index unit = 0; unit < n_units_; ++unit) {
        const double next = std::tanh(2 * states(row, unit) + input_row(inputs, row)(unit));
        out(row * n_units_ + unit, unit) = slope * (1 - next * next);
      }
    }
  }

  Index n_units_;
};

}  // namespace

int main() {
  const Tanh system(3);
  const Matrix nothing_visited(0, 3);
  const auto set = fixed_points::find_fixed_points(system, Vector::Zero(3), nothing_visited);
  std::printf("nullcline %s: %d fixed points, index sum %d\n", version().c_str(),
              static_cast<int>(set.n_fixed()), set.audit.index_sum);
  return set.n_fixed() == 27 && set.audit.index_sum == 1 ? 0 : 1;
}
