// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models {

/// i = sigma(a_i), f = sigma(a_f + beta), g = phi(a_g), o = sigma(a_o);
/// c' = f c + i g, h' = o phi(c'). State [h; c], no peepholes. Hochreiter & Schmidhuber (1997),
/// Gers et al. (2000). A cell's functions are explained in vanilla.hpp.
struct LstmCell {
  static constexpr Index kSlots = 6;  // i, f, g, o, phi'(a_g), 1 - f

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    const Index n = net.n_units();
    for (Index k = 0; k < n; ++k) {
      const Scalar forget = internal::preactivation(net, 1, k, h, x) + Scalar(net.forget_bias);
      g[k] = internal::logistic(internal::preactivation(net, 0, k, h, x));
      g[n + k] = internal::logistic(forget);
      const auto candidate =
          internal::phi(net.activation, internal::preactivation(net, 2, k, h, x));
      g[2 * n + k] = candidate.value;
      g[3 * n + k] = internal::logistic(internal::preactivation(net, 3, k, h, x));
      g[4 * n + k] = candidate.derivative;
      g[5 * n + k] = internal::logistic(Scalar(-forget));  // 1 - f without cancellation
    }
  }

  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g);

  template <class Scalar>
  static void next(const Network& net, const Scalar* state, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    for (Index k = 0; k < n; ++k) {
      out[n + k] = g[n + k] * state[n + k] + g[k] * g[2 * n + k];
      out[k] = g[3 * n + k] * internal::phi(net.activation, out[n + k]).value;
    }
  }

  /// Blocks: dc'/dc = D(f), dc'/dh = D(c f') W_f + D(g i') W_i + D(i phi') W_g,
  ///         dh'/dc = D(o phi'(c')) dc'/dc, dh'/dh = D(phi(c') o') W_o + D(o phi'(c')) dc'/dh.
  template <class Scalar>
  static void jacobian(const Network& net, const Scalar* state, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    std::fill(out, out + 4 * n * n, Scalar(0.0));
    for (Index k = 0; k < n; ++k) {
      const Scalar cell = g[n + k] * state[n + k] + g[k] * g[2 * n + k];
      const auto squash = internal::phi(net.activation, cell);
      const Scalar slope = g[3 * n + k] * squash.derivative;
      Scalar* h_row = out + k * 2 * n;
      Scalar* c_row = out + (n + k) * 2 * n;
      cell_slopes(net, g, k, state[n + k], n, internal::recurrent_block, c_row);
      const Scalar output = squash.value * numerics::sigmoid_slope(g[3 * n + k]);
      const double* w_o = internal::recurrent_block(net, 3) + k * n;
      for (Index j = 0; j < n; ++j) h_row[j] = output * Scalar(w_o[j]) + slope * c_row[j];
      h_row[n + k] = slope * g[n + k];
      c_row[n + k] = g[n + k];
    }
  }

  static void input_jacobian(const Network& net, const double* state, const double* g, double* out);

  /// Row k of D(c f') M_f + D(g i') M_i + D(i phi') M_g, where M is A or W.
  template <class Scalar, class Block>
  static void cell_slopes(const Network& net, const Scalar* g, Index k, const Scalar& c, Index cols,
                          Block&& block, Scalar* row) {
    const Index n = net.n_units();
    const Scalar through_i = g[2 * n + k] * numerics::sigmoid_slope(g[k]);
    const Scalar through_f = c * g[n + k] * g[5 * n + k];
    const Scalar through_g = g[k] * g[4 * n + k];
    const double* m_i = block(net, 0) + k * cols;
    const double* m_f = block(net, 1) + k * cols;
    const double* m_g = block(net, 2) + k * cols;
    for (Index j = 0; j < cols; ++j)
      row[j] = through_i * Scalar(m_i[j]) + through_f * Scalar(m_f[j]) + through_g * Scalar(m_g[j]);
  }
};

/// The gate-reduced LSTM: at a fixed point c = i g / (1 - f), so solve h = o phi(i g / (1 - f)) in
/// n_units numbers. By the Schur complement on I - D(f) > 0 the index is that of the full map.
struct ReducedLstmCell {
  static constexpr Index kSlots = LstmCell::kSlots;

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    LstmCell::gates(net, h, x, g);
  }
  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g) {
    LstmCell::gates_batch(net, states, inputs, g);
  }

  /// c = i g / (1 - f)
  template <class Scalar>
  static Scalar cell_state(const Network& net, const Scalar* g, Index k) {
    const Index n = net.n_units();
    return g[k] * g[2 * n + k] / g[5 * n + k];
  }

  template <class Scalar>
  static void next(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    for (Index k = 0; k < net.n_units(); ++k)
      out[k] =
          g[3 * net.n_units() + k] * internal::phi(net.activation, cell_state(net, g, k)).value;
  }

  template <class Scalar>
  static void jacobian(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    slopes(net, g, net.n_units(), internal::recurrent_block, out);
  }
  static void input_jacobian(const Network& net, const double*, const double* g, double* out) {
    slopes(net, g, net.n_inputs(), internal::input_block, out);
  }

 private:
  // dc = [D(c f') M_f + D(g i') M_i + D(i phi') M_g] / (1 - f);  dn = D(phi(c) o') M_o + D(o
  // phi'(c)) dc
  template <class Scalar, class Block>
  static void slopes(const Network& net, const Scalar* g, Index cols, Block&& block, Scalar* out) {
    const Index n = net.n_units();
    for (Index k = 0; k < n; ++k) {
      const Scalar c = cell_state(net, g, k);
      const auto squash = internal::phi(net.activation, c);
      const Scalar slope = g[3 * n + k] * squash.derivative / g[5 * n + k];
      const Scalar output = squash.value * numerics::sigmoid_slope(g[3 * n + k]);
      const double* m_o = block(net, 3) + k * cols;
      Scalar* row = out + k * cols;
      LstmCell::cell_slopes(net, g, k, c, cols, block, row);
      for (Index j = 0; j < cols; ++j) row[j] = output * Scalar(m_o[j]) + slope * row[j];
    }
  }
};

}  // namespace nullcline::models
