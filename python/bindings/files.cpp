// SPDX-License-Identifier: BSD-3-Clause
// Files of results, and pages.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/interchange/weights.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/io/weight_file.hpp"
#include "nullcline/results/page.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::python {

namespace {

using models::Network;
using namespace nb::literals;

void write_report(const std::string& path, const dynamics::System& system, const Network* network,
                  nb::handle points, const nb::list& graphs, nb::handle trained,
                  nb::handle trajectories, const std::string& title, const std::string& axes,
                  int mode_point) {
  const NamedArrays file = named_arrays(points);
  results::PageSources sources;
  sources.title = title;
  sources.system = &system;
  sources.network = network;
  sources.sets = fixed_points::fixed_point_sets_from_arrays(file);
  sources.orbits = results::orbits_of(file, sources.sets);
  sources.visited = results::stored_visited(file);
  sources.points_attributes = file.attributes;
  for (const nb::handle graph : graphs) {
    const NamedArrays arrays = named_arrays(graph);
    sources.graphs.push_back(topology::graph_from_arrays(arrays));
    sources.graph_attributes = arrays.attributes;
  }
  if (!trained.is_none()) sources.trained = named_arrays(trained);
  if (!trajectories.is_none()) {
    const Floats floats("trajectories", trajectories);
    const std::string n = std::to_string(system.n_states());
    const auto rows =
        floats.rows({2, 3}, system.n_states(), "(steps, " + n + ") or (trials, steps, " + n + ")");
    const Index n_trials = floats.n_axes() == 3 ? floats.extent(0) : 1;
    sources.visited.trajectories.clear();
    results::add_trajectories(sources.visited, rows, n_trials, floats.extent(floats.n_axes() - 2));
    sources.visited.origin = "given";
  }
  const auto first = parse_enum<results::Axes>(axes, "axes");
  const nb::gil_scoped_release release;
  io::write_text(path, report::render_page(results::make_page(sources, first, mode_point)));
}

/// A choice by name, or nothing.
template <class Enum>
std::optional<Enum> choice(const char* name, const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return parse_enum<Enum>(*text, name);
}

Network network_from_file(const std::string& path, const std::optional<std::string>& cell,
                          const std::optional<std::string>& activation,
                          const std::optional<std::string>& reset, std::optional<double> alpha,
                          const std::string& prefix, const std::string& readout,
                          const std::optional<std::string>& probe) {
  interchange::WeightsOptions options;
  options.cell = choice<models::CellKind>("cell", cell);
  options.activation = choice<models::Activation>("activation", activation);
  options.reset = choice<models::Reset>("reset", reset);
  options.alpha = alpha;
  options.prefix = prefix;
  options.readout = readout;
  const NamedArrays weights = io::read_weights(path);
  Network network =
      results::reading(path, [&] { return interchange::network_from_weights(weights, options); });
  if (!probe) return network;
  const NamedArrays steps = io::read_npz(*probe);
  results::reading(*probe, [&] {
    interchange::verify_weights(network, weights, options, steps);
    return 0;
  });
  return network;
}

}  // namespace

void bind_files(nb::module_& module) {
  module.def(
      "read_file", [](const std::string& path) { return to_python(results::read_result(path)); },
      "path"_a, "The contents of a result file. Raises FormatError.");
  module.def(
      "write_file",
      [](const std::string& path, nb::handle contents) {
        io::write_hdf5(path, named_arrays(contents));
      },
      "path"_a, "contents"_a,
      "Writes a result file that xarray.open_dataset reads; an old one is replaced at the end.");
  module.def(
      "network_of",
      [](const std::string& path, nb::handle contents) -> nb::object {
        const NamedArrays arrays = named_arrays(contents);
        if (!arrays.has_group("network")) return nb::none();
        return nb::cast(results::reading(
            path, [&] { return models::network_from_arrays(arrays.group("network")); }));
      },
      "path"_a, "contents"_a,
      nb::sig("def network_of(path: str, contents: tuple) -> Network | None"),
      "The network that a file holds, or None.");
  module.def(
      "graphs_of",
      [](const std::string& path, nb::handle contents) {
        const NamedArrays arrays = named_arrays(contents);
        nb::list graphs;
        for (const topology::Graph& graph : results::graphs_of(path, arrays)) {
          NamedArrays one = topology::to_arrays(graph);
          one.attributes.insert(arrays.attributes.begin(), arrays.attributes.end());
          graphs.append(to_python(std::move(one)));
        }
        return graphs;
      },
      "path"_a, "contents"_a, "The graphs that a file holds, one per input.");
  module.def(
      "check_points",
      [](const std::string& path, nb::handle contents) {
        results::reading(path, [&] {
          const NamedArrays file = named_arrays(contents);
          const auto sets = fixed_points::fixed_point_sets_from_arrays(file);
          results::orbits_of(file, sets);
          return sets.size();
        });
      },
      "path"_a, "contents"_a, "Raises FormatError unless the arrays are fixed points.");
  module.def("network_from_file", &network_from_file, "path"_a, nb::kw_only(), "cell"_a.none(),
             "activation"_a.none(), "reset"_a.none(), "alpha"_a.none(), "prefix"_a, "readout"_a,
             "probe"_a.none(), "A network from weights that another framework saved.");
  module.def(
      "load_model",
      [](const std::string& path, const interchange::ParameterValues& parameters) {
        const interchange::Model model = interchange::read_model(path, parameters);
        std::optional<Network> network = model.network();
        nb::object held = network ? nb::cast(std::move(*network)) : nb::none();
        return nb::make_tuple(model.make_system(), std::move(held),
                              to_python(interchange::to_arrays(model)));
      },
      "path"_a, "parameters"_a,
      "The system of a model file, its network or None, and its contents.");
  module.def("network_fingerprint", &results::network_fingerprint, "network"_a,
             "Two results that speak of the same weights agree in it.");
  module.def("write_report", &write_report, "path"_a, "system"_a, "network"_a.none(), "points"_a,
             "graphs"_a, "trained"_a.none(), "trajectories"_a.none(), "title"_a, "axes"_a,
             "mode_point"_a, "Writes one offline page.");
}

}  // namespace nullcline::python
