// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/rate_network.hpp"

#include <fmt/format.h>

#include <string>

#include "nullcline/core/error.hpp"

namespace nullcline::interchange {

namespace {

using models::CellKind;
using models::Network;
using models::Reset;

/// One vector, however many axes of extent one stand around it.
Vector flat(const NamedArrays& weights, const std::string& name, Index size) {
  const std::vector<double> values = weights.values(name);
  if (static_cast<Index>(values.size()) != size)
    throw FormatError(
        fmt::format("array '{}': has {} values, expected {}", name, values.size(), size));
  return Eigen::Map<const Vector>(values.data(), size);
}

Matrix sized(const NamedArrays& weights, const std::string& name, Index rows, Index columns) {
  Matrix values = weights.matrix(name);
  if (values.rows() != rows || values.cols() != columns)
    throw FormatError(fmt::format("array '{}': is {} x {}, expected {} x {}", name, values.rows(),
                                  values.cols(), rows, columns));
  return values;
}

/// The network's own checks, as a file's mistake.
Network checked(Network network) {
  try {
    models::validate(network);
  } catch (const InvalidInput& error) {
    throw FormatError(error.what());
  }
  return network;
}

Vector alpha_of(const NamedArrays& weights, const WeightsOptions& options, Index units) {
  if (weights.has("alpha")) {
    if (options.alpha) throw InvalidInput("alpha: is given, but the file holds an array 'alpha'");
    const Vector stored = flat(weights, "alpha", weights.at("alpha").size() == 1 ? 1 : units);
    return stored.size() == 1 ? Vector(Vector::Constant(units, stored(0))) : stored;
  }
  if (!options.alpha)
    throw InvalidInput(
        "alpha: missing, expected the leak dt / tau in (0, 1], which the file does not hold");
  if (!(*options.alpha > 0 && *options.alpha <= 1))
    throw InvalidInput(fmt::format("alpha: found {}, expected a value in (0, 1]", *options.alpha));
  return Vector::Constant(units, *options.alpha);
}

void refuse_alpha(const NamedArrays& weights, const WeightsOptions& options, CellKind cell) {
  if (options.alpha || weights.has("alpha"))
    throw InvalidInput(
        fmt::format("alpha: cell {} has no leak, expected leaky | leaky-outside", name_of(cell)));
}

/// The diagonal of PsychRNN's Dale matrices.
Vector diagonal(const NamedArrays& weights, const std::string& name, Index units) {
  const Matrix values = sized(weights, name, units, units);
  const Vector diagonal = values.diagonal();
  if (!(values - Matrix(diagonal.asDiagonal())).isZero(0))
    throw FormatError(fmt::format("array '{}': is not diagonal", name));
  return diagonal;
}

/// Saved weights may be those that act, or those before connectivity and signs: either way this
/// gives the ones that act.
void apply_constraints(const NamedArrays& weights, Network& network) {
  const Index units = network.n_units();
  if (weights.has("rec_connectivity")) {
    network.mask = sized(weights, "rec_connectivity", units, units);
    network.recurrent_weights.array() *= network.mask.array();
    if ((network.mask.array() == 1).all()) network.mask.resize(0, 0);
  }
  if (weights.has("input_connectivity"))
    network.input_weights.array() *=
        sized(weights, "input_connectivity", units, network.n_inputs()).array();
  if (weights.has("output_connectivity") && network.n_outputs() > 0)
    network.readout_weights.array() *=
        sized(weights, "output_connectivity", network.n_outputs(), units).array();
  if (!weights.has("Dale_rec")) return;
  const Vector signs = diagonal(weights, "Dale_rec", units);
  if ((signs.array() == 1).all()) return;  // also where Dale's law was not asked for
  network.dale_signs = signs;
  network.recurrent_weights = network.recurrent_weights.cwiseAbs() * signs.asDiagonal();
  network.input_weights = network.input_weights.cwiseAbs();
  if (network.n_outputs() > 0 && weights.has("Dale_out"))
    network.readout_weights =
        network.readout_weights.cwiseAbs() * diagonal(weights, "Dale_out", units).asDiagonal();
}

}  // namespace

Network network_from_psychrnn(const NamedArrays& weights, const WeightsOptions& options) {
  Network network;
  network.cell = CellKind::leaky_outside;
  if (options.cell && *options.cell != network.cell)
    throw InvalidInput(
        fmt::format("cell: found {}, expected leaky-outside: the arrays are those "
                    "of PsychRNN's rate network",
                    name_of(*options.cell)));
  network.activation = options.activation.value_or(models::Activation::relu);
  network.recurrent_weights = weights.matrix("W_rec");
  const Index units = network.n_units();
  network.recurrent_weights = sized(weights, "W_rec", units, units);
  network.input_weights = sized(weights, "W_in", units, weights.matrix("W_in").cols());
  network.bias = flat(weights, "b_rec", units);
  network.alpha = alpha_of(weights, options, units);
  network.readout_weights = Matrix::Zero(0, units);
  network.readout_bias = Vector::Zero(0);
  if (weights.has("W_out") && options.readout != "none") {
    network.readout_weights = sized(weights, "W_out", weights.matrix("W_out").rows(), units);
    network.readout_bias = weights.has("b_out") ? flat(weights, "b_out", network.n_outputs())
                                                : Vector::Zero(network.n_outputs());
  }
  network.initial_state =
      weights.has("init_state") ? flat(weights, "init_state", units) : Vector::Zero(units);
  apply_constraints(weights, network);
  return checked(std::move(network));
}

namespace {

CellKind cell_of_own(const NamedArrays& weights, const WeightsOptions& options) {
  if (options.cell) return *options.cell;
  const Matrix recurrent = weights.matrix("recurrent_weights");
  for (const CellKind cell : {CellKind::ugrnn, CellKind::gru, CellKind::lstm})
    if (recurrent.cols() > 0 && recurrent.rows() == models::n_gates(cell) * recurrent.cols())
      return cell;
  throw InvalidInput(
      "cell: missing, expected vanilla | leaky | leaky-outside: recurrent_weights of one gate may "
      "be any of them");
}

}  // namespace

Network network_from_own_names(const NamedArrays& weights, const WeightsOptions& options) {
  Network network;
  network.cell = cell_of_own(weights, options);
  network.activation = options.activation.value_or(models::Activation::tanh);
  network.reset = options.reset.value_or(Reset::after);
  network.recurrent_weights = weights.matrix("recurrent_weights");
  const Index units = network.n_units(), rows = models::n_gates(network.cell) * units;
  network.input_weights = weights.matrix("input_weights");
  const auto vector_or_zero = [&](const char* name, Index size) {
    return weights.has(name) ? flat(weights, name, size) : Vector(Vector::Zero(size));
  };
  network.bias = vector_or_zero("bias", rows);
  if (network.cell == CellKind::gru && network.reset == Reset::after)
    network.recurrent_bias = vector_or_zero("recurrent_bias", units);
  else if (weights.has("recurrent_bias") && weights.at("recurrent_bias").size() > 0)
    throw FormatError("array 'recurrent_bias': is for a GRU with reset after alone");
  if (network.cell == CellKind::leaky || network.cell == CellKind::leaky_outside)
    network.alpha = alpha_of(weights, options, units);
  else
    refuse_alpha(weights, options, network.cell);
  if (weights.has("forget_bias")) network.forget_bias = weights.scalar("forget_bias");
  if (weights.has("mask")) network.mask = weights.matrix("mask");
  if (weights.has("dale_signs")) network.dale_signs = flat(weights, "dale_signs", units);
  const bool has_readout = weights.has("readout_weights") && options.readout != "none";
  network.readout_weights =
      has_readout ? weights.matrix("readout_weights") : Matrix::Zero(0, units);
  network.readout_bias =
      has_readout ? vector_or_zero("readout_bias", network.n_outputs()) : Vector(Vector::Zero(0));
  network.initial_state = vector_or_zero("initial_state", network.n_states());
  return checked(std::move(network));
}

}  // namespace nullcline::interchange
