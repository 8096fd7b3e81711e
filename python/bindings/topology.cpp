// SPDX-License-Identifier: BSD-3-Clause

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/topology/graph.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;

nb::tuple build(const dynamics::System& system, nb::handle points, const nb::dict& option_values,
                nb::object progress) {
  topology::GraphOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  const NamedArrays arrays = named_arrays(points);
  const auto sets = fixed_points::fixed_point_sets_from_arrays(arrays);
  if (sets.size() != 1)
    throw InvalidInput("points: found points of " + std::to_string(sets.size()) +
                       " inputs, expected one; points.for_input(i) are those of one");
  const auto orbit_sets = results::orbits_of(arrays, sets);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    file = topology::to_arrays(
        build_graph(*watched, sets[0], orbit_sets[0], options, watch.progress()));
    results::stamp(file, results::kGraph, "Graph of fixed points",
                   "{\"topology\": " + fields_to_json(fields) + "}", options.seed);
    file.attributes["points_fingerprint"] = results::points_fingerprint(sets, orbit_sets);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_topology(nb::module_& module) {
  module.def("build_graph", &build, "system"_a, "points"_a, "options"_a, "progress"_a.none(),
             "The contents of a file of a graph; nullcline.topology makes an object of it.");
  module.def(
      "topology_options",
      [] {
        topology::GraphOptions options;
        return defaults(option_fields(options));
      },
      "Every option of the graph with its default.");
}

}  // namespace nullcline::python
