// SPDX-License-Identifier: BSD-3-Clause
#include "cycles_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nullcline/core/provenance.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null
using cycles::BranchEnd;
using cycles::Cycle;
using cycles::CycleBranch;
using cycles::CycleEvent;
using cycles::CycleSet;
using cycles::Limit;

Json numbers(ConstVectorRef values) {
  return std::vector<double>(values.data(), values.data() + values.size());
}

Json cycle_json(const Cycle& cycle) {
  Json entry;
  entry["period"] = cycle.period;
  entry["stable"] = cycle.is_stable;
  entry["n_unstable"] = cycle.n_unstable;
  entry["min"] = numbers(cycle.minimum);
  entry["max"] = numbers(cycle.maximum);
  entry["multipliers_re"] = numbers(cycle.multipliers.real());
  entry["multipliers_im"] = numbers(cycle.multipliers.imag());
  entry["trivial_multiplier"] = cycle.trivial_multiplier;
  entry["point"] = numbers(cycle.states.row(0).transpose());
  entry["residual"] = cycle.residual;
  entry["period_error"] = cycle.period_error;
  return entry;
}

bool is_event(BranchEnd end) {
  return end == BranchEnd::hopf || end == BranchEnd::snic || end == BranchEnd::homoclinic ||
         end == BranchEnd::long_period || end == BranchEnd::vertical;
}

Json limit_json(BranchEnd end, const Limit& limit) {
  Json entry;
  entry["type"] = name_of(end);
  entry["parameter"] = limit.parameter;
  entry["state"] = numbers(limit.equilibrium);
  entry["eigenvalues_re"] = numbers(limit.eigenvalues.real());
  entry["eigenvalues_im"] = numbers(limit.eigenvalues.imag());
  entry["law"] = limit.law;
  entry["evidence"] = limit.evidence;
  return entry;
}

std::string range_text(const Cycle& cycle) {
  constexpr Index kShown = 4;
  std::string text;
  for (Index i = 0; i < std::min(cycle.minimum.size(), kShown); ++i)
    text +=
        fmt::format("{}[{:.6g}, {:.6g}]", i == 0 ? "" : " x ", cycle.minimum(i), cycle.maximum(i));
  return text + (cycle.minimum.size() > kShown ? " x ..." : "");
}

std::string cycle_text(const Cycle& cycle, std::size_t number) {
  const double largest = cycle.multipliers.size() > 0 ? std::abs(cycle.multipliers(0)) : 0;
  // Digits that the error leaves.
  const double digits = std::floor(-std::log10(std::max(cycle.period_error, 1e-12)));
  return fmt::format("{:>3}  period {:.{}g}, {}, largest multiplier {:.4g}, in {}\n", number,
                     cycle.period, std::clamp(static_cast<int>(digits), 2, 12),
                     cycle.is_stable ? "stable" : "unstable", largest, range_text(cycle));
}

}  // namespace

nlohmann::ordered_json branch_json(const CycleBranch& branch) {
  Json entry;
  entry["kind"] = "cycle";
  entry["origin"] = branch.origin;
  entry["begin_reason"] = name_of(branch.begin);
  entry["end_reason"] = name_of(branch.end);
  entry["n_points"] = branch.cycles.size();
  entry["parameter"] = branch.parameters;
  for (const char* name : {"period", "stable", "min", "max"}) entry[name] = Json::array();
  for (const Cycle& cycle : branch.cycles) {
    entry["period"].push_back(cycle.period);
    entry["stable"].push_back(cycle.is_stable);
    entry["min"].push_back(numbers(cycle.minimum));
    entry["max"].push_back(numbers(cycle.maximum));
  }
  entry["events"] = Json::array();
  if (is_event(branch.begin))
    entry["events"].push_back(limit_json(branch.begin, branch.begin_limit));
  for (const CycleEvent& event : branch.events) {
    Json one = cycle_json(event.cycle);
    one["type"] = name_of(event.type);
    one["parameter"] = event.parameter;
    one["at_point"] = event.point;
    entry["events"].push_back(one);
  }
  if (is_event(branch.end)) entry["events"].push_back(limit_json(branch.end, branch.end_limit));
  return entry;
}

std::string branch_text(const CycleBranch& branch, std::size_t number,
                        const std::string& parameter) {
  const auto [low, high] = std::minmax_element(branch.parameters.begin(), branch.parameters.end());
  std::string text =
      fmt::format("{:>3}  cycle: {} points from {}, {} {:.8g} to {:.8g}; ends: {}, {}\n", number,
                  branch.cycles.size(), branch.origin, parameter, *low, *high,
                  name_of(branch.begin), name_of(branch.end));
  const auto add = [&](BranchEnd end, const Limit& limit) {
    if (is_event(end))
      text +=
          fmt::format("    {:<16} at {:.12g}: {}\n", name_of(end), limit.parameter, limit.evidence);
  };
  add(branch.begin, branch.begin_limit);
  for (const CycleEvent& event : branch.events)
    text += fmt::format("    {:<16} at {:.12g}, period {:.10g}\n", name_of(event.type),
                        event.parameter, event.cycle.period);
  add(branch.end, branch.end_limit);
  return text;
}

std::string cycles_json(const CycleSet& set, const std::vector<CycleBranch>& branches,
                        const CyclesContext& context) {
  Json document;
  document["cycles"] = Json::array();
  for (const Cycle& cycle : set.cycles) document["cycles"].push_back(cycle_json(cycle));
  document["ends"] = {{"at_rest", set.n_at_rest},
                      {"on_cycles", set.n_on_cycles},
                      {"met_cycles", set.n_met_cycles},
                      {"escaped", set.n_escaped},
                      {"undecided", set.n_undecided}};
  if (!context.parameter.empty()) {
    document["parameter"] = context.parameter;
    document["branches"] = Json::array();
    for (const CycleBranch& branch : branches) document["branches"].push_back(branch_json(branch));
  }
  document["verified"] = context.not_verified.empty();
  document["seed"] = context.seed;
  document["nullcline"] = version();
  document["configuration"] = Json::parse(context.configuration);
  document["output"] = context.output.empty() ? Json(nullptr) : Json(context.output);
  return document.dump() + "\n";
}

std::string cycles_text(const CycleSet& set, const std::vector<CycleBranch>& branches,
                        const CyclesContext& context) {
  std::string text = context.not_verified;
  text += fmt::format(
      "{} limit cycle{} found; of the trajectories, forwards and backwards in time, {} ended on "
      "cycles, {} met cycles that do not attract them, {} at rest, {} escaped, {} undecided\n",
      set.cycles.size(), set.cycles.size() == 1 ? "" : "s", set.n_on_cycles, set.n_met_cycles,
      set.n_at_rest, set.n_escaped, set.n_undecided);
  if (set.n_undecided > 0)
    text += fmt::format(
        "{} of {} trajectories undecided: raise --max-time; where a flow is stiff, they end after "
        "300000 steps, and cycles can be missed\n",
        set.n_undecided,
        set.n_on_cycles + set.n_met_cycles + set.n_at_rest + set.n_escaped + set.n_undecided);
  for (std::size_t i = 0; i < set.cycles.size(); ++i) text += cycle_text(set.cycles[i], i);
  for (std::size_t i = 0; i < branches.size(); ++i)
    text += branch_text(branches[i], i, context.parameter);
  if (!context.output.empty()) text += "wrote " + context.output + "\n";
  return text;
}

}  // namespace nullcline::cli
