// SPDX-License-Identifier: BSD-3-Clause
#include "portrait_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nullcline/core/provenance.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null
using portrait::Attractor;
using portrait::Portrait;

Json numbers(ConstVectorRef values) {
  return std::vector<double>(values.data(), values.data() + values.size());
}

template <class Item>
Json end_json(const Item& item) {
  Json entry{{"end", name_of(item.end)}};
  if (item.end_number >= 0) entry["number"] = item.end_number;
  return entry;
}

Json points_json(const Portrait& portrait) {
  Json list = Json::array();
  for (const fixed_points::FixedPoint& point : portrait.points.points)
    list.push_back({{"state", numbers(point.state)},
                    {"kind", name_of(point.kind)},
                    {"stability", name_of(point.stability)},
                    {"n_unstable", point.n_unstable},
                    {"verdict", name_of(point.verdict)},
                    {"eigenvalues_re", numbers(point.eigenvalues.real())},
                    {"eigenvalues_im", numbers(point.eigenvalues.imag())}});
  return list;
}

Json nullclines_json(const Portrait& portrait) {
  Json list = Json::array();
  for (std::size_t i = 0; i < portrait.nullclines.size(); ++i) {
    const portrait::Nullcline& nullcline = portrait.nullclines[i];
    Json places = Json::array();
    for (const portrait::BranchPoint& point : nullcline.branch_points)
      places.push_back({{"state", numbers(point.place)}, {"n_arms", point.n_arms}});
    list.push_back({{"state", portrait.state_names[i]},
                    {"n_curves", nullcline.curves.size()},
                    {"n_closed", std::count_if(nullcline.curves.begin(), nullcline.curves.end(),
                                               [](const auto& curve) { return curve.is_closed; })},
                    {"branch_points", std::move(places)},
                    {"max_residual", nullcline.max_residual},
                    {"verdict", name_of(nullcline.verdict)}});
  }
  return list;
}

double share(const std::vector<std::int64_t>& values, std::int64_t which) {
  return values.empty() ? 0
                        : static_cast<double>(std::count(values.begin(), values.end(), which)) /
                              static_cast<double>(values.size());
}

Json attractors_json(const Portrait& portrait) {
  Json list = Json::array();
  for (std::size_t i = 0; i < portrait.attractors.size(); ++i) {
    const Attractor& attractor = portrait.attractors[i];
    Json entry{{"kind", name_of(attractor.kind)},
               {"number", attractor.number},
               {"verdict", name_of(attractor.verdict)}};
    if (portrait.field && !portrait.field->basins.empty())
      entry["basin"] = share(portrait.field->basins, static_cast<std::int64_t>(i));
    if (portrait.ensemble)
      entry["ensemble"] = share(portrait.ensemble->ends, static_cast<std::int64_t>(i));
    list.push_back(std::move(entry));
  }
  return list;
}

Json cycles_json(const Portrait& portrait) {
  Json list = Json::array();
  if (portrait.cycles)
    for (const cycles::Cycle& cycle : portrait.cycles->cycles)
      list.push_back({{"period", cycle.period},
                      {"stable", cycle.is_stable},
                      {"min", numbers(cycle.minimum)},
                      {"max", numbers(cycle.maximum)}});
  return list;
}

Json portrait_body(const Portrait& portrait) {
  Json document{
      {"time", name_of(portrait.time)},
      {"states", portrait.state_names},
      {"input", numbers(portrait.input)},
      {"box", {{"lower", numbers(portrait.box.lower)}, {"upper", numbers(portrait.box.upper)}}},
      {"points", points_json(portrait)},
      {"index_sum", portrait.points.audit.index_sum},
      {"completeness", name_of(portrait.points.audit.completeness)},
      {"cycles", cycles_json(portrait)}};
  if (portrait.orbits) {
    document["orbits"] = Json::array();
    for (const orbits::Orbit& orbit : portrait.orbits->orbits)
      document["orbits"].push_back({{"kind", name_of(orbit.kind)},
                                    {"period", orbit.period},
                                    {"stability", name_of(orbit.stability)}});
  }
  document["attractors"] = attractors_json(portrait);
  document["nullclines"] = nullclines_json(portrait);
  document["trajectories"] = Json::array();
  for (const portrait::Trajectory& trajectory : portrait.trajectories) {
    Json entry = end_json(trajectory);
    entry["start"] = numbers(trajectory.states.row(0).transpose());
    entry["sense"] = trajectory.sense;
    entry["chosen"] = trajectory.is_chosen;
    entry["time"] = trajectory.times(trajectory.times.size() - 1);
    document["trajectories"].push_back(std::move(entry));
  }
  document["manifolds"] = Json::array();
  for (const portrait::Manifold& manifold : portrait.manifolds) {
    Json entry = end_json(manifold);
    entry["point"] = manifold.point;
    entry["stable"] = manifold.is_stable;
    entry["length"] = manifold.length;
    document["manifolds"].push_back(std::move(entry));
  }
  if (portrait.field) {
    const auto& stopped = portrait.field->stopped;
    document["stopped"] = 1 - share({stopped.begin(), stopped.end()}, 0);
    if (!portrait.field->basins.empty()) {
      document["basin_undecided"] = share(portrait.field->basins, -1);
      document["basin_leaves"] = share(portrait.field->basins, -2);
    }
  }
  document["notes"] = portrait.notes;
  return document;
}

std::string count_text(std::size_t n, const std::string& noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string body_text(const Portrait& portrait) {
  std::string text;
  for (std::size_t i = 0; i < portrait.points.points.size(); ++i) {
    const fixed_points::FixedPoint& point = portrait.points.points[i];
    std::string place;
    for (Index j = 0; j < point.state.size(); ++j)
      place += fmt::format("{}{:.10g}", j == 0 ? "" : ", ", point.state(j));
    text += fmt::format(
        "{:>3}  {:<10} at ({})\n", i,
        point.kind == fixed_points::Kind::fixed ? name_of(point.stability) : name_of(point.kind),
        place);
  }
  if (portrait.cycles)
    for (const cycles::Cycle& cycle : portrait.cycles->cycles)
      text += fmt::format("     {} cycle of period {:.12g}\n",
                          cycle.is_stable ? "stable" : "unstable", cycle.period);
  if (portrait.orbits)
    for (const orbits::Orbit& orbit : portrait.orbits->orbits)
      text += orbit.kind == orbits::Kind::periodic
                  ? fmt::format("     orbit of period {}\n", orbit.period)
                  : fmt::format("     {}\n", name_of(orbit.kind));
  for (std::size_t i = 0; i < portrait.nullclines.size(); ++i)
    text += fmt::format("     {}-nullcline: {}, {}, {}\n", portrait.state_names[i],
                        count_text(portrait.nullclines[i].curves.size(), "curve"),
                        count_text(portrait.nullclines[i].branch_points.size(), "branch point"),
                        portrait.nullclines[i].verdict == fixed_points::Verdict::proven
                            ? "topology proven"
                            : "topology not proven");
  for (std::size_t i = 0; i < portrait.attractors.size(); ++i) {
    if (!portrait.field) break;
    const double basin = share(portrait.field->basins, static_cast<std::int64_t>(i));
    if (basin > 0)
      text += fmt::format("     basin of {} {}: {:.1f} % of the box\n",
                          name_of(portrait.attractors[i].kind), portrait.attractors[i].number,
                          100 * basin);
  }
  for (const std::string& note : portrait.notes) text += "     " + note + "\n";
  return text;
}

}  // namespace

std::string portrait_json(const Portrait& portrait, const Portrait* discrete,
                          const PortraitContext& context) {
  Json document = portrait_body(portrait);
  if (discrete) document["discrete"] = portrait_body(*discrete);
  document["sentence"] = context.verdict;
  document["verified"] = context.not_verified.empty();
  document["seed"] = context.seed;
  document["nullcline"] = version();
  document["configuration"] = Json::parse(context.configuration);
  document["output"] = context.output.empty() ? Json(nullptr) : Json(context.output);
  return document.dump() + "\n";
}

std::string portrait_text(const Portrait& portrait, const Portrait* discrete,
                          const PortraitContext& context) {
  std::string text = context.not_verified + context.verdict + "\n" + body_text(portrait);
  if (discrete) text += "As a map:\n" + body_text(*discrete);
  if (!context.output.empty()) text += "wrote " + context.output + "\n";
  return text;
}

}  // namespace nullcline::cli
