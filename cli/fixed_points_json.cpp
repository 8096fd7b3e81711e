// SPDX-License-Identifier: BSD-3-Clause
#include <nlohmann/json.hpp>

#include "fixed_points_output.hpp"
#include "nullcline/core/provenance.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null
using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;

Json numbers(ConstVectorRef values) {
  return std::vector<double>(values.data(), values.data() + values.size());
}

Json point_json(const FixedPoint& point, const Vector& input, std::size_t input_index) {
  Json entry;
  entry["state"] = numbers(point.state);
  entry["speed"] = point.speed;
  entry["residual"] = point.residual;
  entry["kind"] = name_of(point.kind);
  entry["verdict"] = name_of(point.verdict);
  entry["radius"] = point.radius;
  entry["uniqueness_radius"] = point.uniqueness_radius;
  entry["hull_radius"] = point.kind == Kind::undecided ? Json(point.hull_radius) : Json(nullptr);
  entry["stability"] = name_of(point.stability);
  entry["stability_verdict"] = name_of(point.stability_verdict);
  entry["eigenvalue_radius"] = point.eigenvalue_radius;
  entry["n_unstable"] = point.n_unstable;
  entry["index"] = point.has_index ? Json(point.index) : Json(nullptr);
  entry["eigenvalues_re"] = numbers(point.eigenvalues.real());
  entry["eigenvalues_im"] = numbers(point.eigenvalues.imag());
  entry["hits"] = point.hits;
  entry["lifetime"] = point.kind == Kind::slow ? Json(point.lifetime) : Json(nullptr);
  entry["exclusion_radius"] =
      point.kind == Kind::slow ? Json(point.exclusion_radius) : Json(nullptr);
  entry["readout"] = point.readout.size() > 0 ? numbers(point.readout) : Json(nullptr);
  entry["input"] = numbers(input);
  entry["input_index"] = input_index;
  entry["time_constants"] = numbers(point.time_constants);
  entry["frequencies"] = numbers(point.frequencies);
  entry["defective"] = point.defective;
  entry["at_kink"] = point.at_kink;
  return entry;
}

Json set_json(const FixedPointSet& set) {
  const fixed_points::Audit& audit = set.audit;
  Json entry;
  entry["n_points"] = set.n_fixed();
  entry["index_sum"] = audit.index_sum;
  entry["index_expected"] = audit.index_expected ? Json(*audit.index_expected) : Json(nullptr);
  entry["completeness"] = name_of(audit.completeness);
  entry["completeness_note"] = audit.completeness_note;
  entry["unseen_estimate"] = audit.unseen_estimate;
  entry["n_starts"] = audit.n_starts;
  entry["seconds"] = set.seconds;
  entry["coverage"] = audit.coverage;
  entry["capture_bound"] = audit.capture_bound;
  entry["min_hits"] = audit.min_hits;
  entry["n_converged"] = audit.n_converged;
  entry["n_outside_box"] = audit.n_outside_box;
  entry["n_unconverged"] = audit.n_unconverged;
  entry["n_newton_steps"] = audit.n_newton_steps;
  return entry;
}

// Equations have the keys of networks that make sense for them.
Json equations_json(const interchange::Model& model) {
  Json system;
  system["kind"] = "equations";
  system["time"] = name_of(model.time());
  system["n_states"] = model.state_names().size();
  system["n_inputs"] = model.input_names().size();
  system["states"] = model.state_names();
  return system;
}

Json network_json(const models::Network& network, dynamics::Time time) {
  Json system;
  system["kind"] = name_of(network.cell);
  system["time"] = name_of(time);
  system["n_units"] = network.n_units();
  system["n_layers"] = network.n_layers();
  system["n_states"] = network.n_states();
  system["n_inputs"] = network.n_inputs();
  system["n_outputs"] = network.n_outputs();
  system["activation"] = name_of(network.activation);
  const bool has_reset = network.cell == models::CellKind::gru;
  system["reset"] = has_reset ? Json(name_of(network.reset)) : Json(nullptr);
  return system;
}

Json system_json(const results::Subject& subject) {
  Json system = subject.network ? network_json(*subject.network, subject.time())
                                : equations_json(*subject.model);
  if (!subject.model) return system;
  system["parameters"] = Json::object();
  for (const auto& [name, value] : subject.model->parameters()) system["parameters"][name] = value;
  return system;
}

}  // namespace

std::string fixed_points_json(const std::vector<FixedPointSet>& sets,
                              const std::vector<orbits::OrbitSet>& orbit_sets,
                              const PointsContext& context) {
  Json document;
  document["nullcline"] = version();
  document["seed"] = context.seed;
  document["verified"] = context.subject->is_verified();
  document["system"] = system_json(*context.subject);
  Json points = Json::array(), inputs = Json::array(), entries = Json::array();
  for (std::size_t i = 0; i < sets.size(); ++i) {
    for (const FixedPoint& point : sets[i].points)
      points.push_back(point_json(point, sets[i].input, i));
    inputs.push_back(numbers(sets[i].input));
    entries.push_back(set_json(sets[i]));
  }
  // One input: the numbers of its set; several: a list of numbers under each key, by input.
  for (const auto& [name, value] : entries.at(0).items()) {
    document[name] = value;
    if (sets.size() == 1) continue;
    document[name] = Json::array();
    for (const Json& entry : entries) document[name].push_back(entry.at(name));
  }
  document["orbits"] = Json::array();
  for (std::size_t i = 0; i < sets.size(); ++i) {
    entries[i]["input"] = inputs[i];
    entries[i]["ends"] = ends_json(orbit_sets[i]);
    entries[i]["orbits"] = orbits_json(orbit_sets[i], i);
    for (const Json& orbit : entries[i]["orbits"]) document["orbits"].push_back(orbit);
  }
  document["ends"] = entries.at(0)["ends"];
  if (sets.size() > 1) {
    document["ends"] = Json::array();
    for (const Json& entry : entries) document["ends"].push_back(entry.at("ends"));
  }
  document["inputs"] = std::move(inputs);
  document["points"] = std::move(points);
  document["sets"] = std::move(entries);
  document["visited"] = context.visited_origin;
  document["output"] = context.output.empty() ? Json(nullptr) : Json(context.output);
  document["configuration"] = Json::parse(context.configuration);
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nullcline::cli
