// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::models {

namespace {

// Layers count from 0, the first one.
std::string layer_group(std::size_t upper) { return fmt::format("layer_{}", upper + 1); }

// Arrays of one layer, the readout and the initial state apart.
NamedArrays layer_arrays(const Network& network) {
  const char* hidden = network.is_projected() ? "hidden" : "unit";
  NamedArrays arrays;
  arrays.attributes["cell"] = std::string(name_of(network.cell));
  arrays.attributes["activation"] = std::string(name_of(network.activation));
  arrays.attributes["reset"] = std::string(name_of(network.reset));
  arrays.attributes["forget_bias"] = network.forget_bias;
  arrays.attributes["verified"] = std::int64_t{network.verified ? 1 : 0};
  arrays.set("recurrent_weights", network.recurrent_weights, {"gate_unit", hidden},
             "recurrent weights, gates stacked by rows");
  arrays.set("input_weights", network.input_weights, {"gate_unit", "input"},
             "input weights, gates stacked by rows");
  arrays.set_vector("bias", network.bias, "gate_unit", "bias, gates stacked");
  if (network.recurrent_bias.size() > 0)
    arrays.set_vector("recurrent_bias", network.recurrent_bias, "unit", "bias inside the reset");
  if (network.alpha.size() > 0) arrays.set_vector("alpha", network.alpha, "unit", "leak dt / tau");
  if (network.mask.size() > 0)
    arrays.set("mask", network.mask, {"unit", "presynaptic_unit"}, "connectivity mask");
  if (network.dale_signs.size() > 0)
    arrays.set_vector("dale_signs", network.dale_signs, hidden, "sign of each presynaptic unit");
  if (network.is_projected())
    arrays.set("projection", network.projection, {hidden, "unit"}, "projection of the output");
  return arrays;
}

}  // namespace

NamedArrays to_arrays(const Network& network) {
  NamedArrays arrays = layer_arrays(network);
  const bool is_single = network.upper.empty() && !network.is_projected();
  arrays.set("readout_weights", network.readout_weights,
             {"output", network.n_outputs() == 0 ? "no_unit"
                        : is_single              ? "unit"
                                                 : "top_hidden"},
             "readout weights");
  arrays.set_vector("readout_bias", network.readout_bias, "output", "readout bias");
  arrays.set_vector("initial_state", network.initial_state, "state", "initial state");
  for (std::size_t k = 0; k < network.upper.size(); ++k)
    arrays.set_group(layer_group(k), layer_arrays(network.upper[k]));
  return arrays;
}

namespace {

double number_attribute(const NamedArrays& arrays, const std::string& name) {
  const auto found = arrays.attributes.find(name);
  if (found == arrays.attributes.end())
    throw FormatError(fmt::format("network: no attribute '{}'", name));
  if (const auto* real = std::get_if<double>(&found->second)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&found->second))
    return static_cast<double>(*integer);
  throw FormatError(fmt::format("network: attribute '{}' is text, expected a number", name));
}

Network layer_from_arrays(const NamedArrays& arrays) {
  Network network;
  const auto optional_vector = [&](const char* name) {
    return arrays.has(name) ? arrays.vector(name) : Vector();
  };
  const auto optional_matrix = [&](const char* name) {
    return arrays.has(name) ? arrays.matrix(name) : Matrix();
  };
  network.cell = parse_enum<CellKind>(arrays.text_attribute("cell"), "cell");
  network.activation = parse_enum<Activation>(arrays.text_attribute("activation"), "activation");
  network.reset = parse_enum<Reset>(arrays.text_attribute("reset"), "reset");
  network.forget_bias = number_attribute(arrays, "forget_bias");
  network.verified = number_attribute(arrays, "verified") != 0;
  network.recurrent_weights = arrays.matrix("recurrent_weights");
  network.input_weights = arrays.matrix("input_weights");
  network.bias = arrays.vector("bias");
  network.recurrent_bias = optional_vector("recurrent_bias");
  network.alpha = optional_vector("alpha");
  network.dale_signs = optional_vector("dale_signs");
  network.mask = optional_matrix("mask");
  network.projection = optional_matrix("projection");
  return network;
}

}  // namespace

Network network_from_arrays(const NamedArrays& arrays) {
  try {
    Network network = layer_from_arrays(arrays);
    network.readout_weights = arrays.matrix("readout_weights");
    network.readout_bias = arrays.vector("readout_bias");
    network.initial_state = arrays.vector("initial_state");
    for (std::size_t k = 0; arrays.has_group(layer_group(k)); ++k)
      network.upper.push_back(layer_from_arrays(arrays.group(layer_group(k))));
    validate(network);
    return network;
  } catch (const InvalidInput& error) {
    throw FormatError(std::string("network: ") + error.what());
  }
}

}  // namespace nullcline::models
