// SPDX-License-Identifier: BSD-3-Clause
// The networks of tests/data/gradients: one step of training of each cell, computed with NumPy and
// checked there against PyTorch and central differences.
#pragma once

#include <string>
#include <vector>

#include "nullcline/io/npz.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/tasks/task.hpp"
#include "nullcline/training/bptt.hpp"

namespace nullcline::training {

struct Oracle {
  const char* file;
  models::CellKind cell;
  models::Activation activation;
  models::Reset reset;
  std::vector<std::string> gates;  ///< in our order of rows
};

inline const std::vector<Oracle>& oracles() {
  using models::Activation;
  using models::CellKind;
  using models::Reset;
  static const std::vector<Oracle> all{
      {"vanilla_tanh", CellKind::vanilla, Activation::tanh, Reset::after, {"c"}},
      {"vanilla_relu", CellKind::vanilla, Activation::relu, Reset::after, {"c"}},
      {"ugrnn_tanh", CellKind::ugrnn, Activation::tanh, Reset::after, {"g", "c"}},
      {"gru_cho_tanh", CellKind::gru, Activation::tanh, Reset::before, {"r", "u", "c"}},
      {"gru_cho_relu", CellKind::gru, Activation::relu, Reset::before, {"r", "u", "c"}},
      {"gru_torch_tanh", CellKind::gru, Activation::tanh, Reset::after, {"r", "u", "c"}},
      {"lstm_tanh", CellKind::lstm, Activation::tanh, Reset::after, {"i", "f", "g", "o"}},
  };
  return all;
}

inline NamedArrays read_oracle(const Oracle& oracle) {
  return io::read_npz(std::string(NULLCLINE_TEST_DATA "/gradients/") + oracle.file + ".npz");
}

/// The arrays called prefix + name ("p_": weights, "g_": gradients of mse, "gb_": of bce), gates
/// stacked.
inline Gradients read_arrays(const Oracle& oracle, const NamedArrays& data,
                             const std::string& prefix) {
  const Index n = 5, n_gates = static_cast<Index>(oracle.gates.size());
  Gradients arrays;
  arrays.input_weights.resize(n_gates * n, 2);
  arrays.recurrent_weights.resize(n_gates * n, n);
  arrays.bias.resize(n_gates * n);
  for (Index gate = 0; gate < n_gates; ++gate) {
    const std::string& k = oracle.gates[static_cast<std::size_t>(gate)];
    arrays.input_weights.middleRows(gate * n, n) = data.matrix(prefix + "Wx_" + k);
    arrays.recurrent_weights.middleRows(gate * n, n) = data.matrix(prefix + "Wh_" + k);
    arrays.bias.segment(gate * n, n) = data.vector(prefix + "b_" + k);
  }
  if (data.has(prefix + "bh_c")) arrays.recurrent_bias = data.vector(prefix + "bh_c");
  arrays.readout_weights = data.matrix(prefix + "W_out");
  arrays.readout_bias = data.vector(prefix + "b_out");
  const bool lstm = oracle.cell == models::CellKind::lstm;
  arrays.initial_state.resize(lstm ? 2 * n : n);
  arrays.initial_state.head(n) = data.vector(prefix + "h0");
  if (lstm) arrays.initial_state.tail(n) = data.vector(prefix + "c0");
  return arrays;
}

inline models::Network oracle_network(const Oracle& oracle, const NamedArrays& data) {
  const Gradients arrays = read_arrays(oracle, data, "p_");
  models::Network network;
  network.cell = oracle.cell;
  network.activation = oracle.activation;
  network.reset = oracle.reset;
  network.forget_bias = data.scalar("forget_bias");
  network.input_weights = arrays.input_weights;
  network.recurrent_weights = arrays.recurrent_weights;
  network.bias = arrays.bias;
  network.recurrent_bias = arrays.recurrent_bias;
  network.readout_weights = arrays.readout_weights;
  network.readout_bias = arrays.readout_bias;
  network.initial_state = arrays.initial_state;
  return network;
}

/// Steps x trials x channels to trials x steps x channels.
inline std::vector<double> trials_first(const NamedArrays& data, const std::string& name) {
  const std::vector<std::size_t>& shape = data.at(name).shape;
  const std::vector<double> values = data.values(name);
  std::vector<double> result(values.size());
  for (std::size_t step = 0; step < shape[0]; ++step)
    for (std::size_t trial = 0; trial < shape[1]; ++trial)
      for (std::size_t k = 0; k < shape[2]; ++k)
        result[(trial * shape[0] + step) * shape[2] + k] =
            values[(step * shape[1] + trial) * shape[2] + k];
  return result;
}

inline tasks::TrialBatch oracle_batch(const NamedArrays& data, const std::string& targets) {
  tasks::TrialBatch batch{3, 7, 2, 2, trials_first(data, "X"), trials_first(data, targets), {}};
  batch.mask.assign(batch.targets.size(), 1.0);
  return batch;
}

}  // namespace nullcline::training
