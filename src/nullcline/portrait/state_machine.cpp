// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/state_machine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/dynamics/flow.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/portrait/attractors.hpp"
#include "nullcline/portrait/paths.hpp"
#include "nullcline/portrait/portrait.hpp"

namespace nullcline::portrait {

namespace {

using dynamics::Box;
using dynamics::System;
using dynamics::Time;

Matrix pulses_of(const System& system, const StateMachineOptions& options) {
  const Index n = system.n_inputs();
  if (n == 0)
    throw InvalidInput("model: found no inputs, expected some, through which pulses come");
  if (options.pulse.empty()) {
    Matrix pulses(2 * n, n);
    pulses << Matrix::Identity(n, n), -Matrix::Identity(n, n);
    return pulses;
  }
  Matrix pulses(static_cast<Index>(options.pulse.size()), n);
  for (Index i = 0; i < pulses.rows(); ++i) {
    const std::vector<double>& row = options.pulse[static_cast<std::size_t>(i)];
    if (static_cast<Index>(row.size()) != n)
      throw InvalidInput(fmt::format("pulse: found {} values ({}), expected {}", row.size(),
                                     fmt::join(row, ","), n));
    pulses.row(i) = Eigen::Map<const Vector>(row.data(), n).transpose();
  }
  return pulses;
}

void check_options(const System& system, const StateMachineOptions& options) {
  const bool is_map = system.time() == Time::discrete;
  if (!(options.duration > 0 && options.duration <= 1e6) ||
      (is_map && options.duration != std::round(options.duration)))
    throw InvalidInput(fmt::format("duration: found {}, expected {} up to 1e6", options.duration,
                                   is_map ? "a number of steps" : "a positive time"));
  if (!(options.max_time >= 1 && options.max_time <= 1e8))
    throw InvalidInput(fmt::format("max_time: found {}, expected 1 to 1e8", options.max_time));
  if (!(options.tolerance >= 1e-13 && options.tolerance <= 1e-3))
    throw InvalidInput(
        fmt::format("tolerance: found {}, expected 1e-13 to 1e-3", options.tolerance));
}

// A map that nothing bounds is given up where it is far from all that was found.
Box box_of(const System& map, const fixed_points::FixedPointSet& points,
           const orbits::OrbitSet& orbits) {
  try {
    return default_box(map, points.input);
  } catch (const InvalidInput&) {  // none is known
  }
  Vector size = Vector::Ones(map.n_states());
  for (const auto& point : points.points) size = size.cwiseMax(point.state.cwiseAbs());
  for (const auto& orbit : orbits.orbits)
    size = size.cwiseMax(orbit.points.cwiseAbs().colwise().maxCoeff().transpose());
  return {-4 * size, 4 * size};
}

// What find_attractors needs of a portrait, in any number of dimensions.
Portrait stage(const System& system, ConstVectorRef input, ConstMatrixRef visited,
               const StateMachineOptions& options, const Progress& progress) {
  Portrait result;
  result.time = system.time();
  result.input = input;
  fixed_points::SearchOptions search;
  search.seed = options.seed;
  result.points = fixed_points::find_fixed_points(system, input, visited, search, progress);
  if (system.time() == Time::discrete) {
    orbits::OrbitOptions orbit_search;
    orbit_search.search.seed = options.seed;
    result.orbits = orbits::find_orbits(system, result.points, visited, orbit_search, progress);
    result.box = box_of(system, result.points, *result.orbits);
    return result;
  }
  result.box = default_box(system, input);
  if (system.n_states() == 2 || system.n_states() == 3) {
    cycles::FindOptions cycle_search;
    cycle_search.seed = options.seed;
    result.cycles = cycles::find_cycles(system, input, result.box, cycle_search, progress);
  }
  return result;
}

Vector after_pulse(const System& system, ConstVectorRef pulse, Vector state,
                   const StateMachineOptions& options) {
  if (system.time() == Time::continuous)
    return dynamics::integrate(system, pulse, state, Vector::Constant(1, options.duration),
                               options.tolerance)
        .row(0)
        .transpose();
  for (int step = 0; step < options.duration; ++step)
    state = dynamics::evaluate_at(system, state, pulse);
  return state;
}

bool is_same_node(const Attractor& a, const Attractor& b) {
  return a.kind == b.kind && a.number == b.number;
}

// From the attractors of a portrait.
StateMachine machine_of(const System& system, const Portrait& base,
                        const StateMachineOptions& options) {
  StateMachine machine;
  machine.pulses = pulses_of(system, options);
  machine.time = system.time();
  machine.input = base.input;
  machine.points = base.points;
  machine.duration = options.duration;
  const std::vector<Attractor> attractors = find_attractors(system, base, 1);
  std::vector<std::int64_t> node_of(attractors.size());
  for (std::size_t i = 0; i < attractors.size(); ++i) {
    const auto known =
        std::find_if(machine.nodes.begin(), machine.nodes.end(),
                     [&](const Attractor& node) { return is_same_node(node, attractors[i]); });
    node_of[i] = known - machine.nodes.begin();
    if (known == machine.nodes.end()) machine.nodes.push_back(attractors[i]);
  }
  for (Attractor& node : machine.nodes)
    if (node.center.size() == 0) node.center = node.states.row(0).transpose();

  const auto n_pulses = static_cast<std::size_t>(machine.pulses.rows());
  const std::size_t n = machine.nodes.size() * n_pulses;
  machine.transitions.assign(n, -1);
  machine.settling.assign(n, std::numeric_limits<double>::quiet_NaN());
  PathOptions after;
  after.max_time = options.max_time;
  after.tolerance = options.tolerance;
  after.is_stored = false;
  parallel_for(n, [&](std::size_t i) {
    const Vector pulse = machine.pulses.row(static_cast<Index>(i % n_pulses)).transpose();
    const Vector state = after_pulse(system, pulse, machine.nodes[i / n_pulses].center, options);
    if (!state.allFinite()) {
      machine.transitions[i] = -2;
      return;
    }
    const Path path = follow(system, base.input, state, base.box, attractors, 1, after);
    if (path.attractor >= 0) {
      machine.transitions[i] = node_of[static_cast<std::size_t>(path.attractor)];
      machine.settling[i] = path.times(path.times.size() - 1);
    } else if (path.end != End::max_time) {
      machine.transitions[i] = -2;
    }
  });
  return machine;
}

}  // namespace

StateMachine make_state_machine(const System& system, ConstVectorRef input, ConstMatrixRef visited,
                                const StateMachineOptions& options, const Progress& progress) {
  pulses_of(system, options);  // refuses bad ones before the search
  check_options(system, options);
  return machine_of(system, stage(system, input, visited, options, progress), options);
}

StateMachine make_state_machine(const System& map, const fixed_points::FixedPointSet& points,
                                const orbits::OrbitSet& orbits,
                                const StateMachineOptions& options) {
  check_options(map, options);
  Portrait base;
  base.time = map.time();
  base.input = points.input;
  base.box = box_of(map, points, orbits);
  base.points = points;
  base.orbits = orbits;
  return machine_of(map, base, options);
}

}  // namespace nullcline::portrait
