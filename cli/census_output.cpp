// SPDX-License-Identifier: BSD-3-Clause
#include "census_output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "nullcline/census/sketch.hpp"
#include "nullcline/core/provenance.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;
using census::Census;
using census::Topology;

constexpr std::size_t kShown = 40;

Json parameters_json(const Census& census, const Vector& values) {
  Json parameters = Json::object();
  for (std::size_t i = 0; i < census.ranges.size(); ++i)
    parameters[census.ranges[i].name] = values(static_cast<Index>(i));
  return parameters;
}

Json topology_json(const Census& census, const Topology& topology) {
  Json entry;
  entry["name"] = topology.name;
  entry["count"] = topology.n_networks;
  entry["n_points"] = topology.counts.n_points();
  entry["points_by_unstable_directions"] = topology.counts.points;
  entry["n_stable_cycles"] = topology.counts.n_stable_cycles;
  entry["n_unstable_cycles"] = topology.counts.n_unstable_cycles;
  entry["n_tori"] = topology.counts.n_tori;
  entry["n_chaotic"] = topology.counts.n_chaotic;
  entry["exponent"] = Json();
  if (!std::isnan(topology.exponent)) {
    entry["exponent"] = {{"value", topology.exponent}, {"error", topology.exponent_error}};
    entry["exponent"]["parameters"] = parameters_json(census, topology.exponent_values);
  }
  entry["form"] = topology.form;
  entry["first"] = topology.first;
  entry["parameters"] = parameters_json(census, topology.values);
  return entry;
}

}  // namespace

std::string census_json(const results::CensusResult& result, const CensusContext& context) {
  const Census& census = result.census;
  Json document;
  document["output"] = context.output.empty() ? Json() : Json(context.output);
  document["gallery"] = context.gallery.empty() ? Json() : Json(context.gallery);
  document["system"] = result.family.description();
  document["n_networks"] = census.n_networks;
  document["n_decided"] = census.n_decided;
  document["n_degenerate"] = census.n_degenerate;
  document["n_near_connection"] = census.n_near_connection;
  document["n_undecided"] = census.n_undecided;
  document["n_unproven"] = census.n_unproven;
  document["n_topologies"] = census.topologies.size();
  document["unseen_estimate"] = result.is_sample ? Json(census.unseen_estimate()) : Json();
  document["topologies"] = Json::array();
  for (const Topology& topology : census.topologies)
    document["topologies"].push_back(topology_json(census, topology));
  document["records"] = Json::object();
  if (!census.topologies.empty()) {
    const census::Records records = records_of(census);
    document["records"] = {{"n_points", census.topologies[records.n_points].name},
                           {"n_sinks", census.topologies[records.n_sinks].name},
                           {"n_cycles", census.topologies[records.n_cycles].name}};
  }
  document["seconds"] = context.seconds;
  document["configuration"] = Json::parse(context.configuration);
  document["nullcline"] = version();
  document["seed"] = context.seed;
  return document.dump(2) + "\n";
}

std::string census_text(const results::CensusResult& result, const CensusContext& context) {
  const Census& census = result.census;
  std::string text = fmt::format("{}: {} networks, {} topologies", result.family.description(),
                                 census.n_networks, census.topologies.size());
  if (result.is_sample)
    text += fmt::format(", at least {:.1f} more not met (Chao1)", census.unseen_estimate());
  text += "\n";
  const std::int64_t n_left = census.n_networks - census.n_decided;
  if (n_left > 0)
    text += fmt::format(
        "not decided: {} ({} degenerate, {} near a connection, {} undecided, {} "
        "unproven)\n",
        n_left, census.n_degenerate, census.n_near_connection, census.n_undecided,
        census.n_unproven);
  for (std::size_t i = 0; i < std::min(kShown, census.topologies.size()); ++i) {
    const Topology& topology = census.topologies[i];
    text += fmt::format("  {:>9}  {:<24} {}", topology.n_networks, topology.name,
                        describe(topology.counts));
    if (!std::isnan(topology.exponent))
      text += fmt::format("; largest exponent {:.4g} +- {:.1g}", topology.exponent,
                          topology.exponent_error);
    text += "\n";
  }
  if (census.topologies.size() > kShown)
    text += fmt::format("  and {} more (--json lists all)\n", census.topologies.size() - kShown);
  for (const std::string& path : {context.output, context.gallery})
    if (!path.empty()) text += "wrote " + path + "\n";
  return text;
}

}  // namespace nullcline::cli
