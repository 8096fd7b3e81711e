// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models::internal {

namespace {

using ConstBlock = Eigen::Map<const Matrix>;

// out = X A^T + b for `rows` rows of the weights from `first_row` on.
void input_part(const Network& net, Index first_row, Index rows, ConstMatrixRef inputs,
                MatrixRef out) {
  const ConstBlock weights(net.input_weights.data() + first_row * net.n_inputs(), rows,
                           net.n_inputs());
  const auto bias = net.bias.segment(first_row, rows).transpose();
  if (inputs.rows() == 1 && out.rows() > 1) {
    out.row(0) = bias;
    out.row(0) += (weights * inputs.row(0).transpose()).transpose();
    for (Index i = 1; i < out.rows(); ++i) out.row(i) = out.row(0);
    return;
  }
  out.rowwise() = bias;
  if (net.n_inputs() > 0) numerics::multiply_transposed(inputs, weights, out, 1.0);
}

}  // namespace

void preactivations(const Network& net, Index first, Index count, ConstMatrixRef states,
                    ConstMatrixRef inputs, MatrixRef out) {
  const Index rows = count * net.n_units();
  input_part(net, first * net.n_units(), rows, inputs, out);
  const ConstBlock weights(recurrent_block(net, first), rows, net.n_hidden());
  numerics::multiply_transposed(states, weights, out, 1.0);
}

void input_preactivations(const Network& net, Index gate, ConstMatrixRef inputs, MatrixRef out) {
  input_part(net, gate * net.n_units(), net.n_units(), inputs, out);
}

void apply_phi(Activation activation, std::span<double> values, double* derivatives) {
  if (activation == Activation::relu) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      derivatives[i] = numerics::relu_derivative(values[i]);
      // max(x, 0) that keeps NaN, so that a broken state is seen.
      if (values[i] < 0) values[i] = 0;
    }
    return;
  }
  if (activation == Activation::logistic) {
    numerics::sigmoid_in_place(values);
    for (std::size_t i = 0; i < values.size(); ++i) derivatives[i] = values[i] * (1 - values[i]);
    return;
  }
  numerics::tanh_in_place(values);
  for (std::size_t i = 0; i < values.size(); ++i)
    derivatives[i] = (1 - values[i]) * (1 + values[i]);
}

void product(const double* a, const double* b, double* out, Index rows, Index inner, Index cols) {
  numerics::multiply(ConstBlock(a, rows, inner), ConstBlock(b, inner, cols),
                     Eigen::Map<Matrix>(out, rows, cols));
}

}  // namespace nullcline::models::internal
