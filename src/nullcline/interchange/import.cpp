// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "nullcline/core/error.hpp"

namespace nullcline::interchange {

namespace {

using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;

/// The names of one recurrent layer's arrays.
struct LayerNames {
  std::string prefix;  ///< "rnn."
  std::string suffix;  ///< "_l0", or "" for the *Cell classes

  std::string of(std::string_view kind) const {
    return fmt::format("{}{}{}", prefix, kind, suffix);
  }
};

constexpr std::string_view kLayerArrays[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh",
                                             "weight_hr"};

std::optional<LayerNames> first_layer_named(std::string_view name) {
  for (const std::string_view suffix : {"_l0", ""}) {
    const std::string ending = fmt::format("weight_ih{}", suffix);
    if (!name.ends_with(ending)) continue;
    const std::string_view prefix = name.substr(0, name.size() - ending.size());
    if (prefix.empty() || prefix.ends_with('.'))
      return LayerNames{std::string(prefix), std::string(suffix)};
  }
  return std::nullopt;
}

/// The layers of the one stack in the file, first to last.
std::vector<LayerNames> find_layers(const NamedArrays& weights) {
  std::vector<LayerNames> found;
  std::string names;
  for (const auto& [name, array] : weights.all()) {
    if (auto layer = first_layer_named(name)) found.push_back(std::move(*layer));
    if (names.size() < 200) names += (names.empty() ? "" : ", ") + name;
  }
  if (found.empty())
    throw FormatError(
        fmt::format("no array named weight_ih_l0 or weight_ih, with or without a prefix; found {}",
                    names.empty() ? "no arrays" : names));
  if (found.size() > 1)
    throw FormatError(fmt::format("holds several recurrent networks ('{}' and '{}'), expected one",
                                  found[0].of("weight_ih"), found[1].of("weight_ih")));
  if (found[0].suffix.empty()) return found;
  for (std::size_t k = 1;; ++k) {
    LayerNames next{found[0].prefix, fmt::format("_l{}", k)};
    if (!weights.has(next.of("weight_ih"))) return found;
    found.push_back(std::move(next));
  }
}

/// Arrays of the same network that would change what the others mean.
void refuse_unsupported(const NamedArrays& weights, const std::vector<LayerNames>& layers) {
  std::set<std::string> known;
  for (const LayerNames& layer : layers)
    for (const std::string_view kind : kLayerArrays) known.insert(layer.of(kind));
  const std::string& prefix = layers[0].prefix;
  for (const auto& [name, array] : weights.all()) {
    if (!name.starts_with(prefix) || known.contains(name)) continue;
    const std::string_view rest = std::string_view(name).substr(prefix.size());
    const bool is_layer_array = rest.starts_with("weight_") || rest.starts_with("bias");
    if (!is_layer_array || rest.find('.') != rest.npos) continue;
    std::string reason =
        "an array that is none of weight_ih, weight_hh, bias_ih, bias_hh, weight_hr";
    if (rest.ends_with("_reverse"))
      reason =
          "the network is bidirectional: its backward half needs the future, so it is no map of "
          "states";
    else if (rest.find("_l") != rest.npos)
      reason = fmt::format("belongs to no layer: expected '{}' and what goes with it",
                           LayerNames{prefix, fmt::format("_l{}", layers.size())}.of("weight_ih"));
    throw FormatError(fmt::format("array '{}': {}", name, reason));
  }
}

std::string gates_hint(Index rows, Index columns, CellKind cell) {
  const int expected = models::n_gates(cell);
  std::string hint = fmt::format("a {} of {} units needs {} x {}", name_of(cell), columns,
                                 expected * columns, columns);
  if (columns == 0 || rows % columns != 0) return hint;
  const Index found = rows / columns;
  for (const CellKind kind : {CellKind::vanilla, CellKind::ugrnn, CellKind::gru, CellKind::lstm})
    if (models::n_gates(kind) == found)
      return fmt::format("{} gate{} mean cell {}, found cell {}; {}", found, found == 1 ? "" : "s",
                         name_of(kind), name_of(cell), hint);
  return hint;
}

Matrix read_matrix(const NamedArrays& weights, const std::string& name) {
  Matrix values = weights.matrix(name);
  if (!values.allFinite())
    throw FormatError(fmt::format("array '{}': holds NaN or infinity", name));
  return values;
}

/// A vector of `size` entries; zeros if it is absent.
Vector read_bias(const NamedArrays& weights, const std::string& name, Index size) {
  if (!weights.has(name)) return Vector::Zero(size);
  Vector values = weights.vector(name);
  if (values.size() != size)
    throw FormatError(
        fmt::format("array '{}': has {} entries, expected {}", name, values.size(), size));
  if (!values.allFinite())
    throw FormatError(fmt::format("array '{}': holds NaN or infinity", name));
  return values;
}

/// PyTorch's proj_size: (n_hidden, n_units), or zero size.
Matrix read_projection(const NamedArrays& weights, const LayerNames& layer, CellKind cell,
                       Index n_hidden) {
  const std::string name = layer.of("weight_hr");
  if (!weights.has(name)) return {};
  if (cell != CellKind::lstm)
    throw FormatError(fmt::format("array '{}': is the projection of an lstm, found cell {}", name,
                                  name_of(cell)));
  Matrix projection = read_matrix(weights, name);
  if (projection.rows() != n_hidden || projection.cols() == 0)
    throw FormatError(
        fmt::format("array '{}': is {} x {}, expected {} rows, one per column of '{}'", name,
                    projection.rows(), projection.cols(), n_hidden, layer.of("weight_hh")));
  return projection;
}

void read_recurrent_layer(const NamedArrays& weights, const LayerNames& layer, Network& network) {
  network.recurrent_weights = read_matrix(weights, layer.of("weight_hh"));
  network.projection = read_projection(weights, layer, network.cell, network.n_hidden());
  const Index rows = network.recurrent_weights.rows(), units = network.n_units();
  if (units == 0 || rows != models::n_gates(network.cell) * units)
    throw FormatError(fmt::format("array '{}': is {} x {}: {}", layer.of("weight_hh"), rows,
                                  network.n_hidden(), gates_hint(rows, units, network.cell)));
  network.input_weights = read_matrix(weights, layer.of("weight_ih"));
  if (network.input_weights.rows() != rows)
    throw FormatError(fmt::format("array '{}': is {} x {}, expected {} rows as '{}' has",
                                  layer.of("weight_ih"), network.input_weights.rows(),
                                  network.input_weights.cols(), rows, layer.of("weight_hh")));
  if (weights.has(layer.of("bias_ih")) != weights.has(layer.of("bias_hh")))
    throw FormatError(fmt::format("only one of the arrays '{}' and '{}' is there",
                                  layer.of("bias_ih"), layer.of("bias_hh")));
  network.bias = read_bias(weights, layer.of("bias_ih"), rows);
  Vector recurrent_bias = read_bias(weights, layer.of("bias_hh"), rows);
  if (network.cell == CellKind::gru && network.reset == Reset::after) {
    // r multiplies this bias together with W h, so it stays apart.
    network.recurrent_bias = recurrent_bias.tail(units);
    recurrent_bias.tail(units).setZero();
  }
  network.bias += recurrent_bias;
}

void read_readout(const NamedArrays& weights, Network& network) {
  constexpr std::string_view kName = "readout.weight";
  std::vector<std::string> found;
  for (const auto& [name, array] : weights.all())
    if (name == kName || name.ends_with(fmt::format(".{}", kName))) found.push_back(name);
  if (found.size() > 1)
    throw FormatError(
        fmt::format("holds several readouts ('{}' and '{}'), expected one", found[0], found[1]));
  const Index n_hidden = network.top().n_hidden();
  network.readout_weights = Matrix::Zero(0, n_hidden);
  network.readout_bias = Vector::Zero(0);
  if (found.empty()) return;
  network.readout_weights = read_matrix(weights, found[0]);
  if (network.readout_weights.cols() != n_hidden)
    throw FormatError(fmt::format("array '{}': is {} x {}, expected {} columns, one per unit",
                                  found[0], network.readout_weights.rows(),
                                  network.readout_weights.cols(), n_hidden));
  const std::string bias = found[0].substr(0, found[0].size() - 6) + "bias";
  network.readout_bias = read_bias(weights, bias, network.readout_weights.rows());
}

}  // namespace

Network network_from_pytorch(const NamedArrays& weights, const ImportOptions& options) {
  if (options.cell == CellKind::leaky || options.cell == CellKind::leaky_outside)
    throw InvalidInput(
        fmt::format("cell: found {}, expected vanilla | ugrnn | gru | lstm: weights under "
                    "PyTorch's names do not say "
                    "the leak alpha",
                    name_of(options.cell)));
  const std::vector<LayerNames> layers = find_layers(weights);
  refuse_unsupported(weights, layers);
  Network network;
  Index n_below = -1;
  for (const LayerNames& names : layers) {
    Network layer;
    layer.cell = options.cell;
    layer.activation = options.activation;
    layer.reset = options.reset;
    read_recurrent_layer(weights, names, layer);
    if (n_below >= 0 && layer.n_inputs() != n_below)
      throw FormatError(fmt::format(
          "array '{}': is {} x {}, expected {} columns, one per output of "
          "the layer below",
          names.of("weight_ih"), layer.input_weights.rows(), layer.n_inputs(), n_below));
    const bool is_first = n_below < 0;
    n_below = layer.n_hidden();
    if (is_first)
      network = std::move(layer);
    else
      network.upper.push_back(std::move(layer));
  }
  read_readout(weights, network);
  network.initial_state = Vector::Zero(network.n_states());
  return network;
}

}  // namespace nullcline::interchange
