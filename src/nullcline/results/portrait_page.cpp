// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/portrait_page.hpp"

#include <fmt/format.h>

#include <vector>

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/report/portrait_page.hpp"
#include "nullcline/report/verdict.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

constexpr const char* kDiscrete = "discrete";

std::string numbers(const Vector& values) {
  std::string text;
  for (Index i = 0; i < values.size(); ++i)
    text += fmt::format("{}{:g}", i > 0 ? ", " : "", values(i));
  return text;
}

}  // namespace

std::vector<NamedArrays> portraits_of(const NamedArrays& file) {
  std::vector<NamedArrays> portraits{file};
  if (file.has_group(kDiscrete)) portraits.push_back(file.group(kDiscrete));
  return portraits;
}

std::vector<std::string> state_names(const Subject& subject) {
  const models::Network* network = subject.network_or_null();
  if (!network) return subject.model->state_names();
  std::vector<std::string> names;
  const auto add = [&names](const char* letter, Index n) {
    for (Index i = 1; i <= n; ++i) names.push_back(fmt::format("{}{}", letter, i));
  };
  const bool has_cells = network->cell == models::CellKind::lstm && network->upper.empty();
  add("h", has_cells ? network->n_hidden() : network->n_states());
  if (has_cells) add("c", network->n_units());
  return names;
}

std::string portrait_page(const NamedArrays& file, const std::string& title) {
  report::PortraitPage page;
  page.title = title;
  page.portraits = portraits_of(file);
  const std::vector<fixed_points::FixedPointSet> sets =
      fixed_points::fixed_point_sets_from_arrays(file.group("points"));
  if (sets.empty()) throw FormatError("points: no input");
  page.verdict = report::verdict(sets[0]);
  const auto add = [&](const char* term, const std::string& value) {
    if (!value.empty()) page.summary.emplace_back(term, value);
  };
  add("Model", text_or_empty(file.attributes, "description"));
  add("Time", page.portraits.size() > 1 ? "continuous and discrete"
                                        : text_or_empty(file.attributes, "time"));
  const Matrix box = file.matrix("box");
  std::string ranges;
  const std::vector<std::string> names = file.strings("state_name");
  for (std::size_t i = 0; i < names.size(); ++i)
    ranges += fmt::format("{}{} in [{:g}, {:g}]", i > 0 ? "; " : "", names[i],
                          box(0, static_cast<Index>(i)), box(1, static_cast<Index>(i)));
  add("Box", ranges);
  const Vector input = file.vector("input");
  if (input.size() > 0) add("Input", numbers(input));
  if (file.has("noise"))
    add("Noise", fmt::format("standard deviation {:g}, {} trajectories", file.scalar("noise"),
                             file.integers("ensemble_end").size()));
  for (const auto& [name, value] : file.attributes)
    if (const auto* text = std::get_if<std::string>(&value); text && !text->empty())
      page.provenance.emplace_back(name, *text);
  return report::render_portrait(page);
}

}  // namespace nullcline::results
