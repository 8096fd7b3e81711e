// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/diagram_page.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/report/internal/assets.hpp"
#include "nullcline/report/internal/encode.hpp"

namespace nullcline::report {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxBytes = 8'000'000;

std::string definitions(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string html;
  for (const auto& [term, value] : entries)
    html += "<div><dt>" + internal::escape_html(term) + "</dt><dd>" + internal::escape_html(value) +
            "</dd></div>\n";
  return html;
}

void shorten(ordered_json& numbers, std::size_t n) {
  if (numbers.is_array() && numbers.size() > n)
    numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(n), numbers.end());
}

// States with many units would make the page large, and nobody looks at all of them.
void keep_coordinates(ordered_json& branches, std::size_t n) {
  for (ordered_json& branch : branches) {
    for (const char* list : {"state", "min", "max"})
      if (branch.contains(list))
        for (ordered_json& state : branch[list]) shorten(state, n);
    for (ordered_json& event : branch["events"])
      for (const char* name : {"state", "min", "max", "point"})
        if (event.contains(name)) shorten(event[name], n);
  }
}

// The script's word for it, and the reader's.
std::pair<const char*, const char*> kind_of(DiagramPage::Kind kind) {
  switch (kind) {
    case DiagramPage::Kind::sweep:
      return {"sweep", "Nullcline sweep"};
    case DiagramPage::Kind::shape:
      return {"shape", "Nullcline shape of fixed points"};
    case DiagramPage::Kind::study:
      return {"study", "Nullcline population study"};
    default:
      return {"branches", "Nullcline bifurcation diagram"};
  }
}

}  // namespace

std::string render_diagram(const DiagramPage& page, const ordered_json& document) {
  ordered_json shown = document;
  for (const char* list : {"branches", "curves"})
    if (shown.contains(list)) keep_coordinates(shown[list], page.state_names.size());
  const auto [kind, eyebrow] = kind_of(page.kind);
  const std::string data = internal::script_json(
      ordered_json{{"kind", kind}, {"names", page.state_names}, {"document", shown}});
  const std::string title = internal::escape_html(page.title);
  const std::string verdict = internal::escape_html(page.verdict);
  const std::string summary = definitions(page.summary), provenance = definitions(page.provenance);
  const std::string licenses = internal::escape_html(internal::licenses_txt());
  const std::string plotly = internal::base64(internal::plotly_js_gz());
  std::string html =
      internal::fill_template(internal::diagram_html(), {{"title", title},
                                                         {"eyebrow", eyebrow},
                                                         {"verdict", verdict},
                                                         {"summary", summary},
                                                         {"provenance", provenance},
                                                         {"licenses", licenses},
                                                         {"css", internal::page_css()},
                                                         {"js", internal::diagram_js()},
                                                         {"plotly", plotly},
                                                         {"data", data}});
  if (html.size() > kMaxBytes)
    throw InvalidInput(fmt::format(
        "page: found {} bytes, expected at most {}; fewer branches or longer steps make it smaller",
        html.size(), kMaxBytes));
  return html;
}

}  // namespace nullcline::report
