// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/sweeps/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

#include "nullcline/continuation/family.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/trajectories/verdict.hpp"

namespace nullcline::sweeps {

namespace {

using dynamics::System;

constexpr int kMostPlaces = 10000000, kMostSteps = 100000;

bool is_of_cycles(Quantity quantity) {
  return quantity != Quantity::n_fixed_points && quantity != Quantity::n_stable_points &&
         quantity != Quantity::largest_exponent;
}

struct Place {
  double value = std::numeric_limits<double>::quiet_NaN();
  double doubt = 0;
};

// Whether the equations have values at all, which 1 / p has not at p = 0.
bool is_defined(const System& system, const Vector& input) {
  constexpr int kSamples = 32;
  const std::optional<dynamics::Box> box =
      system.search_box() ? system.search_box() : system.trapping_box();
  Rng rng(0, Purpose::analysis_data);
  Vector state(system.n_states());
  for (int k = 0; k < kSamples; ++k) {
    for (Index i = 0; i < state.size(); ++i)
      state(i) = box ? rng.uniform(box->lower(i), box->upper(i)) : rng.uniform(-1, 1);
    if (evaluate_at(system, state, input).allFinite()) return true;
  }
  return false;
}

Place of_points(const System& system, const Vector& input, Quantity quantity,
                const SweepOptions& options) {
  fixed_points::SearchOptions search;
  search.seed = options.seed;
  search.proof_suffices = true;
  const auto set =
      fixed_points::find_fixed_points(system, input, Matrix(0, system.n_states()), search);
  Index n = 0;
  for (const fixed_points::FixedPoint& point : set.points)
    if (point.kind == fixed_points::Kind::fixed &&
        (quantity == Quantity::n_fixed_points ||
         point.stability == fixed_points::Stability::stable))
      ++n;
  const bool is_whole = set.audit.completeness == fixed_points::Completeness::proven;
  return {static_cast<double>(n), is_whole ? 0.0 : 1.0};
}

Place of_cycles(const System& system, const Vector& input, Quantity quantity,
                const SweepOptions& options) {
  const auto box = system.trapping_box() ? system.trapping_box() : system.search_box();
  if (!box) throw InvalidInput("cycles: no box is known in which they are, expected one");
  cycles::FindOptions find;
  find.n_starts = options.n_starts;
  find.max_time = options.max_time;
  find.seed = options.seed;
  const cycles::CycleSet set = find_cycles(system, input, *box, find);
  Place place;
  place.doubt = static_cast<double>(set.n_undecided + set.n_met_cycles);
  if (quantity == Quantity::n_cycles) {
    place.value = static_cast<double>(set.cycles.size());
    return place;
  }
  if (quantity == Quantity::n_stable_cycles) {
    place.value = static_cast<double>(std::count_if(
        set.cycles.begin(), set.cycles.end(), [](const auto& cycle) { return cycle.is_stable; }));
    return place;
  }
  const auto cycle = std::find_if(set.cycles.begin(), set.cycles.end(),
                                  [](const auto& each) { return each.is_stable; });
  if (cycle == set.cycles.end()) return place;
  place.value = quantity == Quantity::cycle_period ? cycle->period
                : quantity == Quantity::cycle_frequency
                    ? 1 / cycle->period
                    : (cycle->maximum - cycle->minimum).maxCoeff();
  return place;
}

// The largest Lyapunov exponent of some trajectories from random states.
Place of_exponents(const System& system, ConstVectorRef input, const SweepOptions& options) {
  trajectories::TrajectoryOptions how;
  how.n_exponents = 1;
  how.duration = options.max_time;
  const std::optional<dynamics::Box> box =
      system.search_box() ? system.search_box() : system.trapping_box();
  Place place;
  place.doubt = 0;
  for (int k = 0; k < options.n_starts; ++k) {
    Rng rng(options.seed, Purpose::analysis_data, static_cast<std::uint64_t>(k));
    Vector start(system.n_states());
    for (Index i = 0; i < start.size(); ++i)
      start(i) = box ? box->lower(i) + rng.uniform() * (box->upper(i) - box->lower(i))
                     : 2 * rng.uniform() - 1;
    const auto end = trajectories::classify_trajectory(system, input, start, how);
    if (end.verdict == trajectories::Verdict::undecided) ++place.doubt;
    if (end.verdict == trajectories::Verdict::diverged || end.spectrum.exponents.size() == 0)
      continue;
    const double exponent =
        end.exact_exponents.size() > 0 ? end.exact_exponents(0) : end.spectrum.exponents(0);
    if (!(place.value >= exponent)) place.value = exponent;
  }
  return place;
}

void check(const System& system, const std::vector<Axis>& axes, Quantity quantity,
           const SweepOptions& options) {
  if (axes.empty() || axes.size() > 2)
    throw InvalidInput(fmt::format("parameters: found {}, expected one or two", axes.size()));
  for (const Axis& axis : axes) {
    if (!std::isfinite(axis.from) || !std::isfinite(axis.to) || axis.from == axis.to)
      throw InvalidInput(
          fmt::format("interval of '{}': found {} to {}, expected two different numbers",
                      axis.parameter, axis.from, axis.to));
    if (!std::isfinite(axis.to - axis.from))
      throw InvalidInput(fmt::format(
          "interval of '{}': found {} to {}, whose length overflows, expected one below 1.8e308",
          axis.parameter, axis.from, axis.to));
    if (axis.steps < 2 || axis.steps > kMostSteps)
      throw InvalidInput(fmt::format("steps of '{}': found {}, expected 2 to {}", axis.parameter,
                                     axis.steps, kMostSteps));
  }
  if (axes.size() == 2 && std::int64_t{axes[0].steps} * axes[1].steps > kMostPlaces)
    throw InvalidInput(fmt::format("steps: found a grid of {} x {}, expected at most {} places",
                                   axes[0].steps, axes[1].steps, kMostPlaces));
  if (options.n_starts < 1 || options.n_starts > 1000000)
    throw InvalidInput(fmt::format("n_starts: found {}, expected 1 to 1000000", options.n_starts));
  if (!(options.max_time > 0 && std::isfinite(options.max_time)))
    throw InvalidInput(
        fmt::format("max_time: found {}, expected a positive number", options.max_time));
  if (is_of_cycles(quantity) && system.time() == dynamics::Time::discrete)
    throw InvalidInput(fmt::format("{}: found a map, expected a flow", name_of(quantity)));
}

}  // namespace

Sweep sweep(const System& system, ConstVectorRef input, const std::vector<Axis>& axes,
            Quantity quantity, const SweepOptions& options, const Progress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  check(system, axes, quantity, options);
  Sweep result;
  result.quantity = quantity;
  for (const Axis& axis : axes) {
    result.parameters.push_back(axis.parameter);
    result.values.push_back(Vector::LinSpaced(axis.steps, axis.from, axis.to));
  }
  const continuation::Family family(system, input, result.parameters);
  const Index n_first = result.values[0].size();
  const Index n_second = axes.size() > 1 ? result.values[1].size() : 1;
  result.result = Matrix::Constant(n_first, n_second, std::numeric_limits<double>::quiet_NaN());
  result.doubt = Matrix::Constant(n_first, n_second, std::numeric_limits<double>::quiet_NaN());
  std::mutex mutex;
  Index n_done = 0;
  const Index total = n_first * n_second;
  parallel_for(static_cast<std::size_t>(total), [&](std::size_t place) {
    {
      const std::lock_guard lock(mutex);
      if (result.interrupted) return;
    }
    const Index i = static_cast<Index>(place) / n_second, j = static_cast<Index>(place) % n_second;
    Vector p(static_cast<Index>(axes.size()));
    p(0) = result.values[0](i);
    if (p.size() > 1) p(1) = result.values[1](j);
    const continuation::Family own = family;  // NOLINT: its cache belongs to this place
    const Vector held = own.input_at(p);
    const Place found =
        !is_defined(own.base_system(p), held)    ? Place{}
        : quantity == Quantity::largest_exponent ? of_exponents(own.base_system(p), held, options)
        : is_of_cycles(quantity) ? of_cycles(own.base_system(p), held, quantity, options)
                                 : of_points(own.base_system(p), held, quantity, options);
    result.result(i, j) = found.value;
    result.doubt(i, j) = found.doubt;
    const std::lock_guard lock(mutex);
    ++n_done;
    if (!report_progress(progress, {static_cast<double>(n_done), static_cast<double>(total),
                                    std::string(name_of(quantity))}))
      result.interrupted = true;
  });
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

NamedArrays to_arrays(const Sweep& sweep) {
  NamedArrays arrays;
  std::vector<std::string> dimensions;
  for (std::size_t k = 0; k < sweep.parameters.size(); ++k) {
    // The name of a dimension: "input[0]" is none that all readers take.
    const std::string name = k == 0 ? "first" : "second";
    arrays.set_vector(name, sweep.values[k], name, "values of " + sweep.parameters[k]);
    dimensions.push_back(name);
  }
  if (dimensions.size() < 2) dimensions.emplace_back("second");
  arrays.set(std::string(name_of(sweep.quantity)), sweep.result, dimensions, "the quantity");
  arrays.set("doubt", sweep.doubt, dimensions,
             "fixed points: 1 where the set is not proven to be whole; cycles: trajectories whose "
             "end was not recognized");
  arrays.set_strings("parameter_name", sweep.parameters, "parameter", "what varies");
  arrays.attributes["quantity"] = std::string(name_of(sweep.quantity));
  arrays.set_scalar("seconds", sweep.seconds, "wall time");
  return arrays;
}

}  // namespace nullcline::sweeps
