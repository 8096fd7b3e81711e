// SPDX-License-Identifier: BSD-3-Clause
// Systems with known answers, for tests, benchmarks and examples.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::testing {

/// A network with Gaussian weights of standard deviation gain / sqrt(n_units) (input and readout 1
/// and 1 / sqrt(n_units)) and biases of 0.3: valid for any cell.
inline models::Network random_network(models::CellKind cell, models::Activation activation,
                                      models::Reset reset, Index n_units, Index n_inputs,
                                      double gain, Rng& rng) {
  const Index rows = models::n_gates(cell) * n_units;
  const auto normal = [&](Index r, Index c, double scale) {
    Matrix m(r, c);
    for (Index i = 0; i < m.size(); ++i) m.data()[i] = scale * rng.normal();
    return m;
  };
  models::Network net;
  net.cell = cell;
  net.activation = activation;
  net.reset = reset;
  const double root = std::sqrt(static_cast<double>(n_units));
  net.recurrent_weights = normal(rows, n_units, gain / root);
  net.input_weights = normal(rows, n_inputs, 1);
  net.bias = normal(rows, 1, 0.3);
  if (cell == models::CellKind::gru && reset == models::Reset::after)
    net.recurrent_bias = normal(n_units, 1, 0.3);
  if (cell == models::CellKind::leaky || cell == models::CellKind::leaky_outside) {
    net.alpha.resize(n_units);
    for (double& alpha : net.alpha) alpha = rng.uniform(0.2, 1.0);
  }
  net.forget_bias = cell == models::CellKind::vanilla ? 0 : 0.5;
  net.readout_weights = normal(2, n_units, 1 / root);
  net.readout_bias = normal(2, 1, 0.3);
  net.initial_state = Vector::Zero(net.n_states());
  return net;
}

/// An LSTM as `random_network` draws it, with an output projection to n_hidden numbers.
inline models::Network random_projected_lstm(models::Activation activation, Index n_units,
                                             Index n_hidden, Index n_inputs, double gain,
                                             Rng& rng) {
  const auto normal = [&](Index r, Index c, double scale) {
    Matrix m(r, c);
    for (Index i = 0; i < m.size(); ++i) m.data()[i] = scale * rng.normal();
    return m;
  };
  models::Network net = random_network(models::CellKind::lstm, activation, models::Reset::after,
                                       n_units, n_inputs, gain, rng);
  net.recurrent_weights =
      normal(4 * n_units, n_hidden, gain / std::sqrt(static_cast<double>(n_hidden)));
  net.projection = normal(n_hidden, n_units, 1 / std::sqrt(static_cast<double>(n_units)));
  net.readout_weights = normal(2, n_hidden, 1);
  net.initial_state = Vector::Zero(net.n_states());
  return net;
}

/// Layers of `random_network`, the first one at the bottom, with the readout of the last.
inline models::Network random_stack(models::CellKind cell, models::Activation activation,
                                    models::Reset reset, const std::vector<Index>& n_units,
                                    Index n_inputs, double gain, Rng& rng) {
  std::vector<models::Network> layers;
  for (const Index units : n_units) {
    layers.push_back(random_network(cell, activation, reset, units, n_inputs, gain, rng));
    n_inputs = units;
  }
  for (std::size_t k = 0; k + 1 < layers.size(); ++k) {
    layers[k].readout_weights.resize(0, 0);
    layers[k].readout_bias.resize(0);
  }
  return models::stack(std::move(layers));
}

/// h' = tanh(W h + A u) without bias.
inline models::Network tanh_network(const Matrix& recurrent, const Matrix& input) {
  models::Network net;
  net.recurrent_weights = recurrent;
  net.input_weights = input;
  net.bias = Vector::Zero(recurrent.rows());
  net.readout_weights = Matrix::Identity(recurrent.rows(), recurrent.rows());
  net.readout_bias = Vector::Zero(recurrent.rows());
  net.initial_state = Vector::Zero(recurrent.rows());
  return net;
}

/// h' = tanh(2 h + 4 u), unit by unit: a hand-built K-bit flip-flop. The fixed points are all of
/// {-h*, 0, h*}^K with h* = 0.9575040240772687 = tanh(2 h*); multipliers are 2 (1 - h^2).
inline models::Network ideal_flip_flop(Index bits = 3) {
  return tanh_network(2 * Matrix::Identity(bits, bits), 4 * Matrix::Identity(bits, bits));
}
inline constexpr double kIdealFlipFlopState = 0.9575040240772687;

/// h' = tanh(h W) with W[i] = -roll(linspace(-1, 1, n), -i): 3, 3 and 9 fixed points for n = 2,
/// 3, 4.
inline models::Network rolled_network(Index n) {
  Matrix w(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      w(i, j) = -(-1.0 + 2.0 * static_cast<double>((j + i) % n) / static_cast<double>(n - 1));
  return tanh_network(w.transpose(), Matrix(n, 0));
}

/// FitzHugh-Nagumo, dx/dt = x - x^3/3 - y + I, tau dy/dt = x + a - b y, with a = 0.7, b = 0.8,
/// tau = 12.5 and the input I: a plane flow with none of the extras. For every I there is one
/// equilibrium; it is unstable for 0.3312813374548 < I < 1.4187186625453 (Hopf points).
class FitzHughNagumo : public dynamics::System {
 public:
  dynamics::Time time() const override { return dynamics::Time::continuous; }
  Index n_states() const override { return 2; }
  Index n_inputs() const override { return 1; }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b) {
      const double x = states(b, 0), y = states(b, 1);
      out(b, 0) = x - x * x * x / 3 - y + inputs(inputs.rows() == 1 ? 0 : b, 0);
      out(b, 1) = (x + 0.7 - 0.8 * y) / 12.5;
    }
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b) {
      const double x = states(b, 0);
      out.middleRows(2 * b, 2) << 1 - x * x, -1.0, 1 / 12.5, -0.8 / 12.5;
    }
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b) out.middleRows(2 * b, 2) << 1.0, 0.0;
  }
};

}  // namespace nullcline::testing
