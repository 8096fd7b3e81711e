// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "nullcline/comparison/embedding.hpp"
#include "nullcline/core/error.hpp"
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

using comparison::Activity;
using comparison::PointGraph;

std::string factor_of(const Unit& unit, const std::string& name) {
  for (const auto& [factor, value] : unit.factors)
    if (factor == name) return value;
  return "";
}

// Of a line attractor in a graph: matching takes the third power of their number.
constexpr Index kMostLinePoints = 20;

// What one network is compared by.
struct Member {
  std::size_t unit = 0;
  models::Network network, untrained;
  std::vector<PointGraph> graphs;  // one per held input, or one of all
};

// States that lie along a line, joined to their neighbors: Maheswaranathan et al. 2019,
// section 3.3.
PointGraph line_graph(const models::Network& network, ConstMatrixRef states,
                      std::vector<int> n_unstable) {
  PointGraph graph;
  const Index n = states.rows();
  if (n == 0) return graph;
  graph.readouts = models::readout(network, states);
  graph.transitions = n > 1 ? task_analysis::nearest_neighbor_graph(states, 1) : Matrix::Zero(1, 1);
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

Member read_member(const std::string& folder, const Plan& plan, std::size_t i) {
  const Unit& unit = plan.units[i];
  const UnitOptions options = unit_options_of(unit.configuration, unit.key);
  const std::string path = unit_path(folder, unit.key);
  const NamedArrays file = results::read_result(path);
  return results::reading(path, [&] {
    Member member;
    member.unit = i;
    member.network = models::network_from_arrays(file.group("network"));
    const Index n_outputs = member.network.n_outputs();
    member.untrained =
        training::make_initial_network(options.train, member.network.n_inputs(), n_outputs);
    if (file.has_group("sine")) {
      member.graphs = {sine_graph(member.network, file)};
    } else if (file.has_group("context")) {
      member.graphs = context_graphs(member.network, file);
    } else {
      member.graphs = {results::point_graph(topology::graph_from_arrays(file.group("graph")))};
    }
    return member;
  });
}

std::optional<Activity> activity_of(const models::Network& network,
                                    const tasks::TrialBatch& trials) {
  const auto system = models::make_system(network);
  const Matrix states = dynamics::simulate(*system, trials.inputs, trials.n_trials, trials.n_steps,
                                           Matrix(network.initial_state.transpose()));
  if (!states.allFinite()) return std::nullopt;
  // Of an LSTM: h.
  return comparison::make_activity(states.leftCols(network.n_units()), trials.n_trials);
}

void embed(Space& space) {
  const Index n = space.distances.rows();
  space.points = Matrix::Zero(n, 2);
  if (n < 3 || !space.distances.allFinite()) return;
  const Matrix distances = space.distances.cwiseMax(0.0);
  const auto scaled =
      comparison::smacof(distances, comparison::classical_scaling(distances).points);
  space.points = scaled.points;
  space.stress = scaled.stress.back();
}

Space geometry(const std::vector<Member>& members, const tasks::TrialBatch& trials,
               const CompareOptions& options, bool is_trained, const Progress& progress) {
  Space space;
  space.name = is_trained ? "geometry" : "untrained";
  std::vector<std::optional<Activity>> found(members.size());
  parallel_for(members.size(), [&](std::size_t i) {
    found[i] = activity_of(is_trained ? members[i].network : members[i].untrained, trials);
  });
  std::vector<Activity> activities;
  std::size_t n_left_out = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!found[i]) {
      ++n_left_out;
      continue;
    }
    activities.push_back(std::move(*found[i]));
    space.units.push_back(members[i].unit);
  }
  comparison::MeasureOptions measure;
  measure.measure = options.geometry;
  measure.threshold = options.threshold;
  measure.seed = options.seed;
  space.distances = pairwise_distances(activities, measure, progress);
  if (!activities.empty()) space.warning = comparison::sample_warning(activities);
  if (n_left_out > 0)
    space.warning += fmt::format("{}{} networks left out: their states grow beyond all numbers",
                                 space.warning.empty() ? "" : "; ", n_left_out);
  embed(space);
  return space;
}

// Under the input that has fewest.
Index fewest_points(const Member& member) {
  Index n = member.graphs.front().n_points();
  for (const PointGraph& graph : member.graphs) n = std::min(n, graph.n_points());
  return n;
}

// The most frequent number of points.
Index modal_number(const std::vector<Member>& members) {
  std::map<Index, std::size_t> counts;
  for (const Member& member : members) ++counts[fewest_points(member)];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

Space topology(const std::vector<Member>& members, const CompareOptions& options,
               const Progress& progress) {
  Space space;
  space.name = "topology";
  const bool needs_equal = options.topology == comparison::Measure::graph_frobenius;
  const Index modal = modal_number(members);
  std::vector<std::vector<PointGraph>> graphs;
  std::size_t n_left_out = 0;
  for (const Member& member : members) {
    const Index n = fewest_points(member);
    if (n == 0 || (needs_equal && n != modal)) {
      ++n_left_out;
      continue;
    }
    graphs.push_back(member.graphs);
    space.units.push_back(member.unit);
  }
  comparison::MeasureOptions measure;
  measure.measure = options.topology;
  measure.n_starts = options.n_starts;
  measure.seed = options.seed;
  space.distances = pairwise_distances(graphs, measure, progress);
  if (n_left_out > 0)
    space.warning = fmt::format(
        "{} networks left out: they have {}", n_left_out,
        needs_equal ? fmt::format("not {} fixed points", modal) : std::string("no fixed points"));
  for (const auto& graph : graphs)
    space.noise += sampling_noise(graph, graph, measure) / static_cast<double>(graphs.size());
  embed(space);
  return space;
}

std::vector<std::string> factors_of(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& [name, value] : plan.units.front().factors)
    if (name != "task" && name != "seed") names.push_back(name);
  return names;
}

class Separator {
 public:
  Separator(const Plan& plan, const CompareOptions& options, std::vector<FactorSeparation>& out)
      : plan_(plan), options_(options), out_(out) {}

  // Of all networks, and of those with each value of each other factor.
  void add(const Space& space) {
    const std::vector<std::string> factors = factors_of(plan_);
    for (const std::string& factor : factors) {
      test(space, factor, "", "");
      for (const std::string& other : factors) {
        if (other == factor) continue;
        std::set<std::string> values;
        for (std::size_t unit : space.units) values.insert(factor_of(plan_.units[unit], other));
        if (values.size() > 1)
          for (const std::string& value : values) test(space, factor, other, value);
      }
    }
  }

 private:
  void test(const Space& space, const std::string& factor, const std::string& other,
            const std::string& value) {
    std::vector<Index> chosen;
    std::vector<std::string> labels;
    std::map<std::string, int> sizes;
    for (std::size_t i = 0; i < space.units.size(); ++i) {
      const Unit& unit = plan_.units[space.units[i]];
      if (!other.empty() && factor_of(unit, other) != value) continue;
      chosen.push_back(static_cast<Index>(i));
      labels.push_back(factor_of(unit, factor));
      ++sizes[labels.back()];
    }
    const bool has_pair =
        std::any_of(sizes.begin(), sizes.end(), [](const auto& size) { return size.second > 1; });
    const Matrix distances = space.distances(chosen, chosen);
    if (sizes.size() < 2 || !has_pair || !distances.allFinite()) return;
    FactorSeparation row{
        space.name, factor, other.empty() ? "" : other + " " + value, chosen.size(), {}};
    row.separation =
        comparison::separation(distances, labels, {options_.n_permutations, options_.seed});
    out_.push_back(std::move(row));
  }

  const Plan& plan_;
  const CompareOptions& options_;
  std::vector<FactorSeparation>& out_;
};

void check(const CompareOptions& options) {
  if (comparison::compared_by(options.geometry) != comparison::Compared::activity)
    throw InvalidInput(fmt::format("geometry: found {}, expected a measure of activity",
                                   name_of(options.geometry)));
  if (comparison::compared_by(options.topology) != comparison::Compared::graph)
    throw InvalidInput(
        fmt::format("topology: found {}, expected a measure of graphs", name_of(options.topology)));
  if (options.samples < 2 || options.samples > 10000000)
    throw InvalidInput(fmt::format("samples: found {}, expected 2 to 10000000", options.samples));
}

}  // namespace

std::vector<TaskComparison> compare_study(const std::string& folder, const Plan& plan,
                                          const CompareOptions& options, const Progress& progress) {
  check(options);
  const std::vector<UnitStatus> status = read_status(folder, plan);
  std::map<std::string, std::vector<std::size_t>> by_task;
  for (std::size_t i = 0; i < plan.units.size(); ++i)
    if (status[i].state == UnitState::done) by_task[factor_of(plan.units[i], "task")].push_back(i);

  bool is_stopped = false;
  double n_done = 0;
  const Progress part = [&](const ProgressUpdate& update) {
    const double share = update.total > 0 ? update.done / update.total : 0;
    is_stopped =
        is_stopped ||
        !report_progress(progress,
                         {n_done + share, 3 * static_cast<double>(by_task.size()), update.message});
    return !is_stopped;
  };
  std::vector<TaskComparison> result;
  for (const auto& entry : by_task) {
    const std::string& task = entry.first;
    const std::vector<std::size_t>& units = entry.second;
    std::vector<Member> members(units.size());
    parallel_for(units.size(),
                 [&](std::size_t i) { members[i] = read_member(folder, plan, units[i]); });
    const UnitOptions first = unit_options_of(plan.units[units[0]].configuration, task);
    const auto made = first.task.make();
    const Index n_trials = std::max<Index>(1, options.samples / made->n_steps());
    const tasks::TrialBatch trials = made->probe(n_trials, options.seed);
    TaskComparison comparison;
    comparison.task = task;
    Separator separator(plan, options, comparison.separations);
    for (int k = 0; k < 3 && !is_stopped; ++k, ++n_done) {
      comparison.spaces.push_back(k < 2 ? geometry(members, trials, options, k == 0, part)
                                        : topology(members, options, part));
      if (!is_stopped) separator.add(comparison.spaces.back());
    }
    if (is_stopped) return {};
    result.push_back(std::move(comparison));
  }
  return result;
}

NamedArrays to_arrays(const std::vector<TaskComparison>& comparisons, const Plan& plan) {
  NamedArrays file;
  for (const TaskComparison& comparison : comparisons) {
    for (const Space& space : comparison.spaces) {
      NamedArrays group;
      std::vector<std::string> keys;
      for (std::size_t unit : space.units) keys.push_back(plan.units[unit].key);
      group.set_strings("networks", keys, "network", "keys of the networks");
      group.set("distances", space.distances, {"network", "other_network"}, "distance");
      group.set("points", space.points, {"network", "axis"}, "embedding by majorization");
      group.set_scalar("stress", space.stress, "stress of the embedding");
      group.set_scalar("sampling_noise", space.noise, "distance that sampling alone would give");
      file.set_group(comparison.task + "/" + space.name, group);
    }
    if (comparison.separations.empty()) continue;
    std::vector<std::string> spaces, factors, among;
    const auto n = static_cast<Index>(comparison.separations.size());
    Vector statistic(n), p_value(n);
    std::vector<std::int64_t> sizes;
    for (const FactorSeparation& row : comparison.separations) {
      const auto i = static_cast<Index>(spaces.size());
      spaces.push_back(row.space);
      factors.push_back(row.factor);
      among.push_back(row.among);
      sizes.push_back(static_cast<std::int64_t>(row.n));
      statistic[i] = row.separation.statistic;
      p_value[i] = row.separation.p_value;
    }
    NamedArrays group;
    group.set_strings("space", spaces, "test", "geometry, untrained or topology");
    group.set_strings("factor", factors, "test", "factor that may separate");
    group.set_strings("among", among, "test", "networks that were taken; empty: all");
    group.set_integers("n_networks", sizes, "test", "how many");
    group.set_vector("statistic", statistic, "test", "ANOSIM R");
    group.set_vector("p_value", p_value, "test", "of the permutation test");
    file.set_group(comparison.task + "/separation", group);
  }
  return file;
}

}  // namespace nullcline::studies
