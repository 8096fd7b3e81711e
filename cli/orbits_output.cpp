// SPDX-License-Identifier: BSD-3-Clause
// Orbits, and where trajectories end, as JSON and as text for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "console.hpp"
#include "fixed_points_output.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null
using orbits::Kind;
using orbits::Orbit;
using orbits::OrbitSet;
using orbits::PeriodAudit;

constexpr std::size_t kMaxRows = 40;

Json numbers(ConstVectorRef values) {
  return std::vector<double>(values.data(), values.data() + values.size());
}

Json rows_json(const Matrix& rows) {
  Json result = Json::array();
  for (Index i = 0; i < rows.rows(); ++i) result.push_back(numbers(rows.row(i).transpose()));
  return result;
}

Json period_json(const PeriodAudit& audit) {
  return {{"period", audit.period},
          {"n_orbits", audit.n_orbits},
          {"index_sum", audit.index_sum},
          {"n_undecided", audit.n_undecided},
          {"index_expected", audit.index_expected ? Json(*audit.index_expected) : Json(nullptr)},
          {"completeness", name_of(audit.completeness)}};
}

// The largest multiplier of a periodic orbit, or the largest Lyapunov exponent of another.
std::string leading_text(const Orbit& orbit) {
  if (orbit.multipliers.size() > 0)
    return fmt::format("max |multiplier| {:.6f}", std::abs(orbit.multipliers(0)));
  if (orbit.exponents.size() == 0) return "";
  return fmt::format("exponent {:.4g} +- {:.1g}", orbit.exponents(0), orbit.exponent_errors(0));
}

std::string row(std::size_t number, const Orbit& orbit) {
  std::string what(name_of(orbit.kind));
  if (orbit.kind == Kind::periodic) what = fmt::format("period {}", orbit.period);
  if (orbit.kind == Kind::invariant_circle)
    what = fmt::format("{}circle, turn {:.9f}",
                       orbit.period > 1 ? fmt::format("{} x ", orbit.period) : "",
                       orbit.rotation_number);
  return fmt::format("{:>4}  {:<28} {:<10} {:>8} {:>8}  {:<10}  {}\n", number, what,
                     name_of(orbit.stability), orbit.n_unstable, orbit.n_ends,
                     name_of(orbit.verdict), leading_text(orbit));
}

}  // namespace

Json orbits_json(const OrbitSet& set, std::size_t input_index) {
  Json result = Json::array();
  for (const Orbit& orbit : set.orbits) {
    Json entry;
    const bool closes = orbit.kind == Kind::periodic || orbit.kind == Kind::invariant_circle;
    entry["kind"] = name_of(orbit.kind);
    entry["period"] = closes ? Json(orbit.period) : Json(nullptr);
    entry["rotation_number"] = orbit.rotation_number;
    entry["points"] = rows_json(orbit.points);
    entry["stability"] = name_of(orbit.stability);
    entry["n_unstable"] = orbit.n_unstable;
    entry["n_ends"] = orbit.n_ends;
    entry["verdict"] = name_of(orbit.verdict);
    entry["radius"] = orbit.radius;
    entry["residual"] = orbit.residual;
    entry["index"] = orbit.kind == Kind::periodic ? Json(orbit.index) : Json(nullptr);
    entry["at_kink"] = orbit.at_kink;
    entry["multipliers_re"] = numbers(orbit.multipliers.real());
    entry["multipliers_im"] = numbers(orbit.multipliers.imag());
    entry["exponents"] = numbers(orbit.exponents);
    entry["exponent_errors"] = numbers(orbit.exponent_errors);
    entry["readouts"] = orbit.readouts.size() > 0 ? rows_json(orbit.readouts) : Json(nullptr);
    entry["evidence"] = orbit.evidence;
    entry["input"] = numbers(set.input);
    entry["input_index"] = input_index;
    result.push_back(std::move(entry));
  }
  return result;
}

Json ends_json(const OrbitSet& set) {
  Json periods = Json::array();
  for (const PeriodAudit& audit : set.periods) periods.push_back(period_json(audit));
  return {{"n_trajectories", set.n_trajectories},
          {"n_at_points", set.n_at_points},
          {"n_at_orbits", set.n_at_orbits},
          {"n_at_rest_elsewhere", set.n_at_rest_elsewhere},
          {"n_diverged", set.n_diverged},
          {"n_undecided", set.n_undecided},
          {"at_point", set.ends_at_point},
          {"note", set.note},
          {"seconds", set.seconds},
          {"periods", std::move(periods)}};
}

std::string orbits_text(const OrbitSet& set) {
  std::string text = "ends: " + set.note + "\n";
  const std::size_t n = set.orbits.size();
  if (n > 0)
    text += fmt::format("{:>4}  {:<28} {:<10} {:>8} {:>8}  {:<10}\n", "#", "orbit", "stability",
                        "unstable", "ends", "existence");
  for (std::size_t i = 0; i < std::min(n, kMaxRows); ++i) text += row(i, set.orbits[i]);
  if (n > kMaxRows) text += fmt::format("      and {} more (--json lists all)\n", n - kMaxRows);
  for (const PeriodAudit& audit : set.periods)
    text += fmt::format(
        "period {}: {} orbit{}{}, index sum {:+}{}: {}\n", audit.period, audit.n_orbits,
        audit.n_orbits == 1 ? "" : "s",
        audit.n_undecided > 0 ? fmt::format(" and {} undecided", audit.n_undecided) : "",
        audit.index_sum,
        audit.index_expected ? fmt::format(" (complete: {:+})", *audit.index_expected) : "",
        name_of(audit.completeness));
  return text;
}

}  // namespace nullcline::cli
