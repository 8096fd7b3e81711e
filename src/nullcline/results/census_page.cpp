// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/census_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nullcline/census/results.hpp"
#include "nullcline/census/sketch.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/report/gallery.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

using census::Census;
using census::Sketch;
using census::Topology;

// From simple to rich.
bool is_simpler(const Topology& a, const Topology& b) {
  const auto key = [](const Topology& t) {
    return std::tuple(t.counts.n_points(), t.counts.n_cycles(), t.counts.points, -t.n_networks,
                      t.name);
  };
  return key(a) < key(b);
}

std::string badge_of(const Census& census, std::size_t i) {
  const census::Records records = census::records_of(census);
  std::string badge;
  const auto add = [&](bool holds, const char* text) {
    if (holds) badge += (badge.empty() ? "most " : ", ") + std::string(text);
  };
  const Topology& topology = census.topologies[i];
  add(i == records.n_points, "fixed points");
  add(i == records.n_sinks && topology.counts.n_sinks() > 0, "sinks");
  add(i == records.n_cycles && topology.counts.n_cycles() > 0, "cycles");
  return badge;
}

std::string ranges_text(const std::vector<census::Range>& ranges) {
  std::string text;
  for (std::size_t i = 0; i < ranges.size();) {
    std::size_t j = i;
    while (j < ranges.size() && ranges[j].lower == ranges[i].lower &&
           ranges[j].upper == ranges[i].upper)
      ++j;
    const std::string name =
        j - i == 1 ? ranges[i].name : fmt::format("{} to {}", ranges[i].name, ranges[j - 1].name);
    text += fmt::format("{}{} in [{}, {}]", text.empty() ? "" : "; ", name, ranges[i].lower,
                        ranges[i].upper);
    i = j;
  }
  return text;
}

}  // namespace

NamedArrays census_to_arrays(const CensusResult& result) {
  NamedArrays file = census::to_arrays(result.census);
  file.set_group("family", result.family.to_arrays());
  file.attributes["is_sample"] = std::int64_t{result.is_sample ? 1 : 0};
  file.attributes["description"] = result.family.description();
  if (result.is_sample)
    file.set_scalar("unseen_estimate", result.census.unseen_estimate(),
                    "topologies that were not met, at least (Chao1)");
  return file;
}

CensusResult census_from_arrays(const NamedArrays& file, const std::string& path) {
  return reading(path, [&] {
    if (text_or_empty(file.attributes, kKindAttribute) != kCensus)
      throw FormatError(path + ": not a census");
    CensusResult result;
    result.census = census::census_from_arrays(file);
    result.family = CensusFamily::from_arrays(file.group("family"), result.census.ranges, path);
    const auto flag = file.attributes.find("is_sample");
    result.is_sample = flag != file.attributes.end() &&
                       std::holds_alternative<std::int64_t>(flag->second) &&
                       std::get<std::int64_t>(flag->second) == 1;
    return result;
  });
}

std::string census_page(const CensusResult& result, const std::string& title,
                        const Progress& progress) {
  const Census& census = result.census;
  std::vector<std::size_t> order(census.topologies.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return is_simpler(census.topologies[a], census.topologies[b]);
  });
  const census::Family family = result.family.family();
  report::GalleryContent content;
  content.title = title;
  content.sketches.resize(order.size());
  constexpr std::size_t kRound = 16;
  for (std::size_t first = 0; first < order.size(); first += kRound) {
    parallel_for(std::min(kRound, order.size() - first), [&](std::size_t k) {
      const Topology& topology = census.topologies[order[first + k]];
      Sketch sketch = make_sketch(*family(topology.values), topology);
      if (result.is_sample && census.n_decided > 0)
        sketch.share =
            static_cast<double>(topology.n_networks) / static_cast<double>(census.n_decided);
      sketch.badge = badge_of(census, order[first + k]);
      sketch.model_text = result.family.model_text(topology.values);
      content.sketches[first + k] = std::move(sketch);
    });
    if (!report_progress(progress, {static_cast<double>(std::min(first + kRound, order.size())),
                                    static_cast<double>(order.size()), "portraits"}))
      return {};
  }
  content.lead = fmt::format(
      "{} topologies of {}. Fixed points and their types are proven, and so is that there are no "
      "others; cycles and connections are computed. Each portrait shows the first network that was "
      "met.",
      census.topologies.size(), result.family.description());
  const std::int64_t n_left = census.n_networks - census.n_decided;
  content.summary = {
      {"Networks", fmt::format("{}", census.n_networks)},
      {"Not decided",
       n_left == 0
           ? "none"
           : fmt::format("{}: {} degenerate, {} near a connection, {} undecided, {} unproven",
                         n_left, census.n_degenerate, census.n_near_connection, census.n_undecided,
                         census.n_unproven)},
      {"Parameters", ranges_text(census.ranges)},
  };
  if (result.is_sample)
    content.summary.insert(
        content.summary.begin() + 1,
        {"Topologies not met, at least", fmt::format("{:.1f} (Chao1)", census.unseen_estimate())});
  return report::render_gallery(content);
}

}  // namespace nullcline::results
