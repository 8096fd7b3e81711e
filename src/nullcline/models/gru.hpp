// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models {

/// r = sigma(a_r), z = sigma(a_z + beta), h' = z h + (1 - z) n, with the candidate
///   reset before (Cho et al. 2014):    n = phi(A_n x + W_n (r * h) + b_n)
///   reset after (PyTorch, cuDNN):      n = phi(A_n x + b_n + r * m),  m = W_n h + b_h.
/// Its flow F - h = (1 - z)(n - h) is equation 7 of Jordan et al. (2021).
/// A cell's functions are explained in vanilla.hpp.
struct GruCell {
  static constexpr Index kSlots = 5;  // r, z, n, d = phi'(a_n), m

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    const Index n = net.n_units();
    internal::preactivations(net, 1, h, x, g + n);
    for (Index i = 0; i < n; ++i) g[n + i] += Scalar(net.forget_bias);
    internal::apply_logistic(g + n, n);
    candidate_gates(net, h, x, g);
  }

  /// All slots but that of z.
  template <class Scalar>
  static void candidate_gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    const Index n = net.n_units();
    internal::preactivations(net, 0, h, x, g);
    internal::apply_logistic(g, n);
    using Times = internal::MatrixTimes<Scalar>;
    const Times driven{internal::input_block(net, 2), x, net.n_inputs()};
    const double *w = internal::recurrent_block(net, 2), *b = internal::bias_block(net, 2);
    Scalar *a = g + 2 * n, *m = g + 4 * n;
    if (net.reset == Reset::after) {
      internal::affine(net.recurrent_bias.data(), m, n, Times{w, h, net.n_hidden()});
      internal::affine(b, a, n, driven);
      for (Index i = 0; i < n; ++i) a[i] += g[i] * m[i];
    } else {
      thread_local internal::Scratch<Scalar> scratch;
      Scalar* carried = scratch.get(n);  // r * h
      for (Index i = 0; i < n; ++i) carried[i] = g[i] * h[i];
      internal::affine(b, a, n, driven, Times{w, carried, n});
      std::fill(m, m + n, Scalar(0.0));
    }
    internal::apply_phi(net.activation, a, g + 3 * n, n);
  }

  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g);

  template <class Scalar>
  static void next(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    for (Index i = 0; i < n; ++i)
      out[i] = g[n + i] * h[i] + (Scalar(1.0) - g[n + i]) * g[2 * n + i];
  }

  /// D(z) + D((h - n) z') W_z + D(1 - z) dn/dh
  template <class Scalar>
  static void jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    candidate_jacobian(net, h, g, out);
    const double* w_z = internal::recurrent_block(net, 1);
    for (Index i = 0; i < n; ++i) {
      const Scalar z = g[n + i];
      const Scalar gate = (h[i] - g[2 * n + i]) * numerics::sigmoid_slope(z);
      const Scalar rest = Scalar(1.0) - z;
      internal::scale_and_add(rest, internal::ScaledRow<Scalar>{gate, w_z + i * n}, out + i * n, n);
      out[i * n + i] += z;
    }
  }

  /// D((h - n) z') A_z + D(1 - z) dn/dx
  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    const Index n = net.n_units(), m = net.n_inputs();
    candidate_input_jacobian(net, h, g, out);
    const double* a_z = internal::input_block(net, 1);
    for (Index i = 0; i < n; ++i) {
      const Scalar z = g[n + i];
      const Scalar gate = (h[i] - g[2 * n + i]) * numerics::sigmoid_slope(z);
      const Scalar rest = Scalar(1.0) - z;
      for (Index j = 0; j < m; ++j)
        out[i * m + j] = rest * out[i * m + j] + gate * Scalar(a_z[i * m + j]);
    }
  }

  /// dn/dh: reset after: D(phi') [D(r) W_n + D(m r') W_r];
  ///        reset before: D(phi') W_n [D(r) + D(h r') W_r].
  template <class Scalar>
  static void candidate_jacobian(const Network& net, const Scalar* h, const Scalar* g,
                                 Scalar* out) {
    const Index n = net.n_units();
    const double* w_r = internal::recurrent_block(net, 0);
    const double* w_n = internal::recurrent_block(net, 2);
    if (net.reset == Reset::after) {
      for (Index i = 0; i < n; ++i) {
        const Scalar through = g[3 * n + i] * g[i];
        const Scalar reset = g[3 * n + i] * g[4 * n + i] * numerics::sigmoid_slope(g[i]);
        internal::combine_rows(out + i * n, n, internal::ScaledRow<Scalar>{through, w_n + i * n},
                               internal::ScaledRow<Scalar>{reset, w_r + i * n});
      }
      return;
    }
    thread_local internal::Scratch<Scalar> scratch;
    Scalar* inner = scratch.get(n * n);
    for (Index i = 0; i < n; ++i) {
      const Scalar reset = h[i] * numerics::sigmoid_slope(g[i]);
      for (Index j = 0; j < n; ++j) inner[i * n + j] = reset * Scalar(w_r[i * n + j]);
      inner[i * n + i] += g[i];
    }
    internal::product(w_n, static_cast<const Scalar*>(inner), out, n, n, n);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j) out[i * n + j] *= g[3 * n + i];
  }

  /// dn/dx: reset after: D(phi') [A_n + D(m r') A_r];
  ///        reset before: D(phi') [A_n + W_n D(h r') A_r].
  template <class Scalar>
  static void candidate_input_jacobian(const Network& net, const Scalar* h, const Scalar* g,
                                       Scalar* out) {
    const Index n = net.n_units(), m = net.n_inputs();
    const bool is_after = net.reset == Reset::after;
    const double* a_r = internal::input_block(net, 0);
    const double* a_n = internal::input_block(net, 2);
    thread_local internal::Scratch<Scalar> scratch;
    Scalar* reset = is_after ? out : scratch.get(n * m);
    for (Index i = 0; i < n; ++i) {
      const Scalar through = (is_after ? g[4 * n + i] : h[i]) * numerics::sigmoid_slope(g[i]);
      for (Index j = 0; j < m; ++j) reset[i * m + j] = through * Scalar(a_r[i * m + j]);
    }
    if (!is_after)
      internal::product(internal::recurrent_block(net, 2), static_cast<const Scalar*>(reset), out,
                        n, n, m);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < m; ++j)
        out[i * m + j] = g[3 * n + i] * (Scalar(a_n[i * m + j]) + out[i * m + j]);
  }
};

/// The gate-reduced GRU: h' = n(h). At a fixed point F(h) - h = (1 - z)(n(h) - h) vanishes exactly
/// where n(h) = h does, since 1 - z > 0; and I - J = D(1 - z)(I - Dn) there, so the index is the
/// same.
struct ReducedGruCell {
  static constexpr Index kSlots = GruCell::kSlots;  // z is left as it is: nothing needs it
  static constexpr Index kTerms = 2;  // reset after: J = D(phi' r) W_n + D(phi' m r') W_r

  static bool is_row_scaled(const Network& net) { return net.reset == Reset::after; }
  static Index term_gate(Index term) { return term == 0 ? 2 : 0; }
  template <class Scalar>
  static void row_scales(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    for (Index i = 0; i < n; ++i) {
      out[i] = g[3 * n + i] * g[i];
      out[n + i] = g[3 * n + i] * g[4 * n + i] * numerics::sigmoid_slope(g[i]);
    }
  }

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    GruCell::candidate_gates(net, h, x, g);
  }
  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g) {
    GruCell::gates_batch(net, states, inputs, g);
  }
  template <class Scalar>
  static void next(const Network& net, const Scalar*, const Scalar* g, Scalar* out) {
    std::copy(g + 2 * net.n_units(), g + 3 * net.n_units(), out);
  }
  template <class Scalar>
  static void jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    GruCell::candidate_jacobian(net, h, g, out);
  }
  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    GruCell::candidate_input_jacobian(net, h, g, out);
  }
};

}  // namespace nullcline::models
