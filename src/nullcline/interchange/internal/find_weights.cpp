// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/internal/find_weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "nullcline/core/error.hpp"

namespace nullcline::interchange::internal {

namespace {

constexpr std::string_view kReadout = "readout";
constexpr std::size_t kMaxListed = 20;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListed); ++i)
    text += (text.empty() ? "" : ", ") + names[i];
  return names.size() > kMaxListed ? text + ", ..." : text;
}

std::string without_dot(std::string_view prefix) {
  if (prefix.ends_with('.')) prefix.remove_suffix(1);
  return std::string(prefix);
}

std::string display(const TorchModule& module) {
  return module.prefix.empty() ? "'' (no prefix)" : "'" + without_dot(module.prefix) + "'";
}

/// A matrix called X.weight, with its bias X.bias if there is one.
struct Linear {
  std::string name;  ///< "fc"; "" for the bare names weight and bias
  std::size_t n_out = 0, n_in = 0;
  bool has_bias = false;

  std::string array(std::string_view kind) const {
    return name.empty() ? std::string(kind) : fmt::format("{}.{}", name, kind);
  }
};

std::vector<Linear> linear_layers(const NamedArrays& weights) {
  std::vector<Linear> layers;
  for (const auto& [name, array] : weights.all()) {
    constexpr std::string_view kEnding = ".weight";
    if (array.shape.size() != 2 || (name != "weight" && !name.ends_with(kEnding))) continue;
    Linear layer;
    if (name != "weight") layer.name = name.substr(0, name.size() - kEnding.size());
    layer.n_out = array.shape[0];
    layer.n_in = array.shape[1];
    const std::string bias = layer.array("bias");
    layer.has_bias =
        weights.has(bias) && weights.at(bias).shape == std::vector<std::size_t>{layer.n_out};
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::vector<std::string> names_of_layers(const std::vector<Linear>& layers) {
  std::vector<std::string> names;
  for (const Linear& layer : layers) names.push_back(layer.name);
  return names;
}

/// Width of what the module's top layer gives: the columns of its weight_hh.
std::size_t output_width(const NamedArrays& weights, const TorchModule& module) {
  const std::string base = module.prefix + "weight_hh";
  std::string top = base + module.suffix;
  if (module.suffix == "_l0")
    for (int k = 1; weights.has(fmt::format("{}_l{}", base, k)); ++k)
      top = fmt::format("{}_l{}", base, k);
  const NamedArray& array = weights.at(top);
  return array.shape.size() == 2 ? array.shape[1] : 0;
}

std::optional<Linear> find_readout(const NamedArrays& weights, const std::string& readout,
                                   std::size_t width) {
  const std::vector<Linear> layers = linear_layers(weights);
  std::vector<Linear> found;
  if (!readout.empty()) {
    std::string name = without_dot(readout);
    if (name.ends_with(".weight")) name.resize(name.size() - 7);
    for (const Linear& layer : layers)
      if (layer.name == name) found.push_back(layer);
    if (found.empty())
      throw FormatError(fmt::format("no matrix '{}.weight' for the readout; found {}", name,
                                    layers.empty() ? "none" : listed(names_of_layers(layers))));
    return found[0];
  }
  for (const Linear& layer : layers)
    if (layer.name == kReadout || layer.name.ends_with(fmt::format(".{}", kReadout)))
      found.push_back(layer);
  if (found.empty()) {
    for (const Linear& layer : layers)
      if (layer.has_bias && layer.n_in == width) found.push_back(layer);
    // The first layer of a longer decoder is no linear readout.
    if (found.size() == 1)
      for (const Linear& other : layers)
        if (other.name != found[0].name && other.has_bias && other.n_in == found[0].n_out)
          found.push_back(other);
  }
  if (found.size() > 1)
    throw FormatError(
        fmt::format("several linear layers may be the readout: {}; choose with --readout NAME, or "
                    "--readout none",
                    listed(names_of_layers(found))));
  return found.empty() ? std::nullopt : std::optional(found[0]);
}

}  // namespace

std::vector<TorchModule> torch_modules(const NamedArrays& weights) {
  std::vector<TorchModule> modules;
  for (const auto& [name, array] : weights.all())
    for (const std::string_view suffix : {"_l0", ""}) {
      const std::string ending = fmt::format("weight_ih{}", suffix);
      if (!name.ends_with(ending)) continue;
      const std::string_view prefix = std::string_view(name).substr(0, name.size() - ending.size());
      if (prefix.empty() || prefix.ends_with('.'))
        modules.push_back({std::string(prefix), std::string(suffix)});
    }
  std::sort(modules.begin(), modules.end(),
            [](const TorchModule& a, const TorchModule& b) { return a.prefix < b.prefix; });
  return modules;
}

TorchModule choose_module(const NamedArrays& weights, const std::string& prefix) {
  const std::vector<TorchModule> modules = torch_modules(weights);
  std::vector<std::string> names;
  for (const TorchModule& module : modules) names.push_back(display(module));
  if (prefix.empty()) {
    if (modules.size() == 1) return modules[0];
    throw FormatError(fmt::format("holds {} recurrent modules: {}; choose one with --prefix",
                                  modules.size(), listed(names)));
  }
  for (const TorchModule& module : modules)
    if (without_dot(module.prefix) == without_dot(prefix)) return module;
  throw FormatError(fmt::format("holds no recurrent module '{}'; found {}", prefix, listed(names)));
}

NamedArrays module_and_readout(const NamedArrays& weights, const TorchModule& module,
                               const std::string& readout) {
  NamedArrays chosen;
  for (const auto& [name, array] : weights.all()) {
    const bool is_of_module = name.starts_with(module.prefix) &&
                              name.find('.', module.prefix.size()) == std::string::npos;
    if (is_of_module) chosen.set(name, array);
  }
  if (readout == "none") return chosen;
  const std::size_t width = output_width(weights, module);
  const std::optional<Linear> found = find_readout(weights, readout, width);
  if (!found) return chosen;
  // One that was not asked for is left to the checks after those of the recurrent weights.
  if (!readout.empty() && found->n_in != width)
    throw FormatError(fmt::format("array '{}': is {} x {}, expected {} columns, one per unit",
                                  found->array("weight"), found->n_out, found->n_in, width));
  chosen.set("readout.weight", weights.at(found->array("weight")));
  const std::string bias = found->array("bias");
  if (weights.has(bias)) chosen.set("readout.bias", weights.at(bias));
  return chosen;
}

models::CellKind cell_of_module(const NamedArrays& weights, const TorchModule& module) {
  const std::string name = module.prefix + "weight_hh" + module.suffix;
  const std::vector<std::size_t>& shape = weights.at(name).shape;
  if (weights.has(module.prefix + "weight_hr" + module.suffix)) return models::CellKind::lstm;
  if (shape.size() == 2 && shape[1] > 0 && shape[0] % shape[1] == 0)
    for (const models::CellKind cell : {models::CellKind::vanilla, models::CellKind::ugrnn,
                                        models::CellKind::gru, models::CellKind::lstm})
      if (static_cast<std::size_t>(models::n_gates(cell)) == shape[0] / shape[1]) return cell;
  throw FormatError(fmt::format(
      "array '{}': has shape ({}), expected one to four square blocks, one per gate: 1 vanilla, "
      "2 ugrnn, 3 gru, 4 lstm",
      name, fmt::join(shape, ", ")));
}

}  // namespace nullcline::interchange::internal
