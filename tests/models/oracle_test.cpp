// SPDX-License-Identifier: BSD-3-Clause
// States, outputs and Jacobians against numbers computed with NumPy and PyTorch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::models {
namespace {

struct Oracle {
  const char* file;
  CellKind cell;
  Activation activation;
  Reset reset;
  std::vector<const char*> gates;
};

const std::vector<Oracle>& oracles() {
  static const std::vector<Oracle> all{
      {"vanilla_tanh", CellKind::vanilla, Activation::tanh, Reset::after, {"c"}},
      {"vanilla_relu", CellKind::vanilla, Activation::relu, Reset::after, {"c"}},
      {"ugrnn_tanh", CellKind::ugrnn, Activation::tanh, Reset::after, {"g", "c"}},
      {"gru_cho_tanh", CellKind::gru, Activation::tanh, Reset::before, {"r", "u", "c"}},
      {"gru_cho_relu", CellKind::gru, Activation::relu, Reset::before, {"r", "u", "c"}},
      {"gru_torch_tanh", CellKind::gru, Activation::tanh, Reset::after, {"r", "u", "c"}},
      {"lstm_tanh", CellKind::lstm, Activation::tanh, Reset::after, {"i", "f", "o", "g"}},
  };
  return all;
}

Network read_network(const Oracle& oracle, const NamedArrays& data) {
  Network net;
  net.cell = oracle.cell;
  net.activation = oracle.activation;
  net.reset = oracle.reset;
  const Index n = 5, m = 2;
  const Index rows = n_gates(net.cell) * n;
  net.input_weights.resize(rows, m);
  net.recurrent_weights.resize(rows, n);
  net.bias.resize(rows);
  // The LSTM's gates are stored by name; ours stand in the order i, f, g, o.
  const std::vector<const char*> order =
      net.cell == CellKind::lstm ? std::vector<const char*>{"i", "f", "g", "o"} : oracle.gates;
  for (std::size_t gate = 0; gate < order.size(); ++gate) {
    const Index row = static_cast<Index>(gate) * n;
    const std::string k = order[gate];
    net.input_weights.middleRows(row, n) = data.matrix("p_Wx_" + k);
    net.recurrent_weights.middleRows(row, n) = data.matrix("p_Wh_" + k);
    net.bias.segment(row, n) = data.vector("p_b_" + k);
  }
  if (data.has("p_bh_c")) net.recurrent_bias = data.vector("p_bh_c");
  net.forget_bias = data.scalar("forget_bias");
  net.readout_weights = data.matrix("p_W_out");
  net.readout_bias = data.vector("p_b_out");
  net.initial_state.resize(net.n_states());
  net.initial_state.head(n) = data.vector("p_h0");
  if (net.cell == CellKind::lstm) net.initial_state.tail(n) = data.vector("p_c0");
  return net;
}

// steps x trials x channels to (trials * steps, channels), trials first.
Matrix trial_major(const NamedArrays& data, const std::string& name) {
  const auto& shape = data.at(name).shape;
  const Index steps = static_cast<Index>(shape[0]), trials = static_cast<Index>(shape[1]);
  const Index width = static_cast<Index>(shape[2]);
  const std::vector<double> values = data.values(name);
  Matrix result(trials * steps, width);
  for (Index t = 0; t < steps; ++t)
    for (Index b = 0; b < trials; ++b)
      for (Index k = 0; k < width; ++k)
        result(b * steps + t, k) = values[static_cast<std::size_t>((t * trials + b) * width + k)];
  return result;
}

double largest_difference(ConstMatrixRef a, ConstMatrixRef b) {
  return (a - b).cwiseAbs().maxCoeff();
}

class ModelOracle : public ::testing::TestWithParam<Oracle> {};

INSTANTIATE_TEST_SUITE_P(Cells, ModelOracle, ::testing::ValuesIn(oracles()),
                         [](const auto& instance) { return instance.param.file; });

TEST_P(ModelOracle, StatesAndOutputsAgree) {
  const NamedArrays data =
      io::read_npz(std::string(NULLCLINE_TEST_DATA "/gradients/") + GetParam().file + ".npz");
  const Network net = read_network(GetParam(), data);
  const auto map = make_system(net);
  const Matrix inputs = trial_major(data, "X");
  const Matrix states =
      dynamics::simulate(*map, {inputs.data(), static_cast<std::size_t>(inputs.size())}, 3, 7,
                         Matrix(net.initial_state.transpose()));
  EXPECT_LT(largest_difference(states.leftCols(5), trial_major(data, "H")), 1e-12);
  if (net.cell == CellKind::lstm) {
    EXPECT_LT(largest_difference(states.rightCols(5), trial_major(data, "C")), 1e-12);
  }
  EXPECT_LT(largest_difference(readout(net, states), trial_major(data, "Yhat")), 1e-12);
}

TEST_P(ModelOracle, JacobiansAgree) {
  const NamedArrays data =
      io::read_npz(std::string(NULLCLINE_TEST_DATA "/gradients/") + GetParam().file + ".npz");
  const auto map = make_system(read_network(GetParam(), data));
  const Vector state = data.vector("jac_state"), input = data.vector("jac_x");
  EXPECT_LT(largest_difference(dynamics::evaluate_at(*map, state, input), data.vector("jac_next")),
            1e-12);
  EXPECT_LT(largest_difference(dynamics::jacobian_at(*map, state, input), data.matrix("jac_h")),
            1e-12);
  EXPECT_LT(
      largest_difference(dynamics::input_jacobian_at(*map, state, input), data.matrix("jac_in")),
      1e-12);
}

TEST(ModelOracleControl, TheWrongResetIsNoticed) {
  const NamedArrays data = io::read_npz(NULLCLINE_TEST_DATA "/gradients/gru_torch_tanh.npz");
  Network net = read_network(oracles()[5], data);
  net.reset = Reset::before;
  net.recurrent_bias.resize(0);
  const auto map = make_system(net);
  const Vector next = dynamics::evaluate_at(*map, data.vector("jac_state"), data.vector("jac_x"));
  EXPECT_GT(largest_difference(next, data.vector("jac_next")), 1e-3);
}

}  // namespace
}  // namespace nullcline::models
