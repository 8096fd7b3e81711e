// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/echo_state.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::models {

namespace {

void require(const char* name, ConstMatrixRef found, Index rows, Index cols) {
  if (found.rows() != rows || found.cols() != cols)
    throw InvalidInput(fmt::format("{}: found {} x {}, expected {} x {}", name, found.rows(),
                                   found.cols(), rows, cols));
  if (!found.allFinite())
    throw InvalidInput(fmt::format("{}: found a value that is not finite", name));
}

}  // namespace

void validate(const EchoState& network) {
  const Index n = network.recurrent_weights.cols();
  if (n < 1) throw InvalidInput("recurrent_weights: found none, expected at least one unit");
  require("recurrent_weights", network.recurrent_weights, n, n);
  require("feedback_weights", network.feedback_weights, n, network.n_outputs());
  require("input_weights", network.input_weights, n, network.n_inputs());
  require("readout_weights", network.readout_weights, network.n_outputs(), n);
  require("initial_state", network.initial_state, n, 1);
  if (!(network.tau >= 1 && std::isfinite(network.tau)))
    throw InvalidInput(fmt::format("tau: found {}, expected at least one step", network.tau));
}

Network fold_feedback(const EchoState& network) {
  validate(network);
  Network folded;
  folded.cell = CellKind::leaky_outside;
  folded.activation = network.activation;
  folded.recurrent_weights =
      network.recurrent_weights + network.feedback_weights * network.readout_weights;
  folded.input_weights = network.input_weights;
  folded.bias = Vector::Zero(network.n_units());
  folded.alpha = Vector::Constant(network.n_units(), 1 / network.tau);
  folded.readout_weights = network.readout_weights;
  folded.readout_bias = Vector::Zero(network.n_outputs());
  folded.initial_state = network.initial_state;
  folded.verified = true;  // made here
  return folded;
}

NamedArrays to_arrays(const EchoState& network) {
  NamedArrays arrays;
  arrays.attributes["activation"] = std::string(name_of(network.activation));
  arrays.attributes["tau"] = network.tau;
  arrays.set("recurrent_weights", network.recurrent_weights, {"unit", "presynaptic_unit"},
             "recurrent weights W_r, without the feedback");
  arrays.set("feedback_weights", network.feedback_weights, {"unit", "output"},
             "feedback weights W_fb");
  arrays.set("input_weights", network.input_weights, {"unit", "input"}, "input weights B");
  arrays.set("readout_weights", network.readout_weights, {"output", "unit"}, "readout weights W_o");
  arrays.set_vector("initial_state", network.initial_state, "unit", "initial state x_0");
  return arrays;
}

EchoState echo_state_from_arrays(const NamedArrays& arrays) {
  EchoState network;
  const auto tau = arrays.attributes.find("tau");
  if (tau == arrays.attributes.end() || !std::holds_alternative<double>(tau->second))
    throw FormatError("echo_state: attribute 'tau' is missing or not a number");
  network.tau = std::get<double>(tau->second);
  network.recurrent_weights = arrays.matrix("recurrent_weights");
  network.feedback_weights = arrays.matrix("feedback_weights");
  network.input_weights = arrays.matrix("input_weights");
  network.readout_weights = arrays.matrix("readout_weights");
  network.initial_state = arrays.vector("initial_state");
  try {
    network.activation = parse_enum<Activation>(arrays.text_attribute("activation"), "activation");
    validate(network);
  } catch (const InvalidInput& error) {
    throw FormatError(std::string("echo_state: ") + error.what());
  }
  return network;
}

}  // namespace nullcline::models
