// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/evolution_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/report/internal/assets.hpp"
#include "nullcline/report/internal/encode.hpp"

namespace nullcline::report {

namespace {

using evolution::Event;
using evolution::EventType;
using evolution::Evolution;
using evolution::Snapshot;
using fixed_points::Completeness;
using nlohmann::ordered_json;

constexpr std::size_t kMaxBytes = 8'000'000;

std::string floats(const Matrix& values) {
  return internal::base64_floats({values.data(), static_cast<std::size_t>(values.size())});
}

ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : nullptr; }

std::string plural(std::ptrdiff_t n, const char* noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

ordered_json snapshot_json(const Snapshot& snapshot, const Matrix& points) {
  ordered_json list = ordered_json::array();
  for (const evolution::Point& point : snapshot.points)
    list.push_back({{"track", point.track},
                    {"kind", "fixed"},
                    {"n_unstable", point.n_unstable},
                    {"stability", name_of(point.stability)},
                    {"verdict", name_of(point.verdict)},
                    {"readout", std::vector<double>(point.readout.begin(), point.readout.end())}});
  return {{"step", snapshot.step},
          {"points", std::move(list)},
          {"places", floats(points)},
          {"index_sum", snapshot.index_sum},
          {"unseen", snapshot.unseen_estimate},
          {"completeness", name_of(snapshot.completeness)}};
}

ordered_json event_json(const Event& event) {
  return {{"type", name_of(event.type)},
          {"track", event.track},
          {"snapshot", event.snapshot},
          {"step", number(event.step)},
          {"partner", event.partner < 0 ? ordered_json() : ordered_json(event.partner)},
          {"before",
           event.n_unstable_before < 0 ? ordered_json() : ordered_json(event.n_unstable_before)},
          {"after",
           event.n_unstable_after < 0 ? ordered_json() : ordered_json(event.n_unstable_after)}};
}

std::string data_json(const EvolutionPage& page) {
  ordered_json snapshots = ordered_json::array(), events = ordered_json::array();
  for (std::size_t k = 0; k < page.points.size(); ++k)
    snapshots.push_back(snapshot_json(page.evolution.snapshots[k], page.points[k]));
  for (const Event& event : page.evolution.events) events.push_back(event_json(event));
  ordered_json trajectories = ordered_json::array();
  for (const Matrix& rows : page.trajectories) trajectories.push_back(floats(rows));
  return internal::script_json(ordered_json{{"labels", page.labels},
                                            {"snapshots", std::move(snapshots)},
                                            {"trajectories", std::move(trajectories)},
                                            {"events", std::move(events)}});
}

std::string definitions(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string html;
  for (const auto& [term, value] : entries)
    html += "<div><dt>" + internal::escape_html(term) + "</dt><dd>" + internal::escape_html(value) +
            "</dd></div>\n";
  return html;
}

std::string count_text(const Snapshot& snapshot) {
  const auto n_stable = std::count_if(snapshot.points.begin(), snapshot.points.end(),
                                      [](const auto& point) { return point.n_unstable == 0; });
  return fmt::format("{} ({} stable)",
                     plural(static_cast<std::ptrdiff_t>(snapshot.points.size()), "fixed point"),
                     n_stable);
}

}  // namespace

std::string evolution_verdict(const Evolution& evolution) {
  const auto count = [&](EventType type) {
    return std::count_if(evolution.events.begin(), evolution.events.end(),
                         [type](const Event& event) { return event.type == type; });
  };
  const auto n_open =
      std::count_if(evolution.snapshots.begin(), evolution.snapshots.end(),
                    [](const auto& one) { return one.completeness != Completeness::statistical; });
  std::string text = fmt::format(
      "From {} at step {:g} to {} at step {:g}: {}, {}, {} of stability.",
      count_text(evolution.snapshots.front()), evolution.snapshots.front().step,
      count_text(evolution.snapshots.back()), evolution.snapshots.back().step,
      plural(count(EventType::birth), "birth"), plural(count(EventType::death), "death"),
      plural(count(EventType::stability), "change"));
  if (n_open > 0)
    text += fmt::format(" In {} of {} snapshots the counts are lower bounds.", n_open,
                        evolution.snapshots.size());
  return text;
}

std::string render_evolution(const EvolutionPage& page) {
  NULLCLINE_ASSERT(page.points.size() == page.evolution.snapshots.size() && !page.points.empty());
  const std::string title = internal::escape_html(page.title);
  const std::string verdict = internal::escape_html(evolution_verdict(page.evolution));
  const std::string summary = definitions(page.summary), provenance = definitions(page.provenance);
  const std::string licenses = internal::escape_html(internal::licenses_txt());
  const std::string plotly = internal::base64(internal::plotly_js_gz()), data = data_json(page);
  std::string html =
      internal::fill_template(internal::evolution_html(), {{"title", title},
                                                           {"verdict", verdict},
                                                           {"summary", summary},
                                                           {"provenance", provenance},
                                                           {"licenses", licenses},
                                                           {"css", internal::page_css()},
                                                           {"js", internal::evolution_js()},
                                                           {"plotly", plotly},
                                                           {"data", data}});
  if (html.size() > kMaxBytes)
    throw InvalidInput(
        fmt::format("page: found {} bytes, expected at most {}; fewer snapshots "
                    "make it smaller",
                    html.size(), kMaxBytes));
  return html;
}

}  // namespace nullcline::report
