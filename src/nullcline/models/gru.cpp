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

}  // namespace nullcline::models
