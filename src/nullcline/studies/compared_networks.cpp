// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/compared_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "nullcline/core/parallel.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/results/compared.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/results/visited.hpp"
#include "nullcline/task_analysis/neighbors.hpp"
#include "nullcline/training/initialization.hpp"

namespace nullcline::studies {

namespace {

using comparison::PointGraph;

// Of a line attractor in a graph: matching takes the third power of their number.
constexpr Index kMostLinePoints = 20;

// States that lie along a line, joined to their neighbors: Maheswaranathan et al. 2019,
// section 3.3.
PointGraph line_graph(const models::Network& network, ConstMatrixRef states,
                      std::vector<int> n_unstable) {
  PointGraph graph;
  const Index n = states.rows();
  if (n == 0) return graph;
  graph.readouts = models::readout(network, states);
  graph.transitions = task_analysis::nearest_neighbor_graph(states);
  graph.n_unstable = std::move(n_unstable);
  graph.n_rollouts.assign(static_cast<std::size_t>(n), 0);
  return graph;
}

// One point for each command.
PointGraph sine_graph(const models::Network& network, const NamedArrays& file) {
  const Matrix states = file.matrix("sine/states");
  const auto n_unstable = file.integers("sine/n_unstable");
  std::vector<Index> found;
  std::vector<int> kept;
  for (Index i = 0; i < states.rows(); ++i)
    if (states.row(i).allFinite()) {
      found.push_back(i);
      kept.push_back(static_cast<int>(n_unstable[static_cast<std::size_t>(i)]));
    }
  return line_graph(network, states(found, Eigen::all), kept);
}

// The line attractor of each context.
std::vector<PointGraph> context_graphs(const models::Network& network, const NamedArrays& file) {
  std::vector<PointGraph> graphs;
  for (int k = 0; file.has(fmt::format("context/context_{}/states", k)); ++k) {
    const Matrix states = results::thinned_rows(
        file.matrix(fmt::format("context/context_{}/states", k)), kMostLinePoints);
    graphs.push_back(
        line_graph(network, states, std::vector<int>(static_cast<std::size_t>(states.rows()), 0)));
  }
  return graphs;
}

models::Network read_network(const std::string& path) {
  const NamedArrays file = results::read_result(path);
  return results::reading(path, [&] { return models::network_from_arrays(file.group("network")); });
}

models::Network untrained_twin(const ComparedNetwork& network) {
  return results::reading(network.path, [&] {
    const UnitOptions options = unit_options_of(network.configuration, "configuration");
    return training::make_initial_network(options.train, network.n_inputs, network.n_outputs);
  });
}

}  // namespace

Index ComparedNetwork::fewest_points() const {
  Index n = graphs.empty() ? 0 : graphs.front().n_points();
  for (const PointGraph& graph : graphs) n = std::min(n, graph.n_points());
  return n;
}

ComparedNetwork read_compared_network(const std::string& folder, const Plan& plan, std::size_t unit,
                                      const UnitStatus& status) {
  ComparedNetwork result;
  result.unit = unit;
  result.path = unit_path(folder, plan.units[unit].key);
  result.result_hash = status.result_hash;
  const NamedArrays file = results::read_result(result.path);
  return results::reading(result.path, [&] {
    result.configuration = file.text_attribute("configuration");
    const models::Network network = models::network_from_arrays(file.group("network"));
    result.n_units = network.n_units();
    result.n_inputs = network.n_inputs();
    result.n_outputs = network.n_outputs();
    if (file.has_group("sine")) {
      result.graphs = {sine_graph(network, file)};
    } else if (file.has_group("context")) {
      result.graphs = context_graphs(network, file);
    } else {
      result.graphs = {results::point_graph(topology::graph_from_arrays(file.group("graph")))};
    }
    if (file.has_group("machine") && file.matrix("machine/readouts").rows() > 0)
      result.automata = {{file.matrix("machine/readouts"), file.matrix("machine/pulses"),
                          file.integers("machine/transitions")}};
    return result;
  });
}

ActivitySource::ActivitySource(const std::vector<ComparedNetwork>& networks,
                               const tasks::TrialBatch& trials,
                               const comparison::MeasureOptions& measure, bool is_trained,
                               std::size_t n_bytes)
    : networks_(networks),
      trials_(trials),
      measure_(measure),
      is_trained_(is_trained),
      n_bytes_(n_bytes),
      members_(networks.size()) {}

std::size_t ActivitySource::n_at_once() const {
  Index n_units = 1;
  for (const ComparedNetwork& network : networks_) n_units = std::max(n_units, network.n_units);
  const Index n_samples = trials_.n_trials * trials_.n_steps;
  // The samples and an orthonormal basis of them.
  const auto one = 2 * sizeof(double) * static_cast<std::size_t>(n_samples * n_units);
  return std::max<std::size_t>(n_bytes_ / one, 1);
}

void ActivitySource::prepare(Range rows, Range columns, const std::function<bool()>& goes_on) {
  const auto is_in = [](Range range, std::size_t i) { return i >= range.first && i < range.last; };
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (!is_in(rows, i) && !is_in(columns, i))
      members_[i] = {};
    else if (!members_[i].is_ready)
      missing.push_back(i);
  }
  parallel_for(missing.size(), [&](std::size_t k) {
    if (goes_on()) members_[missing[k]] = make(networks_[missing[k]]);
  });
}

ActivitySource::Member ActivitySource::make(const ComparedNetwork& network) const {
  const models::Network made = is_trained_ ? read_network(network.path) : untrained_twin(network);
  const auto system = models::make_system(made);
  const Matrix states = dynamics::simulate(*system, trials_.inputs, trials_.n_trials,
                                           trials_.n_steps, Matrix(made.initial_state.transpose()));
  if (!states.allFinite()) return {true, false, {}};
  // Of an LSTM: h.
  return {
      true, true,
      comparison::prepare(
          comparison::make_activity(states.leftCols(made.n_units()), trials_.n_trials), measure_)};
}

double ActivitySource::distance(std::size_t i, std::size_t j) const {
  const Member &x = members_[i], &y = members_[j];
  if (!x.is_finite || !y.is_finite) return std::numeric_limits<double>::quiet_NaN();
  return comparison::distance(x.data, y.data, measure_);
}

}  // namespace nullcline::studies
