// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/plan.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/check_options.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/topology/check_options.hpp"
#include "nullcline/training/initialization.hpp"

namespace nullcline::studies {

namespace {

using Json = nlohmann::json;  // keys in alphabetical order

constexpr const char* kUnitSchema = "nullcline unit 2\n";
constexpr std::int64_t kLargestSeed = std::int64_t{1} << 62;
constexpr std::size_t kMostUnits = 1000000;

Json parse_toml(const std::string& text, const std::string& source) {
  try {
    const toml::table table = toml::parse(text);
    std::ostringstream json;
    json << toml::json_formatter(table);
    return Json::parse(json.str());
  } catch (const toml::parse_error& error) {
    throw InvalidInput(fmt::format("{}:{}:{}: {}", source, error.source().begin.line,
                                   error.source().begin.column, error.description()));
  } catch (const Json::exception&) {
    throw InvalidInput(source + ": found a value that is no number, text or list");
  }
}

training::HyperparameterSearchOptions no_search() {
  training::HyperparameterSearchOptions options;
  options.candidates = 0;
  return options;
}

/// The tables of a unit with their fields.
std::vector<std::pair<std::string, std::vector<OptionField>>> tables_of(UnitOptions& options) {
  return {{"task", options.task.fields},
          {"train", option_fields(options.train)},
          {"hyperparameters", option_fields(options.hyperparameters)},
          {"search", option_fields(options.search)},
          {"graph", option_fields(options.graph)},
          {"analysis", option_fields(options.analysis)}};
}

class StudyReader {
 public:
  StudyReader(Json study, std::string source)
      : study_(std::move(study)), source_(std::move(source)) {
    const std::vector<std::string> known = {"analysis", "attempts", "graph",  "hyperparameters",
                                            "name",     "networks", "search", "seed",
                                            "task",     "train",    "vary"};
    for (const auto& [key, value] : study_.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        refuse(fmt::format("unknown key '{}'{}", key, suggestion(key, known)));
    for (const char* table :
         {"analysis", "graph", "hyperparameters", "search", "task", "train", "vary"})
      if (study_.contains(table) && !study_[table].is_object())
        refuse(fmt::format("{}: found {}, expected a table", table, study_[table].type_name()));
  }

  Plan read() {
    Plan plan;
    plan.name =
        study_.value("name", Json("study")).is_string()
            ? study_.value("name", "study")
            : (refuse(fmt::format("name: found {}, expected a text", study_["name"].dump())), "");
    plan.study = study_.dump();
    plan.attempts = static_cast<int>(whole("attempts", 3, 1, 1000));
    const std::int64_t n_networks = whole("networks", 1, 1, kMostUnits);
    const std::int64_t seed = whole("seed", 0, 0, kLargestSeed);
    for (const Json& kind : kinds(static_cast<std::size_t>(n_networks)))
      for (std::int64_t i = 0; i < n_networks; ++i) plan.units.push_back(unit(kind, seed + i));
    std::sort(plan.units.begin(), plan.units.end(),
              [](const Unit& a, const Unit& b) { return a.key < b.key; });
    const auto twice =
        std::adjacent_find(plan.units.begin(), plan.units.end(),
                           [](const Unit& a, const Unit& b) { return a.key == b.key; });
    if (twice != plan.units.end())
      refuse("vary: found two networks with the same configuration: " + describe(*twice));
    std::string keys;
    for (const Unit& one : plan.units) keys += one.key + "\n";
    plan.hash = results::fingerprint(keys);
    return plan;
  }

 private:
  [[noreturn]] void refuse(const std::string& message) const {
    throw InvalidInput(source_ + ": " + message);
  }

  std::int64_t whole(const char* key, std::int64_t fallback, std::int64_t lowest,
                     std::int64_t highest) const {
    if (!study_.contains(key)) return fallback;
    const Json& value = study_[key];
    if (!value.is_number_integer() || value.get<std::int64_t>() < lowest ||
        value.get<std::int64_t>() > highest)
      refuse(fmt::format("{}: found {}, expected a whole number from {} to {}", key, value.dump(),
                         lowest, highest));
    return value.get<std::int64_t>();
  }

  // Every combination of the lists in [vary], as objects {"cell": "gru", ...}.
  std::vector<Json> kinds(std::size_t n_networks) const {
    std::vector<Json> result = {Json::object()};
    if (!study_.contains("vary") || !study_["vary"].contains("task"))
      refuse("vary: found no task, expected for example task = [\"flip-flop\"]");
    for (const auto& [key, values] : study_["vary"].items()) {
      const Json list = values.is_array() ? values : Json::array({values});
      if (list.empty()) refuse(fmt::format("vary.{}: found an empty list", key));
      if (key == "seed") refuse("vary.seed: seeds differ by themselves: see networks and seed");
      std::vector<Json> longer;
      if (result.size() * list.size() * n_networks > kMostUnits)
        refuse(fmt::format("vary: found more than {} networks", kMostUnits));
      for (const Json& kind : result)
        for (const Json& value : list) {
          longer.push_back(kind);
          longer.back()[key] = value;
        }
      result = std::move(longer);
    }
    return result;
  }

  Json table(const char* name) const {
    return study_.contains(name) ? study_[name] : Json::object();
  }

  void apply(const std::vector<OptionField>& fields, const Json& values,
             const std::string& table) const {
    fields_from_json(fields, values.dump(), fmt::format("{}: {}", source_, table));
  }

  UnitOptions options_of(const Json& kind, std::int64_t seed) const {
    const Json& name = kind["task"];
    if (!name.is_string()) refuse(fmt::format("vary.task: found {}, expected a text", name.dump()));
    const std::string task = name.get<std::string>();
    UnitOptions options = named_task(task);
    const auto train_fields = option_fields(options.train);
    Json shared = Json::object();
    const Json train = table("train"), task_tables = table("task");
    for (const auto& [key, value] : train.items()) {
      if (!value.is_object()) {
        shared[key] = value;
      } else if (!is_task(key)) {
        refuse(fmt::format("train.{}: unknown task", key));
      }
    }
    for (const auto& [key, value] : task_tables.items())
      if (!is_task(key) || !value.is_object())
        refuse(fmt::format("task.{}: expected a table with the name of a task", key));
    apply(options.task.fields, task_tables.value(task, Json::object()), "task." + task);
    apply(train_fields, shared, "train");
    apply(train_fields, train.value(task, Json::object()), "train." + task);
    Json varied = kind;
    varied.erase("task");
    apply(train_fields, varied, "vary");
    for (const char* own : {"hyperparameters", "search", "graph", "analysis"})
      for (const auto& [table_name, fields] : tables_of(options))
        if (table_name == own) apply(fields, table(own), own);
    options.train.seed = static_cast<std::uint64_t>(seed);
    options.hyperparameters.seed = static_cast<std::uint64_t>(whole("seed", 0, 0, kLargestSeed));
    try {
      training::check_options(options.train);
      fixed_points::check_options(options.search);
      topology::check_options(options.graph);
      check_options(options.analysis);
      if (options.hyperparameters.candidates != 0)
        training::draw_hyperparameters(options.hyperparameters, 0);
      options.task.make();
    } catch (const InvalidInput& error) {
      refuse(error.what());
    }
    return options;
  }

  static bool is_task(const std::string& name) {
    const std::vector<std::string> names = tasks::task_names();
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  UnitOptions named_task(const std::string& name) const {
    try {
      return {tasks::choose_task(name), {}, no_search(), {}, {}, {}};
    } catch (const InvalidInput& error) {
      refuse(fmt::format("vary.task: {}", error.what()));
    }
  }

  Unit unit(const Json& kind, std::int64_t seed) const {
    Unit result;
    UnitOptions options = options_of(kind, seed);
    result.configuration = configuration_of(options);
    result.key = results::fingerprint(kUnitSchema + result.configuration);
    for (const auto& [key, value] : kind.items())
      result.factors.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
    result.factors.emplace_back("seed", std::to_string(seed));
    return result;
  }

  Json study_;
  std::string source_;
};

}  // namespace

std::string configuration_of(UnitOptions& options) {
  Json document;
  for (const auto& [name, fields] : tables_of(options))
    document[name] = Json::parse(fields_to_json(fields));
  document["task"]["name"] = options.task.name;
  return document.dump();
}

void check_options(const AnalysisOptions& options) {
  if (options.visited_trials < 1 || options.visited_trials > 1000000)
    throw InvalidInput(fmt::format("analysis.visited_trials: found {}, expected 1 to 1000000",
                                   options.visited_trials));
  if (options.commands < 2 || options.commands > 1000)
    throw InvalidInput(
        fmt::format("analysis.commands: found {}, expected 2 to 1000", options.commands));
  if (options.line_points < 1 || options.line_points > 100000)
    throw InvalidInput(
        fmt::format("analysis.line_points: found {}, expected 1 to 100000", options.line_points));
  if (!(options.line_tolerance > 0))
    throw InvalidInput(fmt::format("analysis.line_tolerance: found {}, expected a positive number",
                                   options.line_tolerance));
}

Plan make_plan(const std::string& toml, const std::string& source) {
  return StudyReader(parse_toml(toml, source), source).read();
}

Plan plan_of_study(const std::string& study, const std::string& source) {
  return StudyReader(Json::parse(study), source).read();
}

UnitOptions unit_options_of(const std::string& configuration, const std::string& what) {
  const Json document = Json::parse(configuration, nullptr, false);
  if (!document.is_object() || !document.contains("task") || !document["task"].contains("name"))
    throw InvalidInput(what + ": not the configuration of a unit");
  UnitOptions options{
      tasks::choose_task(document["task"]["name"].get<std::string>()), {}, no_search(), {}, {}, {}};
  for (const auto& [name, fields] : tables_of(options)) {
    Json values = document.value(name, Json::object());
    values.erase("name");
    fields_from_json(fields, values.dump(), fmt::format("{}: {}", what, name));
  }
  return options;
}

std::string factor_of(const Unit& unit, const std::string& name) {
  for (const auto& [factor, value] : unit.factors)
    if (factor == name) return value;
  return "";
}

std::string describe(const Unit& unit) {
  std::string text;
  for (const auto& [name, value] : unit.factors)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  return text;
}

}  // namespace nullcline::studies
