// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models {

/// g = sigma(a_g + beta), c = phi(a_c), h' = g h + (1 - g) c. Collins et al. (2017).
/// A cell's functions are explained in vanilla.hpp.
struct UgrnnCell {
  static constexpr Index kSlots = 3;  // g, c, d = phi'(a_c)

  template <class Scalar>
  static void gates(const Network& net, const Scalar* h, const Scalar* x, Scalar* g) {
    const Index n = net.n_units();
    internal::preactivations(net, 0, h, x, g);
    for (Index i = 0; i < n; ++i) g[i] += Scalar(net.forget_bias);
    internal::apply_logistic(g, n);
    internal::preactivations(net, 1, h, x, g + n);
    internal::apply_phi(net.activation, g + n, g + 2 * n, n);
  }

  static void gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g) {
    const Index n = net.n_units();
    const auto size = static_cast<std::size_t>(n);
    internal::preactivations(net, 0, 2, states, inputs, g.leftCols(2 * n));
    g.leftCols(n).array() += net.forget_bias;
    for (Index b = 0; b < g.rows(); ++b) {
      double* row = g.row(b).data();
      numerics::sigmoid_in_place(std::span<double>(row, size));
      internal::apply_phi(net.activation, {row + n, size}, row + 2 * n);
    }
  }

  template <class Scalar>
  static void next(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    for (Index i = 0; i < n; ++i) out[i] = g[i] * h[i] + (Scalar(1.0) - g[i]) * g[n + i];
  }

  template <class Scalar>
  static void jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    const Index n = net.n_units();
    add_gate_terms(net, h, g, internal::recurrent_block(net, 0), internal::recurrent_block(net, 1),
                   n, out);
    for (Index i = 0; i < n; ++i) out[i * n + i] += g[i];
  }

  template <class Scalar>
  static void input_jacobian(const Network& net, const Scalar* h, const Scalar* g, Scalar* out) {
    add_gate_terms(net, h, g, internal::input_block(net, 0), internal::input_block(net, 1),
                   net.n_inputs(), out);
  }

 private:
  // D((h - c) g') M_g + D((1 - g) phi') M_c
  template <class Scalar>
  static void add_gate_terms(const Network& net, const Scalar* h, const Scalar* g,
                             const double* m_gate, const double* m_candidate, Index cols,
                             Scalar* out) {
    const Index n = net.n_units();
    for (Index i = 0; i < n; ++i) {
      const Scalar gate = (h[i] - g[n + i]) * numerics::sigmoid_slope(g[i]);
      const Scalar candidate = (Scalar(1.0) - g[i]) * g[2 * n + i];
      internal::combine_rows(out + i * cols, cols,
                             internal::ScaledRow<Scalar>{gate, m_gate + i * cols},
                             internal::ScaledRow<Scalar>{candidate, m_candidate + i * cols});
    }
  }
};

}  // namespace nullcline::models
