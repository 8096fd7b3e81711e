// SPDX-License-Identifier: BSD-3-Clause
// Cells with one gate. A cell is a stateless set of functions:
//   gates        the nonlinear parts at (h, x), in slots of n_units numbers
//   gates_batch  the same for rows of states, by matrix products and SIMD
//   next         F from the state and its gates
//   jacobian     dF/dh, row-major;  input_jacobian  dF/dx
// `gates` and `next` are the definition: they take every scalar. The rest is tested against them.
#pragma once

#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models {

/// h' = phi(a_c), a_c = A x + W h + b. Elman (1990).
struct VanillaCell {
  static constexpr Index kSlots = 2;  // c = phi(a_c), d = phi'(a_c)
  static constexpr Index kTerms = 1;  // J = D(d) W

  static bool is_row_scaled(const Network&) { return true; }
  static Index term_gate(Index) { return 0; }
  template <class Scalar>
  static void row_scales(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    std::copy(g + net.n_units(), g + 2 * net.n_units(), out);
  }

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    internal::preactivations(net, 0, h, x, g);
    internal::apply_phi(net.activation, g, g + net.n_units(), net.n_units());
  }

  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g) {
    const Index n = net.n_units();
    internal::preactivations(net, 0, 1, states, inputs, g.leftCols(n));
    for (Index b = 0; b < g.rows(); ++b) {
      double* row = g.row(b).data();
      internal::apply_phi(net.activation, {row, static_cast<std::size_t>(n)}, row + n);
    }
  }

  template <class Scalar>
  static void next(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    std::copy(g, g + net.n_units(), out);
  }

  template <class Scalar>
  static void jacobian(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    scale_rows(net, internal::recurrent_block(net, 0), net.n_units(), g, out);
  }

  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    scale_rows(net, internal::input_block(net, 0), net.n_inputs(), g, out);
  }

 private:
  template <class Scalar>
  static void scale_rows(const Network& net, const double* weights, Index cols, const Scalar* g,
                         Scalar* out) {
    const Index n = net.n_units();
    for (Index i = 0; i < n; ++i)
      internal::combine_rows(out + i * cols, cols,
                             internal::ScaledRow<Scalar>{g[n + i], weights + i * cols});
  }
};

/// h' = (1 - alpha) h + alpha phi(A x + W h + b): the leaky rate RNN with the current inside.
struct LeakyCell {
  static constexpr Index kSlots = VanillaCell::kSlots;

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    VanillaCell::gates(net, h, x, g);
  }

  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g) {
    VanillaCell::gates_batch(net, states, inputs, g);
  }

  template <class Scalar>
  static void next(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    for (Index i = 0; i < net.n_units(); ++i)
      out[i] = Scalar(1 - net.alpha(i)) * h[i] + Scalar(net.alpha(i)) * g[i];
  }

  template <class Scalar>
  static void jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    VanillaCell::jacobian(net, h, g, out);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) out[i * n + j] *= Scalar(net.alpha(i));
      out[i * n + i] += Scalar(1 - net.alpha(i));
    }
  }

  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    VanillaCell::input_jacobian(net, h, g, out);
    for (Index i = 0; i < net.n_units(); ++i)
      for (Index j = 0; j < net.n_inputs(); ++j)
        out[i * net.n_inputs() + j] *= Scalar(net.alpha(i));
  }
};

/// v' = (1 - alpha) v + alpha (W phi(v) + A x + b): the leaky rate RNN with the current outside.
struct LeakyOutsideCell {
  static constexpr Index kSlots = 3;  // p = phi(v), d = phi'(v), s = W p + A x + b

  template <class Scalar>
  static void gates(const Network& net, const Scalar* v, const Scalar* x, Scalar* g) {
    const Index n = net.n_units();
    for (Index i = 0; i < n; ++i) {
      const auto p = internal::phi(net.activation, v[i]);
      g[i] = p.value;
      g[n + i] = p.derivative;
    }
    for (Index i = 0; i < n; ++i)
      g[2 * n + i] = internal::preactivation(net, 0, i, static_cast<const Scalar*>(g), x);
  }

  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g) {
    const Index n = net.n_units();
    for (Index b = 0; b < g.rows(); ++b) {
      double* row = g.row(b).data();
      std::copy(states.row(b).data(), states.row(b).data() + n, row);
      internal::apply_phi(net.activation, {row, static_cast<std::size_t>(n)}, row + n);
    }
    internal::preactivations(net, 0, 1, g.leftCols(n), inputs, g.rightCols(n));
  }

  template <class Scalar>
  static void next(const Network& net, const Scalar* v, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    for (Index i = 0; i < n; ++i)
      out[i] = Scalar(1 - net.alpha(i)) * v[i] + Scalar(net.alpha(i)) * g[2 * n + i];
  }

  template <class Scalar>
  static void jacobian(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    const double* w = internal::recurrent_block(net, 0);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j)
        out[i * n + j] = Scalar(net.alpha(i)) * Scalar(w[i * n + j]) * g[n + j];
      out[i * n + i] += Scalar(1 - net.alpha(i));
    }
  }

  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar*, const Scalar*, Scalar* out) {
    const double* a = internal::input_block(net, 0);
    for (Index i = 0; i < net.n_units(); ++i)
      for (Index j = 0; j < net.n_inputs(); ++j)
        out[i * net.n_inputs() + j] = Scalar(net.alpha(i)) * Scalar(a[i * net.n_inputs() + j]);
  }
};

}  // namespace nullcline::models
