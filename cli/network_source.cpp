// SPDX-License-Identifier: BSD-3-Clause
#include "network_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "nullcline/interchange/import.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/npz.hpp"
#include "results.hpp"

namespace nullcline::cli {

namespace {

NetworkSource import_network(const std::string& path, const ImportFlags& flags) {
  if (flags.cell.empty())
    throw InvalidInput(fmt::format("--cell: missing, expected {} for the weights in {}",
                                   names_of_all<models::CellKind>(), path));
  interchange::ImportOptions options;
  options.cell = parse_enum<models::CellKind>(flags.cell, "--cell");
  if (!flags.activation.empty())
    options.activation = parse_enum<models::Activation>(flags.activation, "--activation");
  if (!flags.reset.empty()) options.reset = parse_enum<models::Reset>(flags.reset, "--reset");

  const NamedArrays weights = io::read_npz(path);
  NetworkSource source;
  source.path = path;
  source.imported = true;
  source.network =
      reading(path, [&] { return interchange::network_from_pytorch(weights, options); });
  if (flags.probe.empty()) return source;
  const NamedArrays probe = io::read_npz(flags.probe);
  reading(flags.probe, [&] {
    interchange::verify_with_probe(source.network, probe,
                                   interchange::probe_tolerance(weights, probe), weights);
  });
  return source;
}

NetworkSource stored_network(const std::string& path, const ImportFlags& flags) {
  for (const auto& [name, value] :
       {std::pair{"--cell", flags.cell}, std::pair{"--activation", flags.activation},
        std::pair{"--reset", flags.reset}, std::pair{"--probe", flags.probe}})
    if (!value.empty())
      throw InvalidInput(
          fmt::format("{}: is for imported weights; {} says this itself", name, path));
  NetworkSource source;
  source.path = path;
  source.file = io::read_hdf5(path);
  if (!source.file.has_group("network"))
    throw FormatError(path + ": holds no network (no group 'network')");
  source.network =
      reading(path, [&] { return models::network_from_arrays(source.file.group("network")); });
  return source;
}

std::string cell_text(models::CellKind kind) {
  std::string cell(name_of(kind));
  if (cell == "gru" || cell == "ugrnn" || cell == "lstm")  // acronyms
    std::transform(cell.begin(), cell.end(), cell.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return cell;
}

void add_if_new(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

NetworkSource load_network(const std::string& path, const ImportFlags& flags) {
  return is_hdf5_file(path) ? stored_network(path, flags) : import_network(path, flags);
}

std::string describe(const models::Network& network) {
  const auto count = [](Index n, const char* noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
  };
  std::vector<std::string> cells, sizes;
  bool has_gru = false;
  for (Index k = 0; k < network.n_layers(); ++k) {
    const models::Network& layer = network.layer(k);
    has_gru = has_gru || layer.cell == models::CellKind::gru;
    add_if_new(cells, cell_text(layer.cell));
    add_if_new(sizes,
               count(layer.n_units(), "unit") +
                   (layer.is_projected() ? fmt::format(" projected to {}", layer.n_hidden()) : ""));
  }
  std::string text = fmt::format("{}, ", fmt::join(cells, " and "));
  if (network.n_layers() > 1) text += fmt::format("{} layers of ", network.n_layers());
  text +=
      fmt::format("{}, {}, {}, {}", fmt::join(sizes, " or "), count(network.n_inputs(), "input"),
                  count(network.n_outputs(), "output"), name_of(network.activation));
  if (has_gru) text += fmt::format(", reset {}", name_of(network.reset));
  return text;
}

std::string network_fingerprint(const models::Network& network) {
  return fingerprint(models::to_arrays(network));
}

}  // namespace nullcline::cli
