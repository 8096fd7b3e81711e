// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/points_file.hpp"

#include <fmt/format.h>

#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

void check_sizes(const PointsFile& points) {
  const auto system = points.subject.make_system();
  const auto refuse = [&](const char* what, Index found, Index expected) {
    throw FormatError(
        fmt::format("{}: {} has {} entries, the system {}", points.path, what, found, expected));
  };
  if (points.sets.empty()) throw FormatError(points.path + ": no input");
  for (const fixed_points::FixedPointSet& set : points.sets) {
    if (set.input.size() != system->n_inputs())
      refuse("input", set.input.size(), system->n_inputs());
    for (const fixed_points::FixedPoint& point : set.points)
      if (point.state.size() != system->n_states())
        refuse("state", point.state.size(), system->n_states());
  }
  for (const orbits::OrbitSet& set : points.orbits)
    for (const orbits::Orbit& orbit : set.orbits)
      if (orbit.points.cols() != system->n_states())
        refuse("orbit_states", orbit.points.cols(), system->n_states());
  if (points.visited.states.cols() != system->n_states())
    refuse("visited_states", points.visited.states.cols(), system->n_states());
}

}  // namespace

PointsFile points_of(const std::string& path, NamedArrays file) {
  const std::string kind = text_or_empty(file.attributes, kKindAttribute);
  if (kind != kFixedPoints)
    throw FormatError(fmt::format("{}: found {}, expected fixed points (nullcline fixed-points -o)",
                                  path, kind.empty() ? "a file of another program" : kind));
  PointsFile points;
  points.path = path;
  reading(path, [&] {
    points.subject = stored_subject(file);
    points.sets = fixed_points::fixed_point_sets_from_arrays(file);
    points.orbits = orbits_of(file, points.sets);
    points.visited = stored_visited(file);
  });
  points.file = std::move(file);
  check_sizes(points);
  return points;
}

NamedArrays points_to_arrays(const std::vector<fixed_points::FixedPointSet>& sets,
                             const std::vector<orbits::OrbitSet>& orbits, const Subject* subject,
                             const Visited& visited) {
  NamedArrays file = fixed_points::to_arrays(sets, visited.states.cols());
  orbits::add_arrays(file, orbits);
  store_visited(file, visited);
  if (subject) store_subject(file, *subject);
  return file;
}

PointsFile read_points(const std::string& path) { return points_of(path, read_result(path)); }

std::vector<orbits::OrbitSet> orbits_of(const NamedArrays& file,
                                        const std::vector<fixed_points::FixedPointSet>& sets) {
  std::vector<orbits::OrbitSet> result = orbits::orbit_sets_from_arrays(file, sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i) result[i].input = sets[i].input;
  return result;
}

std::string points_fingerprint(const std::vector<fixed_points::FixedPointSet>& sets,
                               const std::vector<orbits::OrbitSet>& orbits) {
  NamedArrays states;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    states.set_vector(fmt::format("input_{}", i), sets[i].input, "input", "");
    for (std::size_t j = 0; j < sets[i].points.size(); ++j)
      states.set_vector(fmt::format("state_{}_{}", i, j), sets[i].points[j].state, "state", "");
  }
  for (std::size_t i = 0; i < orbits.size(); ++i)
    for (std::size_t j = 0; j < orbits[i].orbits.size(); ++j)
      states.set(fmt::format("orbit_{}_{}", i, j), orbits[i].orbits[j].points, {"step", "state"},
                 "");
  return fingerprint(states);
}

void store_graphs(NamedArrays& file, const std::vector<topology::Graph>& graphs) {
  if (graphs.size() == 1) {
    file = topology::to_arrays(graphs[0]);
    return;
  }
  for (std::size_t i = 0; i < graphs.size(); ++i)
    file.set_group(fmt::format("input_{}", i), topology::to_arrays(graphs[i]));
}

std::vector<topology::Graph> graphs_of(const std::string& path, const NamedArrays& file) {
  return reading(path, [&] {
    std::vector<topology::Graph> graphs;
    for (std::size_t i = 0; file.has_group(fmt::format("input_{}", i)); ++i)
      graphs.push_back(topology::graph_from_arrays(file.group(fmt::format("input_{}", i))));
    if (graphs.empty()) graphs.push_back(topology::graph_from_arrays(file));
    return graphs;
  });
}

}  // namespace nullcline::results
