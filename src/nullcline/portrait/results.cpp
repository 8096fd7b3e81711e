// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/results.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nullcline/cycles/results.hpp"

namespace nullcline::portrait {

namespace {

using Integers = std::vector<std::int64_t>;

// Matrices of a varying number of rows in one list.
struct Lists {
  std::vector<const Matrix*> parts;
  Integers owners;

  void add(const Matrix& part, Index owner) {
    parts.push_back(&part);
    owners.insert(owners.end(), static_cast<std::size_t>(part.rows()), owner);
  }
  Matrix joined(Index columns) const {
    Matrix result(static_cast<Index>(owners.size()), columns);
    Index row = 0;
    for (const Matrix* part : parts) {
      result.middleRows(row, part->rows()) = *part;
      row += part->rows();
    }
    return result;
  }
};

template <class Items, class Get>
Integers integers(const Items& items, Get&& get) {
  Integers values;
  for (const auto& item : items) values.push_back(static_cast<std::int64_t>(get(item)));
  return values;
}

template <class Items, class Get>
std::vector<std::string> names(const Items& items, Get&& get) {
  std::vector<std::string> values;
  for (const auto& item : items) values.emplace_back(name_of(get(item)));
  return values;
}

template <class Items, class Get>
Vector numbers(const Items& items, Get&& get) {
  Vector values(static_cast<Index>(items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) values(static_cast<Index>(i)) = get(items[i]);
  return values;
}

void set_trajectories(NamedArrays& arrays, const Portrait& portrait) {
  const auto& all = portrait.trajectories;
  Lists lists;
  Vector times(0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    lists.add(all[i].states, static_cast<Index>(i));
    times.conservativeResize(times.size() + all[i].times.size());
    times.tail(all[i].times.size()) = all[i].times;
  }
  arrays.set("trajectory_states", lists.joined(portrait.n_states()), {"trajectory_point", "state"},
             "states along the trajectories");
  arrays.set_vector("trajectory_time", times, "trajectory_point", "time since the start");
  arrays.set_integers("trajectory_of_point", lists.owners, "trajectory_point",
                      "the trajectory that a point belongs to");
  arrays.set_integers("trajectory_sense", integers(all, [](const auto& t) { return t.sense; }),
                      "trajectory", "1: forwards in time, -1: backwards");
  arrays.set_integers("trajectory_chosen",
                      integers(all, [](const auto& t) { return t.is_chosen ? 1 : 0; }),
                      "trajectory", "1: from a start that was asked for");
  arrays.set_strings("trajectory_end", names(all, [](const auto& t) { return t.end; }),
                     "trajectory", "how it ends");
  arrays.set_integers("trajectory_end_number",
                      integers(all, [](const auto& t) { return t.end_number; }), "trajectory",
                      "which point, cycle or orbit; -1: none");
}

void set_manifolds(NamedArrays& arrays, const Portrait& portrait) {
  const auto& all = portrait.manifolds;
  Lists lists;
  for (std::size_t i = 0; i < all.size(); ++i) lists.add(all[i].states, static_cast<Index>(i));
  arrays.set("manifold_states", lists.joined(portrait.n_states()), {"manifold_point", "state"},
             "states along the branches, from the saddle on");
  arrays.set_integers("manifold_of_point", lists.owners, "manifold_point",
                      "the branch that a point belongs to");
  arrays.set_integers("manifold_saddle", integers(all, [](const auto& m) { return m.point; }),
                      "manifold", "the fixed point that it belongs to");
  arrays.set_integers("manifold_stable",
                      integers(all, [](const auto& m) { return m.is_stable ? 1 : 0; }), "manifold",
                      "1: stable manifold, 0: unstable");
  arrays.set_vector("manifold_length", numbers(all, [](const auto& m) { return m.length; }),
                    "manifold", "arclength");
  arrays.set_strings("manifold_end", names(all, [](const auto& m) { return m.end; }), "manifold",
                     "how it ends");
  arrays.set_integers("manifold_end_number",
                      integers(all, [](const auto& m) { return m.end_number; }), "manifold",
                      "which point, cycle or orbit; -1: none");
}

void set_nullclines(NamedArrays& arrays, const Portrait& portrait) {
  Lists lists;
  Integers components, closed, arms, branch_components, proven;
  std::vector<double> places, residuals;
  for (std::size_t i = 0; i < portrait.nullclines.size(); ++i) {
    const Nullcline& nullcline = portrait.nullclines[i];
    proven.push_back(nullcline.verdict == fixed_points::Verdict::proven ? 1 : 0);
    residuals.push_back(nullcline.max_residual);
    for (const NullclineCurve& curve : nullcline.curves) {
      lists.add(curve.points, static_cast<Index>(components.size()));
      components.push_back(static_cast<std::int64_t>(i));
      closed.push_back(curve.is_closed ? 1 : 0);
    }
    for (const BranchPoint& point : nullcline.branch_points) {
      places.insert(places.end(), point.place.begin(), point.place.end());
      arms.push_back(point.n_arms);
      branch_components.push_back(static_cast<std::int64_t>(i));
    }
  }
  arrays.set("nullcline_points", lists.joined(2), {"curve_point", "state"},
             "points on the nullclines, in order");
  arrays.set_integers("nullcline_curve_of_point", lists.owners, "curve_point",
                      "the curve that a point belongs to");
  arrays.set_integers("nullcline_component", components, "curve",
                      "the state whose rate vanishes on it");
  arrays.set_integers("nullcline_closed", closed, "curve", "1: closed");
  arrays.set_integers("nullcline_proven", proven, "component", "1: its topology is proven");
  arrays.set_vector(
      "nullcline_residual",
      Eigen::Map<const Vector>(residuals.data(), static_cast<Index>(residuals.size())), "component",
      "largest distance of a point from the zero set");
  arrays.set("branch_point_places",
             Eigen::Map<const Matrix>(places.data(), static_cast<Index>(arms.size()), 2),
             {"branch_point", "state"}, "where branches of a nullcline cross");
  arrays.set_integers("branch_point_arms", arms, "branch_point", "curves that end there");
  arrays.set_integers("branch_point_component", branch_components, "branch_point",
                      "the state whose nullcline it is");
}

void set_field(NamedArrays& arrays, const Field& field) {
  arrays.set_vector("x", field.x, "x", "first state");
  arrays.set_vector("y", field.y, "y", "second state");
  arrays.set("rate_x", field.rate_x, {"y", "x"}, "rate of the first state");
  arrays.set("rate_y", field.rate_y, {"y", "x"}, "rate of the second state");
  arrays.set("log_speed", field.log_speed, {"y", "x"}, "log10 of the rate's length");
  const std::size_t n = static_cast<std::size_t>(field.x.size());
  const auto set_cells = [&](const char* name, NamedArray::Data data, const char* text) {
    NamedArray array{{"y", "x"}, {n, n}, std::move(data), {}};
    array.attributes["long_name"] = std::string(text);
    array.attributes["units"] = std::string("1");
    arrays.set(name, std::move(array));
  };
  set_cells("stopped", field.stopped,
            "states whose motion a gate has stopped below rounding: 1 first, 2 second, 3 both");
  if (!field.basins.empty())
    set_cells("basins", field.basins,
              "the attractor that the state goes to, -1 undecided, -2 leaves");
}

void set_attractors(NamedArrays& arrays, const std::vector<Attractor>& all) {
  arrays.set_strings("attractor_kind", names(all, [](const auto& a) { return a.kind; }),
                     "attractor", "what it is");
  arrays.set_integers("attractor_number", integers(all, [](const auto& a) { return a.number; }),
                      "attractor", "which point, cycle or orbit");
  arrays.set_integers(
      "attractor_proven",
      integers(all,
               [](const auto& a) { return a.verdict == fixed_points::Verdict::proven ? 1 : 0; }),
      "attractor", "1: the region that captures is proven to be in its basin");
}

void set_ensemble(NamedArrays& arrays, const Ensemble& ensemble, Index n) {
  const auto members = ensemble.ends.size();
  NamedArray states{
      {"member", "noise_time", "state"},
      {members, static_cast<std::size_t>(ensemble.times.size()), static_cast<std::size_t>(n)},
      std::vector<double>(ensemble.states.data(), ensemble.states.data() + ensemble.states.size()),
      {}};
  states.attributes["long_name"] = std::string("states under noise");
  states.attributes["units"] = std::string("1");
  arrays.set("ensemble_states", std::move(states));
  arrays.set_vector("ensemble_time", ensemble.times, "noise_time", "time since the start");
  arrays.set_integers("ensemble_end", ensemble.ends, "member",
                      "the attractor it goes to once the noise stops, -1 undecided, -2 leaves");
  arrays.set_scalar("noise", ensemble.sigma, "standard deviation of the white noise on each input");
}

void set_orbits(NamedArrays& arrays, const orbits::OrbitSet& set, Index n) {
  Lists lists;
  for (std::size_t i = 0; i < set.orbits.size(); ++i)
    lists.add(set.orbits[i].points, static_cast<Index>(i));
  arrays.set("orbit_points", lists.joined(n), {"orbit_point", "state"}, "states of the orbits");
  arrays.set_integers("orbit_of_point", lists.owners, "orbit_point",
                      "the orbit that a point belongs to");
  arrays.set_strings("orbit_kind", names(set.orbits, [](const auto& o) { return o.kind; }), "orbit",
                     "what it is");
  arrays.set_integers("orbit_period", integers(set.orbits, [](const auto& o) { return o.period; }),
                      "orbit", "steps until it closes");
  arrays.set_integers("orbit_unstable",
                      integers(set.orbits, [](const auto& o) { return o.n_unstable; }), "orbit",
                      "multipliers beyond the unit circle");
}

}  // namespace

NamedArrays to_arrays(const Portrait& portrait) {
  NamedArrays arrays;
  const Index n = portrait.n_states();
  arrays.set_strings("state_name", portrait.state_names, "state", "names of the states");
  Matrix box(2, n);
  box << portrait.box.lower.transpose(), portrait.box.upper.transpose();
  arrays.set("box", box, {"corner", "state"}, "lower and upper corner of what is shown");
  arrays.set_vector("input", portrait.input, "input", "held input");
  set_attractors(arrays, portrait.attractors);
  set_trajectories(arrays, portrait);
  set_manifolds(arrays, portrait);
  if (!portrait.nullclines.empty()) set_nullclines(arrays, portrait);
  if (portrait.field) set_field(arrays, *portrait.field);
  if (portrait.line) {
    arrays.set_vector("line_state", portrait.line->h, "line_point", "the state");
    arrays.set_vector("line_rate", portrait.line->rate, "line_point", "its rate");
  }
  if (portrait.ensemble) set_ensemble(arrays, *portrait.ensemble, n);
  if (portrait.orbits) set_orbits(arrays, *portrait.orbits, n);
  if (portrait.cycles) arrays.set_group("cycles", cycles::to_arrays(*portrait.cycles));
  arrays.set_group("points", fixed_points::to_arrays({portrait.points}, n));
  arrays.attributes["time"] = std::string(name_of(portrait.time));
  arrays.attributes["notes"] = fmt::format("{}", fmt::join(portrait.notes, " "));
  return arrays;
}

NamedArrays to_arrays(const StateMachine& machine) {
  NamedArrays arrays;
  const std::size_t n = machine.nodes.size(),
                    n_pulses = static_cast<std::size_t>(machine.pulses.rows());
  const Index n_states = n > 0 ? machine.nodes[0].center.size() : 0;
  Matrix states(static_cast<Index>(n), n_states);
  for (std::size_t i = 0; i < n; ++i)
    states.row(static_cast<Index>(i)) = machine.nodes[i].center.transpose();
  arrays.set("node_states", states, {"attractor", "state"}, "where a pulse begins");
  set_attractors(arrays, machine.nodes);
  arrays.set("pulses", machine.pulses, {"pulse", "input"}, "input while a pulse lasts");
  arrays.set_vector("input", machine.input, "input", "input between pulses");
  arrays.set_scalar("duration", machine.duration, "time or steps that a pulse lasts");
  NamedArray transitions{{"attractor", "pulse"}, {n, n_pulses}, machine.transitions, {}};
  transitions.attributes["long_name"] =
      std::string("the stable state after the pulse, -1 undecided, -2 away");
  transitions.attributes["units"] = std::string("1");
  arrays.set("transitions", std::move(transitions));
  arrays.set("settling",
             Eigen::Map<const Matrix>(machine.settling.data(), static_cast<Index>(n),
                                      static_cast<Index>(n_pulses)),
             {"attractor", "pulse"}, "time after the pulse until the state was captured");
  arrays.set_group("points", fixed_points::to_arrays({machine.points}, n_states));
  arrays.attributes["time"] = std::string(name_of(machine.time));
  return arrays;
}

}  // namespace nullcline::portrait
