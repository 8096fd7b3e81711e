// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "nullcline/core/provenance.hpp"
#include "nullcline/report/diagram_page.hpp"
#include "nullcline/studies/panels.hpp"

namespace nullcline::studies {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN as null

// Of each network: sorted eigenvalue magnitudes, the mean over its fixed points.
std::vector<std::vector<double>> mean_magnitudes(const NamedArrays& population, std::size_t n) {
  const Matrix re = population.matrix("eigenvalues_re"), im = population.matrix("eigenvalues_im");
  const auto network = population.integers("network_index");
  const auto kind = population.strings("kind");
  std::vector<std::vector<double>> sums(n);
  std::vector<double> counts(n, 0);
  for (std::size_t i = 0; i < kind.size(); ++i) {
    if (kind[i] != "fixed") continue;
    const auto k = static_cast<std::size_t>(network[i]);
    const auto row = static_cast<Index>(i);
    std::vector<double> magnitudes;
    for (Index j = 0; j < re.cols() && std::isfinite(re(row, j)); ++j)
      magnitudes.push_back(std::hypot(re(row, j), im(row, j)));
    if (sums[k].empty()) sums[k].assign(magnitudes.size(), 0);
    for (std::size_t j = 0; j < std::min(sums[k].size(), magnitudes.size()); ++j)
      sums[k][j] += magnitudes[j];
    ++counts[k];
  }
  for (std::size_t k = 0; k < n; ++k)
    for (double& sum : sums[k]) sum /= counts[k];
  return sums;
}

// The most frequent number of fixed points, and how many networks have another.
Json modal_json(const std::vector<std::int64_t>& numbers) {
  std::map<std::int64_t, int> counts;
  for (std::int64_t n : numbers)
    if (n >= 0) ++counts[n];
  if (counts.empty())
    return {{"n_points", nullptr},
            {"n_networks", 0},
            {"n_away", 0},
            {"fraction_away", nullptr},
            {"sentence", "No network was analyzed."}};
  const auto modal =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  int all = 0;
  for (const auto& [n, count] : counts) all += count;
  const int away = all - modal->second;
  return {{"n_points", modal->first},
          {"n_networks", all},
          {"n_away", away},
          {"fraction_away", static_cast<double>(away) / all},
          {"sentence",
           fmt::format("{} is the most frequent number of fixed points under the first held input; "
                       "{} of {} networks have another.",
                       modal->first, away, all)}};
}

Json space_json(const Space& space, const std::map<std::size_t, std::size_t>& place) {
  Json entry;
  entry["space"] = space.name;
  entry["measure"] = name_of(space.measure);
  entry["networks"] = Json::array();
  for (std::size_t unit : space.units) entry["networks"].push_back(place.at(unit));
  entry["points"] = Json::array();
  for (Index i = 0; i < space.points.rows(); ++i)
    entry["points"].push_back({space.points(i, 0), space.points(i, 1)});
  entry["stress"] = space.stress;
  entry["noise"] = space.noise;
  entry["warning"] = space.warning;
  return entry;
}

// What is drawn of so many networks that a page could not hold all.
constexpr std::size_t kMostCurves = 600;   // of a plot
constexpr std::size_t kMostSpectra = 600;  // of a task

// Evenly spaced ones.
bool is_kept(std::size_t i, std::size_t n, std::size_t n_kept) {
  return n <= n_kept || i * n_kept / n != (i + 1) * n_kept / n;
}

void round_numbers(Json& value) {
  if (value.is_number_float())
    value = std::stod(fmt::format("{:.5g}", value.get<double>()));
  else if (value.is_structured())
    for (Json& part : value) round_numbers(part);
}

// Medians, tests and embeddings stay those of all networks.
Json page_document(Json document) {
  for (Json& task : document["tasks"]) {
    const std::size_t n = task["networks"].size();
    for (std::size_t i = 0; i < n; ++i)
      if (!is_kept(i, n, kMostSpectra)) task["networks"][i]["magnitudes"] = Json::array();
    for (Json& panel : task["panels"]) {
      Json kept = Json::array();
      const std::size_t n_curves = panel["curves"].size();
      for (std::size_t i = 0; i < n_curves; ++i)
        if (is_kept(i, n_curves, kMostCurves)) kept.push_back(std::move(panel["curves"][i]));
      if (n_curves > kMostCurves)
        panel["words"] = fmt::format("{} {} of {} curves are drawn.",
                                     panel["words"].get<std::string>(), kept.size(), n_curves);
      panel["curves"] = std::move(kept);
    }
  }
  round_numbers(document);
  return document;
}

}  // namespace

Json study_document(const std::string& folder, const Plan& plan, const NamedArrays& population,
                    const std::vector<TaskComparison>& comparisons) {
  const std::size_t n = plan.units.size();
  const auto states = population.strings("state");
  const auto n_points = population.integers("n_fixed_points");
  const Vector loss = population.vector("validation_loss"),
               accuracy = population.vector("validation_accuracy"),
               untrained = population.vector("untrained_loss");
  const auto magnitudes = mean_magnitudes(population, n);

  Json document;
  document["name"] = plan.name;
  document["n_networks"] = n;
  document["result_hash"] = population.text_attribute("result_hash");
  document["tasks"] = Json::array();
  for (const TaskComparison& comparison : comparisons) {
    Json task;
    task["task"] = comparison.task;
    task["factors"] = Json::array();
    task["networks"] = Json::array();
    std::map<std::size_t, std::size_t> place, done;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < n; ++i) {
      const auto& factors = plan.units[i].factors;
      if (factor_of(plan.units[i], "task") != comparison.task) continue;
      place[i] = task["networks"].size();
      if (states[i] == name_of(UnitState::done)) done[i] = place[i];
      numbers.push_back(n_points[i]);
      Json network = {{"key", plan.units[i].key}, {"state", states[i]}};
      for (const auto& [name, value] : factors)
        if (name != "task") network["factors"][name] = value;
      const auto row = static_cast<Index>(i);
      network["loss"] = loss[row];
      network["accuracy"] = accuracy[row];
      network["untrained_loss"] = untrained[row];
      network["n_points"] = n_points[i] < 0 ? Json(nullptr) : Json(n_points[i]);
      network["magnitudes"] = magnitudes[i];
      task["networks"].push_back(network);
    }
    for (const auto& [name, value] : plan.units.front().factors)
      if (name != "task" && name != "seed") task["factors"].push_back(name);
    if (task["factors"].empty()) task["factors"].push_back("seed");
    task["modal"] = modal_json(numbers);
    task["spaces"] = Json::array();
    for (const Space& space : comparison.spaces) task["spaces"].push_back(space_json(space, place));
    task["separations"] = Json::array();
    for (const FactorSeparation& row : comparison.separations)
      task["separations"].push_back({{"space", row.space},
                                     {"factor", row.factor},
                                     {"among", row.among.empty() ? "all" : row.among},
                                     {"n", row.n},
                                     {"R", row.separation.statistic},
                                     {"p", row.separation.p_value}});
    task["panels"] = task_panels(folder, plan, comparison.task, done);
    const Json& modal = task["modal"]["n_points"];
    task["graphs"] =
        graph_panels(folder, plan, done, modal.is_null() ? -1 : modal.get<std::int64_t>());
    document["tasks"].push_back(task);
  }
  return document;
}

std::string study_page(const Plan& plan, const Json& document) {
  report::DiagramPage page;
  page.kind = report::DiagramPage::Kind::study;
  page.title = plan.name;
  std::size_t n_done = 0;
  for (const Json& task : document["tasks"])
    for (const Json& network : task["networks"]) n_done += network["state"] == "done" ? 1 : 0;
  page.verdict =
      fmt::format("{} of {} networks are trained and analyzed.", n_done, plan.units.size());
  for (const Json& task : document["tasks"])
    page.summary.emplace_back(task["task"], fmt::format("{} networks", task["networks"].size()));
  page.provenance = {{"plan", plan.hash},
                     {"results", document["result_hash"]},
                     {"study", plan.study},
                     {"nullcline_version", version()}};
  return report::render_diagram(page, page_document(document));
}

}  // namespace nullcline::studies
