// SPDX-License-Identifier: BSD-3-Clause
#include "network_source.hpp"

#include <fmt/format.h>

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

}  // namespace

NetworkSource load_network(const std::string& path, const ImportFlags& flags) {
  return is_hdf5_file(path) ? stored_network(path, flags) : import_network(path, flags);
}

}  // namespace nullcline::cli
