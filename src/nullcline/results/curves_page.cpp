// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/curves_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

using report::LinePanel;

constexpr Index kShownSteps = 1000;
constexpr Index kMaxOutputs = 4;

std::vector<double> counted_to(Index n) {
  std::vector<double> steps(static_cast<std::size_t>(n));
  std::iota(steps.begin(), steps.end(), 0.0);
  return steps;
}

LinePanel::Line column(const std::string& name, const Matrix& rows, Index k) {
  const Index n = std::min(rows.rows(), kShownSteps);
  const Vector values = rows.col(k).head(n);
  return {name, counted_to(n), {values.begin(), values.end()}, false, {}};
}

std::vector<LinePanel> online_panels(const NamedArrays& file) {
  const std::vector<double> steps = file.values("update_steps"), error = file.values("error"),
                            norm = file.values("weight_norm");
  const Matrix outputs = file.matrix("train_outputs"), tested = file.matrix("test_outputs"),
               targets = file.matrix("test_targets");
  if (error.size() != steps.size() || norm.size() != steps.size())
    throw FormatError(
        fmt::format("arrays 'error' and 'weight_norm' have {} and {} values, "
                    "expected {} as 'update_steps'",
                    error.size(), norm.size(), steps.size()));
  if (targets.rows() != tested.rows() || targets.cols() != tested.cols() ||
      outputs.cols() != tested.cols())
    throw FormatError(
        "arrays 'train_outputs', 'test_outputs' and 'test_targets' do not fit together");
  const Index n_outputs = std::min(outputs.cols(), kMaxOutputs);
  std::vector<LinePanel> panels(3);
  panels[0] = {"step of training", "outputs", false, false, {}};
  for (Index k = 0; k < n_outputs; ++k)
    panels[0].lines.push_back(column(fmt::format("output {}", k + 1), outputs, k));
  panels[1] = {"step of training", "error", true, false, {{"error", steps, error, false, {}}}};
  panels[2] = {
      "step of training", "weight norm", false, false, {{"weight norm", steps, norm, false, {}}}};
  for (Index k = 0; k < n_outputs; ++k) {
    LinePanel panel{"step of the closed loop", fmt::format("output {}", k + 1), false, false, {}};
    panel.lines.push_back(column("target", targets, k));
    panel.lines.back().is_target = true;
    panel.lines.push_back(column(panel.y_label, tested, k));
    panels.push_back(std::move(panel));
  }
  return panels;
}

std::optional<report::PageContent> online_page(const std::string& path, const std::string& title) {
  const NamedArrays file = read_result(path);
  if (text_or_empty(file.attributes, kKindAttribute) != kTrainedNetwork || !file.has("weight_norm"))
    return std::nullopt;
  report::PageContent page;
  const std::string name = std::filesystem::path(path).stem().string();
  page.title = title.empty() ? "Online training of " + name : title;
  page.plots.heading = "Training";
  page.plots.caption =
      "From the top: the outputs at the beginning of training, the mean square error before each "
      "update, the norm of the readout weights, and the closed loop after training (solid) with "
      "its targets (dotted).";
  page.plots.panels = reading(path, [&] { return online_panels(file); });
  for (const char* key : {"task", "termination"})
    page.summary.emplace_back(key, text_or_empty(file.attributes, key));
  page.provenance.emplace_back("command", text_or_empty(file.attributes, "command"));
  return page;
}

}  // namespace

std::optional<report::PageContent> curves_page(const std::vector<std::string>& paths,
                                               const std::string& title) {
  if (paths.size() == 1) return online_page(paths[0], title);
  if (paths.empty()) return std::nullopt;
  report::PageContent page;
  page.title = title.empty() ? fmt::format("Learning curves of {} networks", paths.size()) : title;
  for (const std::string& path : paths) {
    const NamedArrays file = read_result(path);
    if (text_or_empty(file.attributes, kKindAttribute) != kTrainedNetwork) return std::nullopt;
    const std::string name = std::filesystem::path(path).stem().string();
    const char* const losses = file.has("loss") ? "loss" : "error";  // trained online
    page.curves.push_back({name, reading(path, [&] { return file.values(losses); })});
    page.provenance.emplace_back(name + ": command", text_or_empty(file.attributes, "command"));
  }
  return page;
}

}  // namespace nullcline::results
