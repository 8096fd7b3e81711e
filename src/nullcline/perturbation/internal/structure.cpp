// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/perturbation/internal/structure.hpp"

#include <algorithm>
#include <cmath>

#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/evolution/follow.hpp"
#include "nullcline/evolution/stage.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/models/network_line.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/topology/graph.hpp"

namespace nullcline::perturbation::internal {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;

namespace {

constexpr Index kMaxVisited = 1000;
constexpr int kVisitedStarts = 32;
constexpr int kIterations = 100;
constexpr int kMaxPoints = 500;
constexpr Index kStatesOfCycle = 4;  // from which trajectories start on a cycle

Matrix visited_states(const models::Network& network, const tasks::Task* task, std::uint64_t seed) {
  if (!task) return Matrix(0, network.n_states());
  tasks::TrialBatch batch = task->generate(1, seed, Purpose::analysis_data, 0);
  const Index n_steps = std::min(batch.n_steps, kMaxVisited);
  batch.inputs.resize(static_cast<std::size_t>(n_steps * batch.n_inputs));
  const auto system = models::make_system(network);
  const Matrix states = dynamics::simulate(*system, batch.inputs, 1, n_steps,
                                           Matrix(network.initial_state.transpose()));
  return states.allFinite() ? states : Matrix(0, network.n_states());
}

int count_stable(const FixedPointSet& set) {
  return static_cast<int>(
      std::count_if(set.points.begin(), set.points.end(),
                    [](const FixedPoint& point) { return point.n_unstable == 0; }));
}

}  // namespace

Structure::Structure(const models::Network& network, ConstVectorRef input, const tasks::Task* task,
                     const PerturbOptions& options)
    : network_(network),
      input_(input),
      options_(options),
      visited_(visited_states(network, task, options.seed)) {
  const std::shared_ptr<const dynamics::System> system = models::make_system(network);
  found_ = find(system, {});
  edges_ = edges_of(*system, found_.set);
  if (options_.trajectories == 0) return;
  orbits::OrbitOptions orbit_options;
  orbit_options.trajectories = options_.trajectories;
  orbit_options.search.seed = options_.seed;
  for (orbits::Orbit& orbit : find_orbits(*system, found_.set, visited_, orbit_options).orbits)
    if (orbit.kind != orbits::Kind::undecided) cycles_.push_back(std::move(orbit));
}

Structure::Found Structure::find(const std::shared_ptr<const dynamics::System>& system,
                                 const std::vector<Vector>& warm) const {
  evolution::Stage stage(system, input_);
  for (const Vector& state : warm) stage.add(state);
  stage.search(visited_, {options_.starts, kVisitedStarts, kIterations, kMaxPoints, options_.seed});
  Found result;
  result.set.input = input_;
  for (const evolution::Found& found : stage.found()) {
    FixedPoint point;
    point.state = found.state;
    point.kind = fixed_points::Kind::fixed;
    point.verdict = found.certificate.verdict;
    point.radius = found.certificate.radius;
    point.uniqueness_radius = found.certificate.uniqueness_radius;
    point.index = found.index;
    fixed_points::linearize(*system, input_, point);
    point.readout = models::readout(network_, Matrix(point.state.transpose())).row(0).transpose();
    result.index_sum += found.index;
    result.set.points.push_back(std::move(point));
  }
  return result;
}

std::vector<std::pair<Index, Index>> Structure::edges_of(const dynamics::System& system,
                                                         const FixedPointSet& set) const {
  std::vector<std::pair<Index, Index>> edges;
  if (set.points.empty()) return edges;
  topology::GraphOptions options;
  options.n_rollouts = options_.rollouts;
  options.seed = options_.seed;
  const topology::Graph graph = build_graph(system, set, options);
  for (Index i = 0; i < graph.n_points; ++i)
    for (Index j = 0; j < graph.n_points; ++j)
      if (i != j && graph.transitions(i, j) > 0)
        edges.emplace_back(graph.point_index[static_cast<std::size_t>(i)],
                           graph.point_index[static_cast<std::size_t>(j)]);
  return edges;
}

Reference Structure::describe(Reference reference) const {
  reference.n_points = static_cast<int>(found_.set.points.size());
  reference.n_stable = count_stable(found_.set);
  reference.index_sum = found_.index_sum;
  reference.n_edges = static_cast<int>(edges_.size());
  reference.n_cycles = static_cast<int>(cycles_.size());
  return reference;
}

void Structure::compare(const models::Network& changed, Trial& result) const {
  const std::shared_ptr<const dynamics::System> system = models::make_system(changed);
  const evolution::SystemLine line([&](double t) {
    return models::make_system(models::network_line(network_, changed, t),
                               dynamics::Time::discrete);
  });
  // What arrives comes first in the set of the perturbed network, each point once.
  std::vector<Vector> arrived;
  std::vector<Index> place(found_.set.points.size(), -1);
  evolution::Stage stage(system, input_);
  for (std::size_t i = 0; i < place.size(); ++i) {
    const evolution::Followed way = follow_point(line, 0, 1, input_, found_.set.points[i].state);
    if (!way.arrived) continue;
    const Index at = stage.add(way.state);
    if (at != static_cast<Index>(arrived.size())) continue;  // none, or one that is taken
    arrived.push_back(way.state);
    place[i] = at;
  }
  const Found now = find(system, arrived);
  result.n_points = static_cast<int>(now.set.points.size());
  result.n_stable = count_stable(now.set);
  result.index_sum = now.index_sum;
  result.points_kept = static_cast<int>(arrived.size());
  result.stability_kept = 0;
  for (std::size_t i = 0; i < place.size(); ++i)
    if (place[i] >= 0 && now.set.points[static_cast<std::size_t>(place[i])].n_unstable ==
                             found_.set.points[i].n_unstable)
      ++result.stability_kept;
  const auto edges = edges_of(*system, now.set);
  result.edges_kept = static_cast<int>(std::count_if(edges_.begin(), edges_.end(), [&](auto edge) {
    const Index from = place[static_cast<std::size_t>(edge.first)],
                to = place[static_cast<std::size_t>(edge.second)];
    return from >= 0 && to >= 0 &&
           std::find(edges.begin(), edges.end(), std::pair(from, to)) != edges.end();
  }));
  result.cycles_kept = 0;
  for (const orbits::Orbit& cycle : cycles_) {
    orbits::OrbitOptions orbit_options;
    orbit_options.trajectories = static_cast<int>(kStatesOfCycle);
    orbit_options.search.seed = options_.seed;
    const Index n = std::min(kStatesOfCycle, cycle.points.rows());
    const orbits::OrbitSet ends =
        find_orbits(*system, now.set, Matrix(cycle.points.topRows(n)), orbit_options);
    if (std::any_of(ends.orbits.begin(), ends.orbits.end(), [&](const orbits::Orbit& orbit) {
          return orbit.kind == cycle.kind && orbit.period == cycle.period;
        }))
      ++result.cycles_kept;
  }
}

}  // namespace nullcline::perturbation::internal
