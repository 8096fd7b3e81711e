// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "nullcline/core/error.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/studies/plan.hpp"

namespace nullcline::studies {

namespace {

using Json = nlohmann::json;  // keys in alphabetical order
namespace fs = std::filesystem;

constexpr int kFormat = 2;
constexpr std::size_t kMostPlanBytes = std::size_t{1} << 30;

std::string plan_path(const std::string& folder) { return folder + "/plan.json"; }

std::string hash_of_keys(const std::vector<Unit>& units) {
  std::string keys;
  for (const Unit& unit : units) keys += unit.key + "\n";
  return results::fingerprint(keys);
}

// "train.l2", "task sine.steps": the options of all tasks of the plan.
std::set<std::string> options_of(const Plan& plan) {
  std::set<std::string> names, tasks;
  for (const Unit& unit : plan.units) {
    const std::string task = factor_of(unit, "task");
    if (!tasks.insert(task).second) continue;
    const Json configuration = Json::parse(unit.configuration);
    for (const auto& [table, values] : configuration.items())
      for (const auto& [name, value] : values.items())
        names.insert(fmt::format("{}.{}", table == "task" ? "task " + task : table, name));
  }
  return names;
}

// A few of those of `a` that `b` has not.
std::string missing_names(const std::set<std::string>& a, const std::set<std::string>& b) {
  constexpr std::size_t kMost = 5;
  std::vector<std::string> names;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(names));
  if (names.size() <= kMost) return fmt::format("{}", fmt::join(names, ", "));
  const std::size_t n = names.size();
  names.resize(kMost);
  return fmt::format("{} and {} more", fmt::join(names, ", "), n - kMost);
}

// Why this version's networks of the same study are others.
std::string outdated_sentence(const Json& document, const Plan& now) {
  const auto before = document["options"].get<std::set<std::string>>();
  const std::set<std::string> after = options_of(now);
  const std::string added = missing_names(after, before), removed = missing_names(before, after);
  std::string what;
  if (!added.empty()) what += "; options that it did not have: " + added;
  if (!removed.empty()) what += "; options that are no more: " + removed;
  return fmt::format(
      "planned by nullcline {}, of which this one ({}) would make other networks{}; run it with "
      "that version, or plan the study in another folder",
      document["nullcline"].get<std::string>(), version(), what);
}

Unit unit_from(const Json& entry) {
  Unit unit;
  unit.key = entry.at("key").get<std::string>();
  const bool is_hash =
      unit.key.size() == 16 && unit.key.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_hash) throw FormatError(fmt::format("found the key '{}', expected a hash", unit.key));
  std::string seed;
  for (const auto& [name, value] : entry.at("factors").items())
    if (name == "seed")
      seed = value.get<std::string>();
    else
      unit.factors.emplace_back(name, value.get<std::string>());
  unit.factors.emplace_back("seed", seed);
  return unit;
}

Plan plan_from(const Json& document, const std::string& path) {
  if (const Json& format = document.at("nullcline_study"); format != kFormat)
    throw FormatError(
        fmt::format("found a plan of format {}, expected {}", format.dump(), kFormat));
  Plan stored;
  stored.name = document.at("name").get<std::string>();
  stored.study = document.at("study").dump();
  stored.hash = document.at("hash").get<std::string>();
  for (const Json& entry : document.at("units")) stored.units.push_back(unit_from(entry));
  if (stored.units.empty() || hash_of_keys(stored.units) != stored.hash ||
      results::fingerprint(stored.study) != document.at("study_hash"))
    throw FormatError(
        "changed by hand: its hashes are not those of what it says; plan the study in "
        "another folder");
  Plan now;
  try {
    now = plan_of_study(stored.study, path);
  } catch (const InvalidInput& error) {  // such as for an option that is no more
    stored.outdated = fmt::format("planned by nullcline {}, but here {}",
                                  document.at("nullcline").get<std::string>(), error.what());
    return stored;
  }
  if (now.hash == stored.hash) return now;
  stored.attempts = now.attempts;
  stored.outdated = outdated_sentence(document, now);
  return stored;
}

}  // namespace

void write_plan(const std::string& folder, const Plan& plan) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw FormatError(fmt::format("{}: {}", folder, error.message()));
  if (fs::exists(plan_path(folder), error)) {
    const Plan there = read_plan(folder);
    if (there.hash == plan.hash) return;
    if (there.study == plan.study) require_current(folder, there);
    throw FormatError(plan_path(folder) + ": the folder has another plan; choose another folder");
  }
  Json units = Json::array();
  for (const Unit& unit : plan.units) {
    Json entry = {{"key", unit.key}};
    for (const auto& [name, value] : unit.factors) entry["factors"][name] = value;
    units.push_back(entry);
  }
  const Json document = {{"nullcline_study", kFormat},
                         {"nullcline", version()},
                         {"name", plan.name},
                         {"hash", plan.hash},
                         {"n_units", plan.units.size()},
                         {"study", Json::parse(plan.study)},
                         {"study_hash", results::fingerprint(plan.study)},
                         {"options", options_of(plan)},
                         {"units", units}};
  io::write_text(plan_path(folder), document.dump(1) + "\n");
}

Plan read_plan(const std::string& folder) {
  const std::string path = plan_path(folder);
  std::error_code error;
  if (!fs::exists(path, error))
    throw FormatError(path + ": there is no plan; nullcline study plan FILE -o FOLDER makes one");
  const Json document = Json::parse(io::read_text(path, kMostPlanBytes), nullptr, false);
  if (!document.is_object() || !document.contains("nullcline_study"))
    throw FormatError(path + ": not the plan of a study");
  return results::reading(path, [&] {
    try {
      return plan_from(document, path);
    } catch (const Json::exception&) {
      throw FormatError("not the plan of a study: changed by hand, or damaged");
    }
  });
}

void require_current(const std::string& folder, const Plan& plan) {
  if (!plan.outdated.empty()) throw FormatError(plan_path(folder) + ": " + plan.outdated);
}

}  // namespace nullcline::studies
