// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>

#include "nullcline/results/result_file.hpp"
#include "nullcline/studies/panels.hpp"
#include "nullcline/topology/types.hpp"

namespace nullcline::studies {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostGraphs = 48;
constexpr Index kMostNodes = 300;
constexpr double kLeastShare = 0.005;  // of an edge that is drawn

// Where the axis of output k of n points in the plane: one, two, a cube seen from the side, a star.
std::pair<double, double> axis_of(Index k, Index n) {
  if (n == 3 && k == 2) return {0.45, 0.3};
  const double angle =
      std::numbers::pi * static_cast<double>(k) / static_cast<double>(n <= 3 ? 2 : n);
  return {std::cos(angle), std::sin(angle)};
}

std::string kind_of(const Unit& unit) {
  std::string text;
  for (const auto& [name, value] : unit.factors)
    if (name != "task" && name != "seed") text += (text.empty() ? "" : ", ") + value;
  return text.empty() ? "network" : text;
}

Json graph_json(const topology::Graph& graph) {
  Json entry = {{"x", Json::array()},          {"y", Json::array()},
                {"n_unstable", Json::array()}, {"readouts", Json::array()},
                {"edges", Json::array()},      {"n_points", graph.n_points}};
  const Index n = graph.n_nodes(), n_outputs = graph.readouts.cols();
  for (Index i = 0; i < n; ++i) {
    double x = 0, y = 0;
    for (Index k = 0; k < n_outputs; ++k) {
      const auto [right, up] = axis_of(k, n_outputs);
      x += right * graph.readouts(i, k);
      y += up * graph.readouts(i, k);
    }
    entry["x"].push_back(x);
    entry["y"].push_back(y);
    entry["n_unstable"].push_back(graph.n_unstable[static_cast<std::size_t>(i)]);
    entry["readouts"].push_back(
        std::vector<double>(graph.readouts.row(i).begin(), graph.readouts.row(i).end()));
    for (Index j = 0; j < n; ++j)
      if (j != i && graph.transitions(i, j) > kLeastShare)
        entry["edges"].push_back({i, j, graph.transitions(i, j)});
  }
  return entry;
}

std::optional<topology::Graph> read_graph(const std::string& path) {
  const NamedArrays file = results::read_result(path);
  if (!file.has_group("graph")) return std::nullopt;
  return results::reading(path, [&] { return topology::graph_from_arrays(file.group("graph")); });
}

}  // namespace

Json graph_panels(const std::string& folder, const Plan& plan,
                  const std::map<std::size_t, std::size_t>& place, std::int64_t modal) {
  std::map<std::string, std::pair<std::size_t, topology::Graph>> chosen;  // by kind
  for (const auto& [unit, network] : place) {
    const std::string kind = kind_of(plan.units[unit]);
    const auto known = chosen.find(kind);
    if (known == chosen.end() ? chosen.size() == kMostGraphs
                              : known->second.second.n_points == modal)
      continue;
    std::optional<topology::Graph> graph = read_graph(unit_path(folder, plan.units[unit].key));
    if (!graph) return Json::array();
    const bool is_drawable =
        graph->n_nodes() > 0 && graph->n_nodes() <= kMostNodes && graph->readouts.cols() > 0;
    if (is_drawable && (known == chosen.end() || graph->n_points == modal))
      chosen.insert_or_assign(kind, std::pair(network, std::move(*graph)));
  }
  Json panels = Json::array();
  for (const auto& [kind, found] : chosen) {
    Json entry = graph_json(found.second);
    entry["title"] = kind;
    entry["network"] = found.first;
    panels.push_back(std::move(entry));
  }
  return panels;
}

}  // namespace nullcline::studies
