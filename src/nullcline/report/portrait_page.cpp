// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/portrait_page.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/report/internal/assets.hpp"
#include "nullcline/report/internal/encode.hpp"

namespace nullcline::report {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxBytes = 8'000'000;
constexpr std::size_t kFewNumbers = 400;    // are written as text, with all digits
constexpr std::size_t kShownMembers = 100;  // of an ensemble

// What the page draws of the groups; all arrays of the portrait itself are.
constexpr std::array kFromGroups{
    "points/states",  "points/kind",           "points/stability",      "points/n_unstable",
    "points/verdict", "points/eigenvalues_re", "points/eigenvalues_im", "points/speed",
    "cycles/states",  "cycles/cycle_of_point", "cycles/period",         "cycles/stable",
};

bool is_shown(const std::string& name) {
  if (name.find('/') == std::string::npos) return true;
  return std::find(kFromGroups.begin(), kFromGroups.end(), name) != kFromGroups.end();
}

ordered_json array_json(const std::string& name, const NamedArray& array,
                        const NamedArrays& arrays) {
  ordered_json entry{{"shape", array.shape}};
  if (std::holds_alternative<std::vector<std::string>>(array.data)) {
    entry["values"] = arrays.strings(name);
  } else if (std::holds_alternative<std::vector<std::int64_t>>(array.data)) {
    entry["values"] = arrays.integers(name);
  } else {
    std::vector<double> values = arrays.values(name);
    if (name == "ensemble_states" && array.shape[0] > kShownMembers) {
      values.resize(values.size() / array.shape[0] * kShownMembers);
      entry["shape"][0] = kShownMembers;
    }
    if (values.size() <= kFewNumbers)
      entry["values"] = values;
    else
      entry["floats"] = internal::base64_floats(values);
  }
  return entry;
}

std::string text_of(const Attributes& attributes, const char* name) {
  const auto entry = attributes.find(name);
  const auto* text = entry == attributes.end() ? nullptr : std::get_if<std::string>(&entry->second);
  return text ? *text : "";
}

std::string data_json(const PortraitPage& page) {
  ordered_json portraits = ordered_json::array();
  for (const NamedArrays& arrays : page.portraits) {
    ordered_json shown = ordered_json::object();
    for (const auto& [name, array] : arrays.all())
      if (is_shown(name)) shown[name] = array_json(name, array, arrays);
    portraits.push_back({{"time", text_of(arrays.attributes, "time")},
                         {"notes", text_of(arrays.attributes, "notes")},
                         {"arrays", std::move(shown)}});
  }
  return internal::script_json(ordered_json{{"portraits", std::move(portraits)}});
}

std::string definitions(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string html;
  for (const auto& [term, value] : entries)
    html += "<div><dt>" + internal::escape_html(term) + "</dt><dd>" + internal::escape_html(value) +
            "</dd></div>\n";
  return html;
}

}  // namespace

std::string render_portrait(const PortraitPage& page) {
  const std::string title = internal::escape_html(page.title);
  const std::string verdict = internal::escape_html(page.verdict);
  const std::string summary = definitions(page.summary), provenance = definitions(page.provenance);
  const std::string licenses = internal::escape_html(internal::licenses_txt());
  const std::string plotly = internal::base64(internal::plotly_js_gz()), data = data_json(page);
  std::string html =
      internal::fill_template(internal::portrait_html(), {{"title", title},
                                                          {"verdict", verdict},
                                                          {"summary", summary},
                                                          {"provenance", provenance},
                                                          {"licenses", licenses},
                                                          {"css", internal::page_css()},
                                                          {"js", internal::portrait_js()},
                                                          {"plotly", plotly},
                                                          {"data", data}});
  if (html.size() > kMaxBytes)
    throw InvalidInput(fmt::format(
        "page: found {} bytes, expected at most {}; a coarser grid or fewer starts make it smaller",
        html.size(), kMaxBytes));
  return html;
}

}  // namespace nullcline::report
