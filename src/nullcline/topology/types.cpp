// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/types.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"

namespace nullcline::topology {

NamedArrays to_arrays(const Graph& graph) {
  NamedArrays arrays;
  arrays.attributes["probe"] = std::string(name_of(graph.probe));
  arrays.set(
      "transitions", graph.transitions, {"node", "target"},
      "share of rollouts from a node (points, then orbits) to each; the last column is other");
  arrays.set_integers("n_rollouts", {graph.n_rollouts.begin(), graph.n_rollouts.end()}, "node",
                      "rollouts from each node");
  arrays.set_integers("point_index", {graph.point_index.begin(), graph.point_index.end()},
                      graph.n_orbits > 0 ? "point_node" : "node",
                      "position in the set of fixed points");
  if (graph.n_orbits > 0)
    arrays.set_integers("orbit_index", {graph.orbit_index.begin(), graph.orbit_index.end()},
                        "orbit_node", "position in the set of orbits");
  arrays.set_strings("label", graph.labels, "node", "quantized readout");
  arrays.set_integers("n_unstable", {graph.n_unstable.begin(), graph.n_unstable.end()}, "node",
                      "unstable directions of each node");
  if (graph.readouts.cols() > 0)
    arrays.set("readouts", graph.readouts, {"node", "output"}, "readout; of an orbit the mean");
  arrays.set_scalar("perturbation", graph.perturbation, "distance at which rollouts start");
  arrays.set_scalar("capture_radius", graph.capture_radius,
                    "share of the distance to the nearest other point within which one captures");
  arrays.set_scalar("n_cycle", graph.n_cycle, "rollouts that ended on a cycle");
  arrays.set_scalar("n_diverged", graph.n_diverged, "rollouts that diverged");
  arrays.set_scalar("n_undecided", graph.n_undecided, "rollouts undecided at the horizon");
  return arrays;
}

Graph graph_from_arrays(const NamedArrays& arrays) {
  Graph graph;
  try {
    graph.probe = parse_enum<Probe>(arrays.text_attribute("probe"), "probe");
  } catch (const InvalidInput& error) {
    throw FormatError(std::string("graph: ") + error.what());
  }
  const auto as_ints = [&](const char* name) {
    std::vector<int> values;
    for (const std::int64_t value : arrays.integers(name))
      values.push_back(static_cast<int>(value));
    return values;
  };
  graph.transitions = arrays.matrix("transitions");
  graph.n_rollouts = as_ints("n_rollouts");
  graph.point_index = as_ints("point_index");
  if (arrays.has("orbit_index")) graph.orbit_index = as_ints("orbit_index");
  graph.labels = arrays.strings("label");
  if (arrays.has("n_unstable")) graph.n_unstable = as_ints("n_unstable");
  graph.readouts =
      arrays.has("readouts") ? arrays.matrix("readouts") : Matrix(graph.transitions.rows(), 0);
  graph.n_points = static_cast<Index>(graph.point_index.size());
  graph.n_orbits = static_cast<Index>(graph.orbit_index.size());
  const auto n = static_cast<std::size_t>(graph.transitions.rows());
  if (graph.transitions.cols() != graph.transitions.rows() + 1 || graph.n_rollouts.size() != n ||
      graph.n_nodes() != graph.transitions.rows() || graph.labels.size() != n ||
      graph.readouts.rows() != graph.transitions.rows() ||
      (!graph.n_unstable.empty() && graph.n_unstable.size() != n))
    throw FormatError(
        fmt::format("graph: transitions are {} x {}, with {} labels; sizes do not fit",
                    graph.transitions.rows(), graph.transitions.cols(), graph.labels.size()));
  for (const int index : graph.point_index)
    if (index < 0)
      throw FormatError(fmt::format("graph: point_index holds {}, expected 0 or more", index));
  for (const int index : graph.orbit_index)
    if (index < 0)
      throw FormatError(fmt::format("graph: orbit_index holds {}, expected 0 or more", index));
  graph.perturbation = arrays.scalar("perturbation");
  graph.capture_radius = arrays.scalar("capture_radius");
  graph.n_cycle = static_cast<int>(arrays.scalar("n_cycle"));
  graph.n_diverged = static_cast<int>(arrays.scalar("n_diverged"));
  graph.n_undecided = static_cast<int>(arrays.scalar("n_undecided"));
  return graph;
}

}  // namespace nullcline::topology
