// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/panels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "nullcline/results/result_file.hpp"

namespace nullcline::studies {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN as null

constexpr Index kMostModes = 64;
constexpr double kSlow = 0.9;  // magnitude of a mode that lasts for ten steps

Json panel(const char* title, const char* x, const char* y, const char* mode, const char* words,
           const char* statistic) {
  return {{"title", title},         {"x", x},         {"y", y},
          {"mode", mode},           {"words", words}, {"statistic", statistic},
          {"curves", Json::array()}};
}

// `value`: the panel's statistic of this curve.
void add_curve(Json& panel, std::size_t network, const std::vector<double>& x,
               const std::vector<double>& y, double value) {
  panel["curves"].push_back({{"network", network}, {"x", x}, {"y", y}, {"value", value}});
}

// Of the finite ones; NaN without any.
double median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The statistic's median over the curves of the networks with each value of each factor.
void add_medians(Json& panel, const std::vector<const Unit*>& networks) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> values;
  for (const Json& curve : panel["curves"])
    for (const auto& factor : networks[curve["network"].get<std::size_t>()]->factors)
      if (factor.first != "task" && factor.first != "seed")
        values[factor].push_back(curve["value"].get<double>());
  panel["medians"] = Json::array();
  for (const auto& [factor, found] : values)
    panel["medians"].push_back({{"factor", factor.first},
                                {"value", factor.second},
                                {"n", found.size()},
                                {"median", median(found)}});
}

std::vector<double> counted(std::size_t n, double first) {
  std::vector<double> values(n);
  std::iota(values.begin(), values.end(), first);
  return values;
}

class SinePanels {
 public:
  void add(const NamedArrays& file, std::size_t network) {
    const auto frequency = file.values("sine/frequency");
    const auto linear = file.values("sine/linear_frequency"),
               magnitude = file.values("sine/magnitude");
    std::vector<double> ratio(frequency.size());
    std::transform(linear.begin(), linear.end(), frequency.begin(), ratio.begin(),
                   std::divides<>());
    add_curve(frequencies_, network, frequency, linear, median(ratio));
    add_curve(magnitudes_, network, frequency, magnitude, median(magnitude));
    if (frequency.empty()) return;
    lowest_ = std::min(lowest_, frequency.front());
    highest_ = std::max(highest_, frequency.back());
  }
  Json all() {
    const std::vector<double> ends = {lowest_, highest_};
    frequencies_["reference"] = {{"name", "the same"}, {"x", ends}, {"y", ends}};
    magnitudes_["reference"] = {
        {"name", "neither grows nor decays"}, {"x", ends}, {"y", {1.0, 1.0}}};
    return {frequencies_, magnitudes_};
  }

 private:
  Json frequencies_ =
      panel("frequency of the linearization", "commanded frequency (cycles per step)",
            "arg lambda / 2 pi", "markers",
            "Each mark is the fixed point under one command: its leading complex eigenvalue.",
            "median ratio to the commanded frequency");
  Json magnitudes_ = panel(
      "magnitude of the oscillating mode", "commanded frequency (cycles per step)", "|lambda|",
      "markers", "Above 1 the fixed point is unstable, and the network oscillates round it.",
      "median magnitude");
  double lowest_ = 1, highest_ = 0;
};

class ContextPanels {
 public:
  void add(const NamedArrays& file, std::size_t network) {
    for (int k = 0; file.has_group(fmt::format("context/context_{}", k)); ++k) {
      const NamedArrays context = file.group(fmt::format("context/context_{}", k));
      auto sorted = context.values("magnitudes");
      sorted.resize(std::min<std::size_t>(sorted.size(), kMostModes));
      const auto n_slow = std::count_if(sorted.begin(), sorted.end(),
                                        [](double magnitude) { return magnitude > kSlow; });
      add_curve(magnitudes_, network, counted(sorted.size(), 1), sorted,
                static_cast<double>(n_slow));
      const Matrix responses = context.matrix("responses");
      if (responses.rows() == 0) continue;
      // After 1 step, 5 steps, and the last one, when an unstable mode has outgrown all others.
      const Vector response = responses.row(std::min<Index>(1, responses.rows() - 1))
                                  .head(std::min(kMostModes + 1, responses.cols()));
      add_curve(responses_, network, counted(static_cast<std::size_t>(response.size()), 0),
                {response.begin(), response.end()}, response[response.size() - 1]);
      const double relevant = context.scalar("relevant"), other = context.scalar("irrelevant");
      add_curve(selection_, network, {other}, {relevant}, relevant / other);
    }
  }
  Json all() const { return {magnitudes_, responses_, selection_}; }

 private:
  Json magnitudes_ = panel("eigenvalues along the line attractors", "mode", "|lambda|", "lines",
                           "Sorted magnitudes, the mean over the slow states of a context.",
                           "modes with a magnitude above 0.9");
  Json responses_ = panel("what the leading modes give", "modes kept", "response", "lines",
                          "Readout five steps after one unit of the relevant "
                          "stream, by the k leading modes of the linearization alone.",
                          "response with all modes");
  Json selection_ = panel("what the leading mode takes in", "of the other streams",
                          "of the relevant stream", "markers",
                          "|l B e| of the leading left eigenvector l, the mean along a line "
                          "attractor; a mark for each network and context.",
                          "ratio of the relevant to the other streams");
};

}  // namespace

Json task_panels(const std::string& folder, const Plan& plan, const std::string& task,
                 const std::map<std::size_t, std::size_t>& place) {
  SinePanels sine;
  ContextPanels context;
  if (task != "sine" && task != "context-integration") return Json::array();
  for (const auto& entry : place) {
    const std::size_t unit = entry.first, network = entry.second;
    const std::string path = unit_path(folder, plan.units[unit].key);
    const NamedArrays file = results::read_result(path);
    results::reading(path, [&] {
      if (task == "sine")
        sine.add(file, network);
      else
        context.add(file, network);
    });
  }
  std::vector<const Unit*> networks;
  for (const auto& [unit, network] : place) {
    if (networks.size() <= network) networks.resize(network + 1, nullptr);
    networks[network] = &plan.units[unit];
  }
  Json panels = task == "sine" ? sine.all() : context.all();
  for (Json& one : panels) add_medians(one, networks);
  return panels;
}

}  // namespace nullcline::studies
