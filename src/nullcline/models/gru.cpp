// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/gru.hpp"

namespace nullcline::models {

void GruCell::gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                          MatrixRef g) {
  const Index n = net.n_units();
  const auto size = static_cast<std::size_t>(n);
  const Eigen::Map<const Matrix> w_n(internal::recurrent_block(net, 2), n, n);
  internal::preactivations(net, 0, 2, states, inputs, g.leftCols(2 * n));
  g.middleCols(n, n).array() += net.forget_bias;
  internal::input_preactivations(net, 2, inputs, g.middleCols(2 * n, n));
  for (Index b = 0; b < g.rows(); ++b)
    numerics::sigmoid_in_place(std::span<double>(g.row(b).data(), 2 * size));
  if (net.reset == Reset::after) {
    g.rightCols(n).rowwise() = net.recurrent_bias.transpose();
    numerics::multiply_transposed(states, w_n, g.rightCols(n), 1.0);
    g.middleCols(2 * n, n).array() += g.leftCols(n).array() * g.rightCols(n).array();
  } else {
    g.rightCols(n) = g.leftCols(n).cwiseProduct(states);  // r * h, replaced by 0 below
    numerics::multiply_transposed(g.rightCols(n), w_n, g.middleCols(2 * n, n), 1.0);
    g.rightCols(n).setZero();
  }
  for (Index b = 0; b < g.rows(); ++b) {
    double* row = g.row(b).data();
    internal::apply_phi(net.activation, {row + 2 * n, size}, row + 3 * n);
  }
}

void GruCell::candidate_input_jacobian(const Network& net, const double* h, const double* g,
                                       double* out) {
  const Index n = net.n_units(), m = net.n_inputs();
  const Eigen::Map<const Matrix> a_r(internal::input_block(net, 0), n, m);
  const Eigen::Map<const Matrix> a_n(internal::input_block(net, 2), n, m);
  const Eigen::Map<const Matrix> w_n(internal::recurrent_block(net, 2), n, n);
  Eigen::Map<Matrix> result(out, n, m);
  Matrix reset = a_r;
  for (Index i = 0; i < n; ++i)
    reset.row(i) *=
        (net.reset == Reset::after ? g[4 * n + i] : h[i]) * numerics::sigmoid_slope(g[i]);
  if (net.reset == Reset::after)
    result = a_n + reset;
  else
    result = a_n + w_n * reset;
  for (Index i = 0; i < n; ++i) result.row(i) *= g[3 * n + i];
}

void GruCell::input_jacobian(const Network& net, const double* h, const double* g, double* out) {
  const Index n = net.n_units(), m = net.n_inputs();
  candidate_input_jacobian(net, h, g, out);
  const double* a_z = internal::input_block(net, 1);
  for (Index i = 0; i < n; ++i) {
    const double z = g[n + i];
    const double gate = (h[i] - g[2 * n + i]) * numerics::sigmoid_slope(z);
    for (Index j = 0; j < m; ++j) out[i * m + j] = (1 - z) * out[i * m + j] + gate * a_z[i * m + j];
  }
}

}  // namespace nullcline::models
