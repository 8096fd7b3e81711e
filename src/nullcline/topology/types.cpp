// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/types.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"

namespace nullcline::topology {

namespace {

void set_cycles(NamedArrays& arrays, const std::vector<CycleNode>& cycles) {
  const auto n = static_cast<Index>(cycles.size());
  const Index n_samples = cycles[0].states.rows(), n_states = cycles[0].states.cols();
  Vector periods(n);
  std::vector<std::int64_t> is_stable;
  Matrix minima(n, n_states), maxima(n, n_states);
  std::vector<double> states;
  for (Index i = 0; i < n; ++i) {
    const CycleNode& cycle = cycles[static_cast<std::size_t>(i)];
    periods(i) = cycle.period;
    is_stable.push_back(cycle.is_stable ? 1 : 0);
    minima.row(i) = cycle.minimum.transpose();
    maxima.row(i) = cycle.maximum.transpose();
    for (const double value : cycle.states.reshaped<Eigen::RowMajor>()) states.push_back(value);
  }
  arrays.set_vector("cycle_period", periods, "cycle_node", "period of each limit cycle", "time");
  arrays.set_integers("cycle_is_stable", is_stable, "cycle_node", "whether it attracts");
  arrays.set("cycle_minimum", minima, {"cycle_node", "state"}, "least value of each coordinate");
  arrays.set("cycle_maximum", maxima, {"cycle_node", "state"}, "largest value of each coordinate");
  const auto sizes = {n, n_samples, n_states};
  NamedArray turns{
      {"cycle_node", "cycle_sample", "state"}, {sizes.begin(), sizes.end()}, states, {}};
  turns.attributes["long_name"] = std::string("states along each limit cycle, evenly in time");
  turns.attributes["units"] = std::string("1");
  arrays.set("cycle_states", std::move(turns));
}

std::vector<CycleNode> cycles_from_arrays(const NamedArrays& arrays) {
  std::vector<CycleNode> cycles;
  if (!arrays.has("cycle_period")) return cycles;
  const Vector periods = arrays.vector("cycle_period");
  const std::vector<std::int64_t> is_stable = arrays.integers("cycle_is_stable");
  const Matrix minima = arrays.matrix("cycle_minimum"), maxima = arrays.matrix("cycle_maximum");
  const std::vector<std::size_t>& shape = arrays.at("cycle_states").shape;
  const std::vector<double> values = arrays.values("cycle_states");
  const auto n = static_cast<std::size_t>(periods.size());
  const auto n_states = static_cast<std::size_t>(minima.cols());
  const auto rows = static_cast<std::size_t>(minima.rows());
  if (is_stable.size() != n || rows != n || maxima.rows() != minima.rows() ||
      maxima.cols() != minima.cols() || shape.size() != 3 || shape[0] != n || shape[2] != n_states)
    throw FormatError("graph: the arrays of cycles have sizes that do not fit");
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = static_cast<Index>(i);
    cycles.push_back({periods(row), is_stable[i] != 0, minima.row(row).transpose(),
                      maxima.row(row).transpose(),
                      Eigen::Map<const Matrix>(values.data() + i * shape[1] * n_states,
                                               static_cast<Index>(shape[1]), minima.cols())});
  }
  return cycles;
}

}  // namespace

NamedArrays to_arrays(const Graph& graph) {
  NamedArrays arrays;
  arrays.attributes["probe"] = std::string(name_of(graph.probe));
  arrays.set(
      "transitions", graph.transitions, {"node", "target"},
      "share of rollouts from a node (points, then orbits or cycles) to each; the last column is "
      "other");
  arrays.set_integers("n_rollouts", {graph.n_rollouts.begin(), graph.n_rollouts.end()}, "node",
                      "rollouts from each node");
  arrays.set_integers("point_index", {graph.point_index.begin(), graph.point_index.end()},
                      graph.n_nodes() > graph.n_points ? "point_node" : "node",
                      "position in the set of fixed points");
  if (graph.n_orbits > 0)
    arrays.set_integers("orbit_index", {graph.orbit_index.begin(), graph.orbit_index.end()},
                        "orbit_node", "position in the set of orbits");
  if (graph.n_cycles() > 0) set_cycles(arrays, graph.cycles);
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
  graph.cycles = cycles_from_arrays(arrays);
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
