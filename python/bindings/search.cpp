// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/fixed_points/verify.hpp"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/orbits/verify.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/readouts.hpp"
#include "nullcline/results/result_file.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using dynamics::System;
using fixed_points::FixedPointSet;
using models::Network;
using results::Visited;
using namespace nb::literals;

Matrix held_inputs(const System& system, nb::handle inputs) {
  const Index n = system.n_inputs();
  if (inputs.is_none()) return Matrix::Zero(1, n);
  const Floats floats("inputs", inputs);
  const std::string expected = fmt::format("({},) or (k, {})", n, n);
  const Matrix rows = floats.rows({1, 2}, n, expected);
  if (rows.rows() == 0) floats.refuse(expected + " with k at least 1");
  return rows;
}

Visited visited_states(const System& system, nb::handle states, nb::handle trained,
                       std::uint64_t seed) {
  constexpr int kTrials = 128;  // as many as the command visits
  const Index n = system.n_states();
  Visited visited;
  visited.origin = "none";
  visited.states.resize(0, n);
  if (!states.is_none()) {
    const Floats floats("states", states);
    const std::string expected = fmt::format("(n, {}) or (trials, steps, {})", n, n);
    visited.states = floats.rows({2, 3}, n, expected);
    if (visited.states.rows() == 0) floats.refuse(expected + " with at least one state");
    if (floats.n_axes() == 3)
      results::add_trajectories(visited, visited.states, floats.extent(0), floats.extent(1));
    visited.origin = "given";
  } else if (!trained.is_none()) {
    visited = results::visited_by_task("network", named_arrays(trained), system, kTrials, seed);
  }
  return visited;
}

/// The options of the search for points and of that for orbits, as one list.
std::vector<OptionField> all_fields(orbits::OrbitOptions& options) {
  std::vector<OptionField> fields = option_fields(options.search);
  for (OptionField& field : option_fields(options)) fields.push_back(std::move(field));
  return fields;
}

std::string configuration(const Matrix& inputs, orbits::OrbitOptions& options) {
  NumberRows rows;
  for (Index i = 0; i < inputs.rows(); ++i)
    rows.emplace_back(inputs.row(i).begin(), inputs.row(i).end());
  return fmt::format(R"({{"fixed_points": {{"input": "{}"}}, "search": {}, "orbits": {}}})",
                     rows_text(rows), fields_to_json(option_fields(options.search)),
                     fields_to_json(option_fields(options)));
}

/// Updates of input `i` of `n` as parts of the whole.
Progress part_of(const Progress& progress, Index i, Index n) {
  if (n == 1) return progress;
  return [&progress, i, n](const ProgressUpdate& update) {
    const double share = update.total > 0 ? std::min(1.0, update.done / update.total) : 0;
    return progress({static_cast<double>(i) + share, static_cast<double>(n),
                     fmt::format("input {} of {}: {}", i + 1, n, update.message)});
  };
}

nb::tuple find(const System& system, const Network* network, nb::handle states, nb::handle inputs,
               const nb::dict& option_values, nb::handle trained, nb::object progress,
               nb::handle model) {
  orbits::OrbitOptions options;
  set_options(all_fields(options), option_values);
  check_options(options);
  const std::uint64_t seed = options.search.seed;
  const Matrix held = held_inputs(system, inputs);
  std::optional<results::Subject> subject;
  if (!model.is_none())
    subject =
        results::Subject::of(interchange::model_from_arrays(named_arrays(model), "the model"));
  else if (network)
    subject = results::Subject::of(*network);
  if (subject && subject->model) subject->model->require_box();
  Visited visited = visited_states(system, states, trained, seed);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    const Progress told = watch.progress();
    std::vector<FixedPointSet> sets;
    std::vector<orbits::OrbitSet> orbit_sets;
    for (Index i = 0; i < held.rows(); ++i) {
      const Progress part = part_of(told, i, held.rows());
      sets.push_back(find_fixed_points(*watched, held.row(i).transpose(), visited.states,
                                       options.search, part));
      if (network) results::attach_readouts(sets.back(), *network);
      orbit_sets.push_back(find_orbits(*watched, sets.back(), visited.states, options, part));
      if (network) results::attach_readouts(orbit_sets.back(), *network);
    }
    if (system.time() == dynamics::Time::discrete)
      results::add_free_runs(visited, *watched, held.row(0).transpose(), seed);
    file = results::points_to_arrays(sets, orbit_sets, subject ? &*subject : nullptr, visited);
    file.attributes["time"] = std::string(name_of(system.time()));
    results::stamp(file, results::kFixedPoints, "Fixed points", configuration(held, options), seed);
  });
  return to_python(std::move(file));
}

/// What the Jacobian says about each state, as if it were a fixed point.
nb::tuple linearize(const System& system, nb::handle states, nb::handle inputs) {
  const Index n = system.n_states();
  const Floats state_floats("states", states);
  const auto rows = state_floats.rows({1, 2}, n, fmt::format("({},) or (n, {})", n, n));
  const Matrix held = held_inputs(system, inputs);
  if (held.rows() != 1 && held.rows() != rows.rows())
    Floats("inputs", inputs)
        .refuse(
            fmt::format("({},) or ({}, {})", system.n_inputs(), rows.rows(), system.n_inputs()));
  NamedArrays arrays;
  Watch watch{nb::none()};
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    FixedPointSet set;
    set.input = held.row(0).transpose();
    for (Index i = 0; i < rows.rows(); ++i) {
      fixed_points::FixedPoint point;
      point.state = rows.row(i).transpose();
      fixed_points::linearize(*watched, held.row(held.rows() == 1 ? 0 : i).transpose(), point);
      set.points.push_back(std::move(point));
    }
    arrays = fixed_points::to_arrays({set});
  });
  return to_python(std::move(arrays));
}

/// (input_index, point or None, claim) of each claim that could not be shown again.
std::vector<std::tuple<std::size_t, std::optional<Index>, std::string>> verify_points(
    const System& system, nb::handle points, nb::object progress) {
  const NamedArrays arrays = named_arrays(points);
  const auto sets = fixed_points::fixed_point_sets_from_arrays(arrays);
  const auto orbit_sets = orbits::orbit_sets_from_arrays(arrays, sets.size());
  std::vector<std::tuple<std::size_t, std::optional<Index>, std::string>> found;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    for (std::size_t i = 0; i < sets.size(); ++i) {
      std::vector<fixed_points::Doubt> doubts =
          fixed_points::verify(*watched, sets[i], watch.progress());
      for (fixed_points::Doubt& doubt : orbits::verify(*watched, orbit_sets[i]))
        doubts.push_back(std::move(doubt));
      for (const fixed_points::Doubt& doubt : doubts)
        found.emplace_back(i, doubt.point < 0 ? std::nullopt : std::optional(doubt.point),
                           doubt.claim);
    }
  });
  return found;
}

}  // namespace

void bind_search(nb::module_& module) {
  module.def(
      "find_fixed_points", &find, "system"_a, "network"_a.none(), "states"_a.none(),
      "inputs"_a.none(), "options"_a, "trained"_a.none(), "progress"_a.none(), "model"_a.none(),
      "The contents of a file of fixed points; nullcline.find_fixed_points makes an object of it.");
  module.def(
      "search_options",
      [] {
        orbits::OrbitOptions options;
        return defaults(all_fields(options));
      },
      "Every option of the search with its default.");
  module.def("verify_points", &verify_points, "system"_a, "points"_a, "progress"_a.none(),
             "(input_index, point or None, claim) of each claim that could not be shown again.");
  module.def("linearize", &linearize, "system"_a, "states"_a, "inputs"_a.none(),
             "Arrays of the linearizations at the states.");
}

}  // namespace nullcline::python
