// SPDX-License-Identifier: BSD-3-Clause
#include "continue_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cycles_output.hpp"
#include "nullcline/core/provenance.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null
using continuation::Branch;
using continuation::Continuation;
using continuation::Criticality;
using continuation::Event;
using continuation::EventType;
using cycles::CycleBranch;

Json numbers(ConstVectorRef values) {
  return std::vector<double>(values.data(), values.data() + values.size());
}

// One number, or as many as parameters vary.
Json parameter_json(ConstVectorRef values) {
  return values.size() == 1 ? Json(values(0)) : numbers(values);
}

Json event_json(const Event& event) {
  Json entry;
  entry["type"] = name_of(event.type);
  entry["parameter"] = parameter_json(event.parameters);
  entry["state"] = numbers(event.state);
  entry["criticality"] =
      event.criticality == Criticality::unknown ? Json(nullptr) : Json(name_of(event.criticality));
  entry["coefficient"] = event.coefficient;
  entry["period"] = event.period;
  if (event.type == EventType::neimark_sacker) entry["rotation_number"] = 1 / event.period;
  entry["error"] = event.error;
  entry["note"] = event.note;
  entry["point"] = event.point;
  return entry;
}

Json branch_json(const Branch& branch) {
  Json entry;
  entry["kind"] = name_of(branch.kind);
  entry["period"] = branch.period;
  entry["origin"] = branch.origin;
  entry["begin_reason"] = name_of(branch.begin);
  entry["end_reason"] = name_of(branch.end);
  entry["n_points"] = branch.states.rows();
  entry["parameter"] = Json::array();
  entry["state"] = Json::array();
  for (Index i = 0; i < branch.states.rows(); ++i) {
    entry["parameter"].push_back(parameter_json(branch.parameters.row(i).transpose()));
    entry["state"].push_back(numbers(branch.states.row(i).transpose()));
  }
  entry["n_unstable"] = branch.n_unstable;
  entry["events"] = Json::array();
  for (const Event& event : branch.events) entry["events"].push_back(event_json(event));
  return entry;
}

Json list_json(const std::vector<Branch>& branches) {
  Json list = Json::array();
  for (const Branch& branch : branches) list.push_back(branch_json(branch));
  return list;
}

// The first coordinates, as far as a line has room.
// What rounding leaves of a zero is shown as 0.
double shown(double value, double error) {
  const double rounding = 1e-13 + (std::isfinite(error) ? error : 0);
  return std::abs(value) <= rounding ? 0 : value;
}

std::string state_text(const Vector& state, double error) {
  constexpr Index kShown = 4;
  std::string text;
  for (Index i = 0; i < std::min(state.size(), kShown); ++i)
    text += fmt::format("{}{:.6g}", i == 0 ? "" : ", ", shown(state(i), error));
  return "(" + text + (state.size() > kShown ? ", ...)" : ")");
}

std::string event_text(const Event& event) {
  std::vector<double> parameters(event.parameters.begin(), event.parameters.end());
  for (double& value : parameters) value = shown(value, event.error);
  std::string text = fmt::format("    {:<16} at {:.12g}, state {}", name_of(event.type),
                                 fmt::join(parameters, ", "), state_text(event.state, event.error));
  if (event.criticality != Criticality::unknown)
    text += fmt::format(", {}", name_of(event.criticality));
  if (std::isfinite(event.coefficient))
    text += fmt::format(", coefficient {:.6g}", event.coefficient);
  if (std::isfinite(event.period)) text += fmt::format(", period {:.8g}", event.period);
  if (!event.note.empty()) text += ", " + event.note;
  return text + "\n";
}

std::string branch_text(const Branch& branch, std::size_t number) {
  const auto [least, most] =
      std::minmax_element(branch.n_unstable.begin(), branch.n_unstable.end());
  const std::string unstable = branch.n_unstable.empty() ? "none"
                               : *least == *most         ? std::to_string(*least)
                                                         : fmt::format("{} to {}", *least, *most);
  std::string text = fmt::format(
      "{:>3}  {}{}: {} points from {}; ends: {}, {}; unstable directions: {}\n", number,
      name_of(branch.kind), branch.period > 1 ? fmt::format(" (period {})", branch.period) : "",
      branch.states.rows(), branch.origin, name_of(branch.begin), name_of(branch.end), unstable);
  for (const Event& event : branch.events) text += event_text(event);
  return text;
}

std::string undecided_text(std::int64_t n) {
  if (n == 0) return "";
  return fmt::format(" and {} place{} where points are too close together to be told apart", n,
                     n == 1 ? "" : "s");
}

}  // namespace

std::string continuation_json(const Continuation& result, const std::vector<CycleBranch>& cycles,
                              const ContinuationContext& context) {
  Json document;
  document["parameters"] = result.parameters;
  document["intervals"] = Json::array();
  for (Index k = 0; k < result.intervals.rows(); ++k)
    document["intervals"].push_back(numbers(result.intervals.row(k).transpose()));
  document["input"] = numbers(result.input);
  document["branches"] = list_json(result.branches);
  for (const CycleBranch& branch : cycles) document["branches"].push_back(branch_json(branch));
  document["curves"] = list_json(result.curves);
  document["searches"] = Json::array();
  for (std::size_t k = 0; k < result.search_values.size(); ++k)
    document["searches"].push_back({{"parameter", result.search_values[k]},
                                    {"n_found", result.n_found[k]},
                                    {"n_undecided", result.n_undecided[k]},
                                    {"completeness", result.completeness[k]}});
  document["warnings"] = result.warnings;
  document["seconds"] = result.seconds;
  document["configuration"] = Json::parse(context.configuration);
  document["seed"] = context.seed;
  document["output"] = context.output.empty() ? Json(nullptr) : Json(context.output);
  document["verified"] = context.not_verified.empty();
  document["nullcline"] = version();
  return document.dump(1) + "\n";
}

std::string continuation_text(const Continuation& result, const std::vector<CycleBranch>& cycles,
                              const ContinuationContext& context) {
  const std::size_t n_branches = result.branches.size() + cycles.size();
  std::string text = fmt::format("{} from {:.10g} to {:.10g}: {} branch{}\n", result.parameters[0],
                                 result.intervals(0, 0), result.intervals(0, 1), n_branches,
                                 n_branches == 1 ? "" : "es");
  for (std::size_t k = 0; k < result.search_values.size(); ++k)
    text += fmt::format("searched at {:.10g}: {} found{}, {}\n", result.search_values[k],
                        result.n_found[k], undecided_text(result.n_undecided[k]),
                        result.completeness[k]);
  for (std::size_t b = 0; b < result.branches.size(); ++b)
    text += branch_text(result.branches[b], b);
  for (std::size_t b = 0; b < cycles.size(); ++b)
    text += branch_text(cycles[b], result.branches.size() + b, result.parameters[0]);
  if (result.parameters.size() > 1) {
    text += fmt::format("curves in {} and {}: {}\n", result.parameters[0], result.parameters[1],
                        result.curves.size());
    for (std::size_t b = 0; b < result.curves.size(); ++b) text += branch_text(result.curves[b], b);
  }
  for (const std::string& warning : result.warnings) text += "warning: " + warning + "\n";
  text += context.not_verified;
  if (!context.output.empty()) text += "written to " + context.output + "\n";
  return text;
}

}  // namespace nullcline::cli
