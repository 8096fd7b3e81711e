// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/keras.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/conventions.hpp"
#include "nullcline/interchange/internal/keras_configuration.hpp"
#include "nullcline/io/keras_file.hpp"

namespace nullcline::interchange {

namespace {

using internal::KerasLayer;
using internal::KerasModel;
using models::CellKind;
using models::Network;
using models::Reset;

/// Where a layer keeps its arrays; recurrent is "" for a Dense layer.
struct LayerArrays {
  std::string layer;  ///< the group that stands for the layer: "layers/gru" or "gru"
  std::string kernel, recurrent, bias;
};

std::string without_start(std::string_view text, std::string_view start) {
  if (text.starts_with(start)) text.remove_prefix(start.size());
  return std::string(text);
}

/// Legacy files say ":0" after each name, or do not.
std::optional<LayerArrays> recurrent_arrays(std::string_view name) {
  constexpr std::string_view kStore = "/cell/vars/1";
  const auto cut = [&](std::string_view ending) {
    return name.substr(0, name.size() - ending.size());
  };
  if (name.ends_with(kStore)) {
    const std::string layer(cut(kStore));
    return LayerArrays{layer, layer + "/cell/vars/0", std::string(name), layer + "/cell/vars/2"};
  }
  if (name.starts_with("optimizer_weights/")) return std::nullopt;
  for (const std::string_view suffix : {"", ":0"}) {
    const std::string ending = fmt::format("/recurrent_kernel{}", suffix);
    if (!name.ends_with(ending)) continue;
    const std::string_view base = cut(ending);
    const std::string path = without_start(base, "model_weights/");
    return LayerArrays{path.substr(0, path.find('/')), fmt::format("{}/kernel{}", base, suffix),
                       std::string(name), fmt::format("{}/bias{}", base, suffix)};
  }
  return std::nullopt;
}

std::vector<LayerArrays> recurrent_layers(const NamedArrays& weights) {
  std::vector<LayerArrays> found;
  for (const auto& [name, array] : weights.all())
    if (auto arrays = recurrent_arrays(name)) found.push_back(std::move(*arrays));
  return found;
}

bool is_of(const LayerArrays& arrays, const KerasLayer& layer) {
  return arrays.layer == layer.name || arrays.layer == layer.store_name ||
         arrays.layer == "layers/" + layer.store_name;
}

KerasModel configured_model(const NamedArrays& weights) {
  const auto found = weights.attributes.find(io::kKerasConfiguration);
  if (found == weights.attributes.end()) return {};
  const auto* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? KerasModel() : internal::read_keras_model(*text);
}

/// A recurrent layer, and where the configuration speaks of it.
struct Recurrent {
  LayerArrays arrays;
  const KerasLayer* layer = nullptr;  ///< null without a configuration
};

/// The chosen layers, bottom first.
struct Choice {
  KerasModel model;
  std::vector<Recurrent> stack;  ///< points into `model`

  const KerasLayer* top() const { return stack.back().layer; }
};

/// Whether the layers are a model's own, each fed by the one before; sorts them so.
bool follow_on_each_other(const KerasModel& model, std::vector<Recurrent>& found) {
  if (!model.is_sequential) return false;
  for (const Recurrent& one : found)
    if (one.layer == nullptr) return false;
  std::sort(found.begin(), found.end(),
            [](const Recurrent& a, const Recurrent& b) { return a.layer < b.layer; });
  for (std::size_t i = 1; i < found.size(); ++i)
    if (found[i].layer != found[i - 1].layer + 1) return false;
  return true;
}

Choice choose_layers(const NamedArrays& weights, const std::string& prefix) {
  Choice choice{configured_model(weights), {}};
  const std::vector<KerasLayer>& layers = choice.model.layers;
  for (const KerasLayer& layer : layers)
    if (layer.class_name == "Bidirectional" && (prefix.empty() || prefix == layer.name))
      internal::checked_activation(layer);  // refuses it
  std::vector<std::string> names;
  for (LayerArrays& arrays : recurrent_layers(weights)) {
    const auto known = std::find_if(layers.begin(), layers.end(),
                                    [&](const KerasLayer& layer) { return is_of(arrays, layer); });
    const KerasLayer* layer = known == layers.end() ? nullptr : &*known;
    names.push_back(fmt::format("'{}'", layer != nullptr ? layer->name : arrays.layer));
    const bool is_named = prefix == arrays.layer || (layer != nullptr && prefix == layer->name);
    if (prefix.empty() || is_named) choice.stack.push_back({std::move(arrays), layer});
  }
  if (choice.stack.empty())
    throw FormatError(
        fmt::format("holds no recurrent layer '{}'; found {}", prefix, fmt::join(names, ", ")));
  if (choice.stack.size() > 1 && !follow_on_each_other(choice.model, choice.stack))
    throw FormatError(fmt::format(
        "holds {} recurrent layers that are not known to just follow on each other: {}; choose one "
        "with --prefix",
        choice.stack.size(), fmt::join(names, ", ")));
  if (choice.top() == nullptr && !layers.empty())
    throw FormatError(
        fmt::format("layer '{}' is not in the model's own list of layers (a model inside the "
                    "model?), so its settings are unknown",
                    choice.stack[0].arrays.layer));
  return choice;
}

template <class Value>
void agree(const char* key, const std::optional<Value>& asked, Value found) {
  if (asked && *asked != found)
    throw InvalidInput(
        fmt::format("{}: found {}, but the file says {}", key, name_of(*asked), name_of(found)));
}

CellKind cell_of_shape(const LayerArrays& arrays, const Matrix& recurrent) {
  const Index units = recurrent.rows(), columns = recurrent.cols();
  for (const CellKind cell : {CellKind::vanilla, CellKind::gru, CellKind::lstm})
    if (units > 0 && columns == models::n_gates(cell) * units) return cell;
  throw FormatError(fmt::format(
      "array '{}': is {} x {}, expected 1 (SimpleRNN), 3 (GRU) or 4 (LSTM) columns per row",
      arrays.recurrent, units, columns));
}

void check_finite(const Network& network, const LayerArrays& arrays) {
  const auto check = [](bool is_finite, const std::string& name) {
    if (!is_finite) throw FormatError(fmt::format("array '{}': holds NaN or infinity", name));
  };
  check(network.input_weights.allFinite(), arrays.kernel);
  check(network.recurrent_weights.allFinite(), arrays.recurrent);
  check(network.bias.allFinite() && network.recurrent_bias.allFinite(), arrays.bias);
}

/// Weights in our order and orientation; `places` as in GateOrder.
Matrix kernel(const Matrix& stored, const std::array<int, 4>& places, int n_gates) {
  return in_our_order(Matrix(stored.transpose()), places, n_gates);
}

void read_bias(const NamedArrays& weights, const LayerArrays& arrays,
               const std::array<int, 4>& places, Network& network) {
  const int n_gates = models::n_gates(network.cell);
  const Index units = network.n_units(), rows = n_gates * units;
  network.bias = Vector::Zero(rows);
  const bool is_after = network.cell == CellKind::gru && network.reset == Reset::after;
  if (is_after) network.recurrent_bias = Vector::Zero(units);
  if (!weights.has(arrays.bias)) return;
  const NamedArray& array = weights.at(arrays.bias);
  const std::vector<double> values = weights.values(arrays.bias);
  const Index n_biases = is_after ? 2 : 1;
  const bool fits = array.shape.size() == static_cast<std::size_t>(n_biases) &&
                    static_cast<Index>(values.size()) == n_biases * rows;
  if (!fits)
    throw FormatError(fmt::format("array '{}': has shape ({}), expected {}{}", arrays.bias,
                                  fmt::join(array.shape, ", "), is_after ? "2 x " : "", rows));
  const Matrix stored = Eigen::Map<const Matrix>(values.data(), n_biases, rows);
  const Matrix ordered = kernel(stored, places, n_gates);
  network.bias = ordered.col(0);
  if (!is_after) return;
  // r multiplies the second bias of n together with W h, so it stays apart.
  network.bias.head(2 * units) += ordered.col(1).head(2 * units);
  network.recurrent_bias = ordered.col(1).tail(units);
}

void read_arrays(const NamedArrays& weights, const LayerArrays& arrays, Network& network) {
  const Matrix input = weights.matrix(arrays.kernel), recurrent = weights.matrix(arrays.recurrent);
  if (cell_of_shape(arrays, recurrent) != network.cell)
    throw FormatError(fmt::format("array '{}': is {} x {}, which is no {}", arrays.recurrent,
                                  recurrent.rows(), recurrent.cols(), name_of(network.cell)));
  if (input.cols() != recurrent.cols())
    throw FormatError(fmt::format("array '{}': is {} x {}, expected {} columns", arrays.kernel,
                                  input.rows(), input.cols(), recurrent.cols()));
  const int n_gates = models::n_gates(network.cell);
  const std::array<int, 4>& places =
      network.cell == CellKind::gru ? kKerasGru.places : kKerasLstm.places;
  network.input_weights = kernel(input, places, n_gates);
  network.recurrent_weights = kernel(recurrent, places, n_gates);
  read_bias(weights, arrays, places, network);
  check_finite(network, arrays);
}

/// Where a Dense layer keeps its arrays.
LayerArrays dense_arrays(const NamedArrays& weights, const std::string& layer) {
  for (const std::string& base : {layer, "layers/" + layer})
    for (const char* wrapped : {"", "/layer"}) {
      const std::string kernel = fmt::format("{}{}/vars/0", base, wrapped);
      if (weights.has(kernel))
        return {layer, kernel, "", fmt::format("{}{}/vars/1", base, wrapped)};
    }
  for (const auto& [name, array] : weights.all()) {
    const std::string path = without_start(name, "model_weights/");
    if (!path.starts_with(layer + "/")) continue;
    for (const std::string_view suffix : {"", ":0"}) {
      const std::string ending = fmt::format("/kernel{}", suffix);
      if (name.ends_with(ending))
        return {layer, name, "",
                fmt::format("{}/bias{}", name.substr(0, name.size() - ending.size()), suffix)};
    }
  }
  throw FormatError(fmt::format("holds no Dense layer '{}' for the readout", layer));
}

/// The layer that --readout names, or the Dense layer that ends the model right after this one.
const KerasLayer* readout_layer(const Choice& choice, const std::string& readout) {
  if (!readout.empty()) {
    for (const KerasLayer& layer : choice.model.layers)
      if (layer.name == readout || layer.store_name == readout) return &layer;
    return nullptr;
  }
  if (choice.top() == nullptr) return nullptr;
  const KerasLayer* next = choice.top() + 1;
  const bool is_last = next == &choice.model.layers.back();
  return is_last && next->class_name == "Dense" ? next : nullptr;
}

void read_readout(const NamedArrays& weights, const Choice& choice, const std::string& readout,
                  Network& network) {
  const Index n_hidden = network.top().n_hidden();
  network.readout_weights = Matrix::Zero(0, n_hidden);
  network.readout_bias = Vector::Zero(0);
  if (readout == "none") return;
  const KerasLayer* layer = readout_layer(choice, readout);
  if (layer == nullptr && readout.empty()) return;
  if (layer != nullptr && !layer->is_linear)
    throw FormatError(fmt::format(
        "layer '{}': a {} layer with activation '{}' is no linear readout; leave it out with "
        "--readout none",
        layer->name, layer->class_name, layer->activation));
  LayerArrays arrays;
  if (layer == nullptr) {
    arrays = dense_arrays(weights, readout);
  } else {
    const bool is_stored = weights.has(
        fmt::format("layers/{}{}/vars/0", layer->store_name, layer->is_wrapped ? "/layer" : ""));
    arrays = dense_arrays(weights, is_stored ? layer->store_name : layer->name);
  }
  network.readout_weights = weights.matrix(arrays.kernel).transpose();
  if (network.readout_weights.cols() != n_hidden)
    throw FormatError(fmt::format("array '{}': has {} rows, expected {}, one per unit",
                                  arrays.kernel, network.readout_weights.cols(), n_hidden));
  network.readout_bias = weights.has(arrays.bias) ? weights.vector(arrays.bias)
                                                  : Vector::Zero(network.readout_weights.rows());
  if (network.readout_bias.size() != network.readout_weights.rows())
    throw FormatError(fmt::format("array '{}': has {} entries, expected {}", arrays.bias,
                                  network.readout_bias.size(), network.readout_weights.rows()));
  if (!network.readout_weights.allFinite() || !network.readout_bias.allFinite())
    throw FormatError(
        fmt::format("array '{}': holds NaN or infinity, or its bias does", arrays.kernel));
}

Network read_layer(const NamedArrays& weights, const Recurrent& recurrent,
                   const WeightsOptions& options) {
  const LayerArrays& arrays = recurrent.arrays;
  const KerasLayer* layer = recurrent.layer;
  Network network;
  network.cell = cell_of_shape(arrays, weights.matrix(arrays.recurrent));
  const bool has_two_biases = weights.has(arrays.bias) && weights.at(arrays.bias).shape.size() == 2;
  if (layer != nullptr) {
    network.activation = internal::checked_activation(*layer);
    agree("activation", options.activation, network.activation);
    if (layer->cell) network.cell = *layer->cell;
  } else {
    network.activation = options.activation.value_or(models::Activation::tanh);
  }
  agree("cell", options.cell, network.cell);
  if (network.cell == CellKind::gru) {
    const bool is_known = weights.has(arrays.bias);
    const Reset by_shape = has_two_biases ? Reset::after : Reset::before;
    network.reset = is_known ? by_shape : options.reset.value_or(Reset::after);
    if (layer != nullptr && layer->reset) network.reset = *layer->reset;
    if (is_known || layer != nullptr) agree("reset", options.reset, network.reset);
  }
  read_arrays(weights, arrays, network);
  return network;
}

}  // namespace

bool has_keras_names(const NamedArrays& weights) { return !recurrent_layers(weights).empty(); }

Network network_from_keras(const NamedArrays& weights, const WeightsOptions& options) {
  const Choice choice = choose_layers(weights, options.prefix);
  Network network;
  for (const Recurrent& recurrent : choice.stack) {
    Network layer = read_layer(weights, recurrent, options);
    const Index below = network.top().n_hidden();
    if (&recurrent == choice.stack.data()) {
      network = std::move(layer);
      continue;
    }
    if (layer.n_inputs() != below)
      throw FormatError(
          fmt::format("array '{}': has {} rows, expected {}, one per unit of the "
                      "layer below",
                      recurrent.arrays.kernel, layer.n_inputs(), below));
    network.upper.push_back(std::move(layer));
  }
  read_readout(weights, choice, options.readout, network);
  network.initial_state = Vector::Zero(network.n_states());
  return network;
}

}  // namespace nullcline::interchange
