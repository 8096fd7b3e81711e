// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/network.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models {

int n_gates(CellKind kind) {
  switch (kind) {
    case CellKind::vanilla:
    case CellKind::leaky:
    case CellKind::leaky_outside:
      return 1;
    case CellKind::ugrnn:
      return 2;
    case CellKind::gru:
      return 3;
    case CellKind::lstm:
      return 4;
  }
  return 0;
}

namespace {

template <class Array>
void require(const char* name, const Array& array, Index rows, Index cols) {
  if (array.rows() != rows || array.cols() != cols)
    throw InvalidInput(fmt::format("{} is {} x {}, expected {} x {}", name, array.rows(),
                                   array.cols(), rows, cols));
  if (!array.allFinite())
    throw InvalidInput(fmt::format("{} holds values that are not finite, expected numbers", name));
}

bool is_leaky(CellKind kind) { return kind == CellKind::leaky || kind == CellKind::leaky_outside; }

void validate_constraints(const Network& network) {
  const Index n = network.n_units(), n_hidden = network.n_hidden();
  if (network.mask.size() > 0) {
    require("mask", network.mask, n, n_hidden);
    for (Index i = 0; i < network.mask.size(); ++i) {
      const double value = network.mask.data()[i];
      if (value != 0 && value != 1)
        throw InvalidInput(fmt::format("mask holds {}, expected 0 or 1", value));
    }
    for (Index gate = 0; gate < n_gates(network.cell); ++gate)
      for (Index i = 0; i < n; ++i)
        for (Index j = 0; j < n_hidden; ++j)
          if (network.mask(i, j) == 0 && network.recurrent_weights(gate * n + i, j) != 0)
            throw InvalidInput(
                fmt::format("recurrent_weights({}, {}) is {}, expected 0 where the mask is 0",
                            gate * n + i, j, network.recurrent_weights(gate * n + i, j)));
  }
  if (network.dale_signs.size() > 0) {
    require("dale_signs", network.dale_signs, n_hidden, 1);
    for (Index j = 0; j < n_hidden; ++j) {
      const double sign = network.dale_signs(j);
      if (sign != 1 && sign != -1)
        throw InvalidInput(fmt::format("dale_signs holds {}, expected 1 or -1", sign));
      if ((network.recurrent_weights.col(j).array() * sign < 0).any())
        throw InvalidInput(
            fmt::format("recurrent_weights column {} has a weight against its sign, expected {}", j,
                        sign > 0 ? "none below 0" : "none above 0"));
    }
  }
}

// What one layer holds, its readout and initial state apart.
void validate_layer(const Network& network) {
  const Index n = network.n_units(), n_hidden = network.n_hidden();
  const Index rows = n_gates(network.cell) * n;
  if (n < 1 || n_hidden < 1)
    throw InvalidInput("recurrent_weights: found 0 units, expected at least 1");
  if (network.is_projected()) {
    if (network.cell != CellKind::lstm)
      throw InvalidInput(fmt::format("projection: found one in a {}, expected it in an lstm alone",
                                     name_of(network.cell)));
    require("projection", network.projection, n_hidden, n);
  }
  require("recurrent_weights", network.recurrent_weights, rows, n_hidden);
  require("input_weights", network.input_weights, rows, network.n_inputs());
  require("bias", network.bias, rows, 1);
  const bool has_recurrent_bias = network.cell == CellKind::gru && network.reset == Reset::after;
  require("recurrent_bias", network.recurrent_bias, has_recurrent_bias ? n : 0, 1);
  require("alpha", network.alpha, is_leaky(network.cell) ? n : 0, 1);
  for (const double alpha : network.alpha)
    if (!(alpha > 0 && alpha <= 1))
      throw InvalidInput(fmt::format("alpha holds {}, expected a value in (0, 1]", alpha));
  if (!std::isfinite(network.forget_bias))
    throw InvalidInput(fmt::format("forget_bias is {}, expected a number", network.forget_bias));
  validate_constraints(network);
}

void validate_upper(const Network& layer, Index n_below) {
  validate_layer(layer);
  require("input_weights", layer.input_weights, layer.input_weights.rows(), n_below);
  const auto belongs_below = [](const char* name, Index found) {
    if (found > 0)
      throw InvalidInput(
          fmt::format("{} has {} entries, expected none: it stands in the first "
                      "layer, for the whole stack",
                      name, found));
  };
  belongs_below("readout_weights", layer.readout_weights.rows());
  belongs_below("readout_bias", layer.readout_bias.size());
  belongs_below("initial_state", layer.initial_state.size());
  belongs_below("upper", static_cast<Index>(layer.upper.size()));
}

}  // namespace

Index Network::n_states() const {
  Index sum = 0;
  for (Index k = 0; k < n_layers(); ++k) sum += layer(k).n_layer_states();
  return sum;
}

Network stack(std::vector<Network> layers) {
  if (layers.empty()) throw InvalidInput("stack: found no layers, expected at least one");
  Network result = layers[0];
  for (std::size_t k = 1; k < layers.size(); ++k) {
    if (result.n_outputs() > 0)
      throw InvalidInput(
          fmt::format("stack: layer {} has a readout, expected it in the last layer", k - 1));
    Network& layer = layers[k];
    const Vector below = std::exchange(result.initial_state, {});
    result.initial_state.resize(below.size() + layer.initial_state.size());
    result.initial_state << below, std::exchange(layer.initial_state, {});
    result.readout_weights = std::exchange(layer.readout_weights, {});
    result.readout_bias = std::exchange(layer.readout_bias, {});
    result.verified = result.verified && layer.verified;
    result.upper.push_back(std::move(layer));
  }
  validate(result);
  return result;
}

void validate(const Network& network) {
  validate_layer(network);
  for (std::size_t k = 0; k < network.upper.size(); ++k) {
    try {
      validate_upper(network.upper[k], network.layer(static_cast<Index>(k)).n_hidden());
    } catch (const InvalidInput& error) {
      throw InvalidInput(fmt::format("upper[{}]: {}", k, error.what()));
    }
  }
  require("readout_weights", network.readout_weights, network.n_outputs(),
          network.n_outputs() > 0 ? network.top().n_hidden() : network.readout_weights.cols());
  require("readout_bias", network.readout_bias, network.n_outputs(), 1);
  require("initial_state", network.initial_state, network.n_states(), 1);
}

Matrix layer_output(const Network& layer, ConstMatrixRef states) {
  const auto hidden = states.leftCols(layer.n_hidden());
  if (layer.cell != CellKind::leaky_outside) return hidden;
  return hidden.unaryExpr([&](double v) { return internal::phi(layer.activation, v).value; });
}

Matrix readout(const Network& network, ConstMatrixRef states) {
  if (states.cols() != network.n_states())
    throw InvalidInput(fmt::format("readout: states have width {}, expected {}", states.cols(),
                                   network.n_states()));
  if (network.n_outputs() == 0) return Matrix(states.rows(), 0);
  const Network& top = network.top();
  return (layer_output(top, states.rightCols(top.n_layer_states())) *
          network.readout_weights.transpose())
             .rowwise() +
         network.readout_bias.transpose();
}

}  // namespace nullcline::models
