// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/lstm.hpp"

namespace nullcline::models {

void LstmCell::gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                           MatrixRef g) {
  const Index n = net.n_units();
  const auto size = static_cast<std::size_t>(n);
  internal::preactivations(net, 0, 4, states.leftCols(net.n_hidden()), inputs, g.leftCols(4 * n));
  g.middleCols(n, n).array() += net.forget_bias;
  g.rightCols(n) = -g.middleCols(n, n);
  for (Index b = 0; b < g.rows(); ++b) {
    double* row = g.row(b).data();
    numerics::sigmoid_in_place(std::span<double>(row, 2 * size));
    internal::apply_phi(net.activation, {row + 2 * n, size}, row + 4 * n);
    numerics::sigmoid_in_place(std::span<double>(row + 3 * n, size));
    numerics::sigmoid_in_place(std::span<double>(row + 5 * n, size));
  }
}

}  // namespace nullcline::models
