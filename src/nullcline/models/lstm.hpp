// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models {

/// i = sigma(a_i), f = sigma(a_f + beta), g = phi(a_g), o = sigma(a_o);
/// c' = f c + i g, h' = o phi(c'), or P (o phi(c')) with an output projection (Sak et al. 2014).
/// State [h; c], no peepholes. Hochreiter & Schmidhuber (1997), Gers et al. (2000). A cell's
/// functions are explained in vanilla.hpp.
struct LstmCell {
  static constexpr Index kSlots = 6;  // i, f, g, o, phi'(a_g), 1 - f

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    const Index n = net.n_units();
    for (const Index gate : {0, 1, 2, 3}) internal::preactivations(net, gate, h, x, g + gate * n);
    for (Index k = 0; k < n; ++k) {
      g[n + k] += Scalar(net.forget_bias);
      g[5 * n + k] = -g[n + k];  // 1 - f = sigma(-a) without cancellation
    }
    internal::apply_logistic(g, 2 * n);
    internal::apply_phi(net.activation, g + 2 * n, g + 4 * n, n);
    internal::apply_logistic(g + 3 * n, n);
    internal::apply_logistic(g + 5 * n, n);
  }

  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g);

  /// c' = f c + i g
  template <class Scalar>
  static Scalar cell_state(const Network& net, const Scalar* state, const Scalar* g, Index k) {
    const Index n = net.n_units();
    return g[n + k] * state[net.n_hidden() + k] + g[k] * g[2 * n + k];
  }

  template <class Scalar>
  static void next(const Network& net, const Scalar* state, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    Scalar* c_next = out + net.n_hidden();
    thread_local internal::Scratch<Scalar> scratch;
    Scalar* rates = net.is_projected() ? scratch.get(n) : out;
    for (Index k = 0; k < n; ++k) {
      c_next[k] = cell_state(net, state, g, k);
      rates[k] = g[3 * n + k] * internal::phi(net.activation, c_next[k]).value;
    }
    project(net, static_cast<const Scalar*>(rates), out, 1);
  }

  /// Blocks: dc'/dc = D(f), dc'/dh = D(c f') W_f + D(g i') W_i + D(i phi') W_g,
  ///         dh'/dc = D(o phi'(c')) dc'/dc, dh'/dh = D(phi(c') o') W_o + D(o phi'(c')) dc'/dh;
  ///         with a projection P dh'/dc and P dh'/dh.
  template <class Scalar>
  static void jacobian(const Network& net, const Scalar* state, const Scalar* g, Scalar* out) {
    const Index n = net.n_units(), n_hidden = net.n_hidden(), width = n + n_hidden;
    thread_local internal::Scratch<Scalar> scratch;
    Scalar* rates = net.is_projected() ? scratch.get(n * width) : out;
    std::fill(out, out + width * width, Scalar(0.0));
    if (rates != out) std::fill(rates, rates + n * width, Scalar(0.0));
    for (Index k = 0; k < n; ++k) {
      Scalar* rate = rates + k * width;
      Scalar* cell = out + (n_hidden + k) * width;
      const Scalar slope =
          unit_slopes(net, state, g, k, n_hidden, internal::recurrent_block, rate, cell);
      rate[n_hidden + k] = slope * g[n + k];
      cell[n_hidden + k] = g[n + k];
    }
    project(net, static_cast<const Scalar*>(rates), out, width);
  }

  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar* state, const Scalar* g,
                             Scalar* out) {
    const Index n = net.n_units(), m = net.n_inputs();
    thread_local internal::Scratch<Scalar> scratch;
    Scalar* rates = net.is_projected() ? scratch.get(n * m) : out;
    for (Index k = 0; k < n; ++k)
      unit_slopes(net, state, g, k, m, internal::input_block, rates + k * m,
                  out + (net.n_hidden() + k) * m);
    project(net, static_cast<const Scalar*>(rates), out, m);
  }

  /// out = P rates for `cols` columns; without a projection the rates are in `out` already.
  template <class Scalar>
  static void project(const Network& net, const Scalar* rates, Scalar* out, Index cols) {
    if (net.is_projected())
      internal::product(net.projection.data(), rates, out, net.n_hidden(), net.n_units(), cols);
  }

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
    using Row = internal::ScaledRow<Scalar>;
    internal::combine_rows(row, cols, Row{through_i, m_i}, Row{through_f, m_f},
                           Row{through_g, m_g});
  }

 private:
  // Rows k of d(o phi(c')) and dc' by h (blocks W) or x (blocks A); returns o phi'(c').
  template <class Scalar, class Block>
  static Scalar unit_slopes(const Network& net, const Scalar* state, const Scalar* g, Index k,
                            Index cols, Block&& block, Scalar* rate, Scalar* cell) {
    const Index n = net.n_units();
    const auto squash = internal::phi(net.activation, cell_state(net, state, g, k));
    const Scalar slope = g[3 * n + k] * squash.derivative;
    const Scalar output = squash.value * numerics::sigmoid_slope(g[3 * n + k]);
    const double* m_o = block(net, 3) + k * cols;
    cell_slopes(net, g, k, state[net.n_hidden() + k], cols, block, cell);
    std::copy(cell, cell + cols, rate);
    internal::scale_and_add(slope, internal::ScaledRow<Scalar>{output, m_o}, rate, cols);
    return slope;
  }
};

/// The gate-reduced LSTM: at a fixed point c = i g / (1 - f), so solve h = o phi(i g / (1 - f)), or
/// P times that, in n_hidden numbers. By the Schur complement on I - D(f) > 0 the index is that of
/// the full map.
struct ReducedLstmCell {
  static constexpr Index kSlots = LstmCell::kSlots;
  static constexpr Index kTerms = 4;  // of W_i, W_f, W_g and W_o, without a projection

  static bool is_row_scaled(const Network& net) { return !net.is_projected(); }
  static Index term_gate(Index term) { return term; }
  template <class Scalar>
  static void row_scales(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    thread_local internal::Scratch<Scalar> scratch;
    Scalar *squash = scratch.get(3 * n), *derivative = squash + n, *c = squash + 2 * n;
    for (Index k = 0; k < n; ++k) squash[k] = c[k] = cell_state(net, g, k);
    internal::apply_phi(net.activation, squash, derivative, n);
    for (Index k = 0; k < n; ++k) {
      const Scalar open = g[3 * n + k] * derivative[k], slope = open / g[5 * n + k];
      out[k] = slope * g[2 * n + k] * numerics::sigmoid_slope(g[k]);
      out[n + k] = open * c[k] * g[n + k];  // f' / (1 - f) = f
      out[2 * n + k] = slope * g[k] * g[4 * n + k];
      out[3 * n + k] = squash[k] * numerics::sigmoid_slope(g[3 * n + k]);
    }
  }

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

  /// o phi(c), before any projection.
  template <class Scalar>
  static void rates(const Network& net, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    thread_local internal::Scratch<Scalar> scratch;
    Scalar *squash = scratch.get(2 * n), *derivative = squash + n;
    for (Index k = 0; k < n; ++k) squash[k] = cell_state(net, g, k);
    internal::apply_phi(net.activation, squash, derivative, n);
    for (Index k = 0; k < n; ++k) out[k] = g[3 * n + k] * squash[k];
  }

  template <class Scalar>
  static void next(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    thread_local internal::Scratch<Scalar> scratch;
    Scalar* values = net.is_projected() ? scratch.get(n) : out;
    rates(net, g, values);
    LstmCell::project(net, static_cast<const Scalar*>(values), out, 1);
  }

  template <class Scalar>
  static void jacobian(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    slopes(net, g, net.n_hidden(), internal::recurrent_block, out);
  }
  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    slopes(net, g, net.n_inputs(), internal::input_block, out);
  }

 private:
  // dc = [D(c f') M_f + D(g i') M_i + D(i phi') M_g] / (1 - f);
  // dn = D(phi(c) o') M_o + D(o phi'(c)) dc, or P times that.
  template <class Scalar, class Block>
  static void slopes(const Network& net, const Scalar* g, Index cols, Block&& block, Scalar* out) {
    const Index n = net.n_units();
    thread_local internal::Scratch<Scalar> scratch;
    Scalar* rates = net.is_projected() ? scratch.get(n * cols) : out;
    for (Index k = 0; k < n; ++k) {
      const Scalar c = cell_state(net, g, k);
      const auto squash = internal::phi(net.activation, c);
      const Scalar slope = g[3 * n + k] * squash.derivative / g[5 * n + k];
      const Scalar output = squash.value * numerics::sigmoid_slope(g[3 * n + k]);
      const double* m_o = block(net, 3) + k * cols;
      Scalar* row = rates + k * cols;
      LstmCell::cell_slopes(net, g, k, c, cols, block, row);
      internal::scale_and_add(slope, internal::ScaledRow<Scalar>{output, m_o}, row, cols);
    }
    LstmCell::project(net, static_cast<const Scalar*>(rates), out, cols);
  }
};

}  // namespace nullcline::models
