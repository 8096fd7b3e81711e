// SPDX-License-Identifier: BSD-3-Clause
// What the page may ask of the library: a request in JSON, a reply in JSON, and beside it the
// numbers of its arrays in one list. Every request carries the model whole: there is no state
// between them.
#include <emscripten/emscripten.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/continuation/continue.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/cycles/born.hpp"
#include "nullcline/cycles/results.hpp"
#include "nullcline/interchange/internal/model_toml.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/portrait/attractors.hpp"
#include "nullcline/portrait/paths.hpp"
#include "nullcline/portrait/portrait.hpp"
#include "nullcline/portrait/results.hpp"

namespace nullcline::explorer {

namespace {

using nlohmann::ordered_json;

std::vector<double> numbers;  // of the arrays of the last reply

/// Arrays by name: strings as they are, numbers as {shape, at}, where they begin in `numbers`.
ordered_json to_json(const NamedArrays& arrays) {
  ordered_json result = ordered_json::object();
  for (const auto& [name, array] : arrays.all()) {
    if (std::holds_alternative<std::vector<std::string>>(array.data)) {
      result[name] = arrays.strings(name);
      continue;
    }
    result[name] = {{"shape", array.shape}, {"at", numbers.size()}};
    const std::vector<double> values = arrays.values(name);
    numbers.insert(numbers.end(), values.begin(), values.end());
  }
  return result;
}

ordered_json to_json(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    ordered_json result = ordered_json::object();
    for (const auto& entry : interchange::internal::entries_of(*table))
      result[entry.name] = to_json(*entry.value);
    return result;
  }
  if (const auto* array = node.as_array()) {
    ordered_json result = ordered_json::array();
    for (const toml::node& element : *array) result.push_back(to_json(element));
    return result;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return whole->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  return nullptr;
}

/// The model that a request names, at the time it asks for.
struct Subject {
  interchange::Model model;
  std::unique_ptr<dynamics::System> system;
  std::vector<std::string> names;  ///< of the states: h1, h2 of a cell, also c1 of an LSTM
  Vector input;

  explicit Subject(const ordered_json& request)
      : model(interchange::Model::parse(request.at("text"), "model", values(request))) {
    system = model.make_system();
    names = names_of(model, system->n_states());
    model.require_box();
    input = Vector::Zero(system->n_inputs());
    const std::vector<double> given = request.value("input", std::vector<double>());
    if (given.empty()) return;
    if (static_cast<Index>(given.size()) != input.size())
      throw InvalidInput("input: found " + std::to_string(given.size()) + " values, expected " +
                         std::to_string(input.size()));
    input = Eigen::Map<const Vector>(given.data(), input.size());
  }

 private:
  static std::vector<std::string> names_of(const interchange::Model& model, Index n_states) {
    const std::optional<models::Network> network = model.network();
    if (!network) return model.state_names();
    const Index n_hidden = network->cell == models::CellKind::lstm ? n_states / 2 : n_states;
    std::vector<std::string> result;
    for (Index i = 0; i < n_states; ++i)
      result.push_back((i < n_hidden ? "h" : "c") + std::to_string(i % n_hidden + 1));
    return result;
  }

  static interchange::ParameterValues values(const ordered_json& request) {
    interchange::ParameterValues result;
    if (request.contains("values"))
      for (const auto& [name, value] : request["values"].items()) result.emplace_back(name, value);
    return result;
  }
};

portrait::PortraitOptions options_of(const ordered_json& request) {
  portrait::PortraitOptions options;
  options.box = request.value("box", NumberRows());
  options.start = request.value("start", NumberRows());
  options.grid = request.value("grid", options.grid);
  options.automatic = request.value("automatic", options.automatic);
  options.cycle_starts = request.value("cycle_starts", options.cycle_starts);
  options.max_time = request.value("max_time", options.max_time);
  options.tolerance = request.value("tolerance", options.tolerance);
  options.basins = false;
  return options;
}

/// Lower and upper end of each state; null where no box is known, as for relu cells.
ordered_json box_of(const Subject& subject) {
  ordered_json rows = ordered_json::array();
  try {
    const dynamics::Box box = portrait::default_box(*subject.system, subject.input);
    for (Index i = 0; i < box.lower.size(); ++i) rows.push_back({box.lower(i), box.upper(i)});
  } catch (const InvalidInput&) {
    return nullptr;
  }
  return rows;
}

ordered_json describe(const ordered_json& request) {
  const Subject subject(request);
  ordered_json parameters = ordered_json::array(), variables = ordered_json::array();
  for (const auto& [name, value] : subject.model.parameters()) parameters.push_back({name, value});
  for (const std::string& name : subject.system->parameter_names()) variables.push_back(name);
  for (Index i = 0; i < subject.system->n_inputs(); ++i)
    variables.push_back("input[" + std::to_string(i) + "]");
  return {{"toml", to_json(interchange::internal::parse_toml(subject.model.text(), "model"))},
          {"states", subject.names},
          {"inputs", subject.model.input_names()},
          {"parameters", parameters},
          {"variables", variables},
          {"is_cell", subject.model.network().has_value()},
          {"time", name_of(subject.system->time())},
          {"box", box_of(subject)}};
}

ordered_json reply_of(const portrait::Portrait& portrait) {
  return {{"time", name_of(portrait.time)},
          {"states", portrait.state_names},
          {"completeness", name_of(portrait.points.audit.completeness)},
          {"completeness_note", portrait.points.audit.completeness_note},
          {"notes", portrait.notes},
          {"arrays", to_json(portrait::to_arrays(portrait))}};
}

ordered_json sketch(const ordered_json& request) {
  const Subject subject(request);
  return reply_of(
      portrait::make_sketch(*subject.system, subject.input, options_of(request), subject.names));
}

ordered_json portrait_of(const ordered_json& request) {
  const Subject subject(request);
  return reply_of(
      portrait::make_portrait(*subject.system, subject.input, options_of(request), subject.names));
}

/// The trajectory from one start, in both senses of time: what follows the pointer.
ordered_json path(const ordered_json& request) {
  const Subject subject(request);
  const auto start = request.at("start").get<std::vector<double>>();
  if (static_cast<Index>(start.size()) != subject.system->n_states())
    throw InvalidInput("start: found " + std::to_string(start.size()) + " values, expected " +
                       std::to_string(subject.system->n_states()));
  const auto rows = request.at("box").get<NumberRows>();
  dynamics::Box box{Vector(subject.system->n_states()), Vector(subject.system->n_states())};
  for (Index i = 0; i < box.lower.size(); ++i) {
    box.lower(i) = rows.at(static_cast<std::size_t>(i)).at(0);
    box.upper(i) = rows.at(static_cast<std::size_t>(i)).at(1);
  }
  portrait::PathOptions options;
  options.max_time = request.value("max_time", 200.0);
  options.tolerance = request.value("tolerance", 1e-7);
  NamedArrays arrays;
  ordered_json ends = ordered_json::object();
  for (const auto& [sense, name] : {std::pair(1, "forward"), std::pair(-1, "backward")}) {
    const portrait::Path found =
        portrait::follow(*subject.system, subject.input,
                         Eigen::Map<const Vector>(start.data(), subject.system->n_states()), box,
                         {}, sense, options);
    arrays.set(std::string(name) + "/states", found.states, {"time", "state"}, "states");
    arrays.set_vector(std::string(name) + "/times", found.times, "time", "times");
    ends[name] = name_of(found.end);
  }
  return {{"ends", ends}, {"arrays", to_json(arrays)}};
}

ordered_json diagram(const ordered_json& request) {
  const Subject subject(request);
  const continuation::ParameterRange range{request.at("parameter"), request.at("from"),
                                           request.at("to")};
  continuation::ContinuationOptions options;
  options.steps.max_step = request.value("max_step", options.steps.max_step);
  options.steps.max_points = request.value("max_points", 4000);
  options.search.proof_suffices = true;
  const continuation::Continuation found =
      continuation::continue_branches(*subject.system, subject.input, range, std::nullopt, options);
  NamedArrays arrays = continuation::to_arrays(found);
  std::vector<std::string> warnings = found.warnings;
  if (request.value("cycles", false)) {
    cycles::BornOptions cycle_options;
    cycle_options.branch.max_points = 300;
    const cycles::BornBranches born =
        cycles::continue_born_cycles(*subject.system, found, cycle_options);
    if (!born.branches.empty()) arrays.set_group("cycles", cycles::to_arrays(born.branches));
    warnings.insert(warnings.end(), born.warnings.begin(), born.warnings.end());
  }
  return {{"parameter", range.name},
          {"from", range.from},
          {"to", range.to},
          {"warnings", warnings},
          {"arrays", to_json(arrays)}};
}

ordered_json answer(const ordered_json& request) {
  const std::string what = request.at("do");
  if (what == "describe") return describe(request);
  if (what == "sketch") return sketch(request);
  if (what == "portrait") return portrait_of(request);
  if (what == "path") return path(request);
  if (what == "diagram") return diagram(request);
  throw InvalidInput("do: found '" + what +
                     "', expected describe | sketch | portrait | path | diagram");
}

std::string reply;

}  // namespace

}  // namespace nullcline::explorer

extern "C" {

/// The reply to a request, as text that lives until the next call. A mistake is {"error": "..."}.
EMSCRIPTEN_KEEPALIVE const char* nullcline_ask(const char* request) {
  using namespace nullcline::explorer;
  numbers.clear();
  ordered_json result;
  try {
    result = answer(ordered_json::parse(request));
  } catch (const std::exception& error) {
    numbers.clear();
    result = {{"error", nullcline::valid_utf8(error.what())}};
  }
  reply = result.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return reply.c_str();
}

/// Where the numbers of the last reply's arrays stand, and how many they are.
EMSCRIPTEN_KEEPALIVE const double* nullcline_numbers() {
  return nullcline::explorer::numbers.data();
}
EMSCRIPTEN_KEEPALIVE int nullcline_n_numbers() {
  return static_cast<int>(nullcline::explorer::numbers.size());
}
}
