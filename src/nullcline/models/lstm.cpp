// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/lstm.hpp"

namespace nullcline::models {

void LstmCell::gates_batch(const Network& net, ConstMatrixRef states, ConstMatrixRef inputs,
                           MatrixRef g) {
  const Index n = net.n_units();
  const auto size = static_cast<std::size_t>(n);
  internal::preactivations(net, 0, 4, states.leftCols(n), inputs, g.leftCols(4 * n));
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

void LstmCell::input_jacobian(const Network& net, const double* state, const double* g,
                              double* out) {
  const Index n = net.n_units(), m = net.n_inputs();
  for (Index k = 0; k < n; ++k) {
    const double cell = g[n + k] * state[n + k] + g[k] * g[2 * n + k];
    const auto squash = internal::phi(net.activation, cell);
    const double slope = g[3 * n + k] * squash.derivative;
    const double output = squash.value * numerics::sigmoid_slope(g[3 * n + k]);
    const double* a_o = internal::input_block(net, 3) + k * m;
    double* h_row = out + k * m;
    double* c_row = out + (n + k) * m;
    cell_slopes(net, g, k, state[n + k], m, internal::input_block, c_row);
    for (Index j = 0; j < m; ++j) h_row[j] = output * a_o[j] + slope * c_row[j];
  }
}

}  // namespace nullcline::models
