// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/continue.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "nullcline/continuation/internal/curves.hpp"
#include "nullcline/continuation/internal/explorer.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::continuation {

namespace {

void check_range(const ParameterRange& range) {
  for (const auto& [name, value] : {std::pair{"from", range.from}, std::pair{"to", range.to}})
    if (!std::isfinite(value))
      throw InvalidInput(fmt::format("{}: found {} for parameter '{}', expected a number", name,
                                     value, range.name));
  if (range.from == range.to)
    throw InvalidInput(
        fmt::format("interval of '{}': found length zero ({} to {}), expected two "
                    "different ends",
                    range.name, range.from, range.to));
  if (!std::isfinite(range.to - range.from))
    throw InvalidInput(fmt::format(
        "interval of '{}': found {} to {}, whose length overflows, expected one below 1.8e308",
        range.name, range.from, range.to));
}

// A value of the second parameter before anything was varied.
double present_value(const dynamics::System& system, ConstVectorRef input,
                     const std::string& name) {
  for (Index i = 0; i < input.size(); ++i)
    if (name == fmt::format("input[{}]", i)) return input(i);
  return system.parameter(name);
}

// Flips on the branches of one period: where orbits of twice the period leave. Degenerate ones are
// no single flip.
std::vector<Event> flips_of(const std::vector<Branch>& branches, int period) {
  std::vector<Event> flips;
  for (const Branch& branch : branches)
    for (const Event& event : branch.events)
      if (branch.period == period && event.type == EventType::flip &&
          std::isfinite(event.coefficient))
        flips.push_back(event);
  return flips;
}

void double_periods(const dynamics::System& system, const ParameterRange& parameter,
                    const ContinuationOptions& options, internal::Watch& watch,
                    Continuation& result) {
  int period = options.period;
  for (int k = 0; k < options.n_doublings && !watch.is_stopped(); ++k, period *= 2) {
    const std::vector<Event> flips = flips_of(result.branches, period);
    if (flips.empty()) return;
    const Family family(system, result.input, {parameter.name}, 2 * period);
    internal::Explorer(family, parameter, options, watch).run_from_flips(flips, result);
  }
}

}  // namespace

void check_options(const ContinuationOptions& options) {
  const auto require = [](bool is_good, const char* name, auto found, const char* expected) {
    if (!is_good)
      throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
  };
  const StepOptions& steps = options.steps;
  require(steps.min_step > 0, "min_step", steps.min_step, "more than 0");
  require(steps.max_step > steps.min_step && steps.max_step <= 1, "max_step", steps.max_step,
          "more than min_step and at most 1");
  require(steps.first_step > steps.min_step, "first_step", steps.first_step, "more than min_step");
  require(steps.max_points >= 2, "max_points", steps.max_points, "at least 2");
  require(steps.max_state > 0, "max_state", steps.max_state, "more than 0");
  require(options.n_doublings >= 0 && options.n_doublings <= 10, "n_doublings", options.n_doublings,
          "0 to 10");
  require(options.n_searches >= 1 && options.n_searches <= 1000, "n_searches", options.n_searches,
          "1 to 1000");
}

Continuation continue_branches(const dynamics::System& system, ConstVectorRef input,
                               const ParameterRange& parameter,
                               const std::optional<ParameterRange>& second,
                               const ContinuationOptions& options, const Progress& progress) {
  check_options(options);
  check_range(parameter);
  const auto begin = std::chrono::steady_clock::now();
  const Family family(system, input, {parameter.name}, options.period);
  std::optional<Family> both;
  if (second) {
    check_range(*second);
    both.emplace(system, input, std::vector<std::string>{parameter.name, second->name},
                 options.period);
    const double now = present_value(system, input, second->name);
    if (now < std::min(second->from, second->to) || now > std::max(second->from, second->to))
      throw InvalidInput(
          fmt::format("interval of '{}': found {} to {}, expected one that holds its "
                      "value {}",
                      second->name, second->from, second->to, now));
  }

  Continuation result;
  result.parameters = {parameter.name};
  result.intervals.resize(second ? 2 : 1, 2);
  result.intervals.row(0) << parameter.from, parameter.to;
  result.n_states = system.n_states();
  result.input = input;
  internal::Watch watch(progress);
  internal::Explorer(family, parameter, options, watch).run(result);
  double_periods(system, parameter, options, watch, result);
  if (second) {
    result.parameters.push_back(second->name);
    result.intervals.row(1) << second->from, second->to;
    if (!watch.is_stopped())
      internal::trace_curves(*both, present_value(system, input, second->name), options.steps,
                             watch, result);
    result.interrupted = watch.is_stopped();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace nullcline::continuation
