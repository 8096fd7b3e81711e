// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nullcline/core/error.hpp"
#include "nullcline/report/internal/assets.hpp"
#include "nullcline/report/internal/encode.hpp"
#include "nullcline/report/internal/payload.hpp"
#include "nullcline/report/verdict.hpp"

namespace nullcline::report {
namespace {

constexpr std::size_t kMaxBytes = 3'000'000;

std::string definitions(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string html;
  for (const auto& [term, value] : entries)
    html += "<div><dt>" + internal::escape_html(term) + "</dt><dd>" + internal::escape_html(value) +
            "</dd></div>\n";
  return html;
}

// A name of a file as a link to it: what is no letter, digit, "-", "_" or "." by its bytes.
std::string link_to(const std::string& name) {
  std::string address;
  for (const char c : name) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
    address += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return address;
}

std::string live_link(const std::string& name) {
  if (name.empty()) return "";
  return fmt::format("<div><dt>With sliders</dt><dd><a href=\"./{}\">{}</a></dd></div>\n",
                     link_to(name), internal::escape_html(name));
}

std::string fill_page(const PageContent& content, std::string_view plotly, std::string_view data) {
  const std::string title = internal::escape_html(content.title);
  const std::string sentence =
      internal::escape_html(content.plots.sentence.empty() ? verdict(content.sets, content.orbits)
                                                           : content.plots.sentence);
  const std::string summary = definitions(content.summary) + live_link(content.live_page);
  const std::string provenance = definitions(content.provenance);
  const std::string licenses = internal::escape_html(internal::licenses_txt());
  return internal::fill_template(internal::page_html(), {{"title", title},
                                                         {"verdict", sentence},
                                                         {"summary", summary},
                                                         {"provenance", provenance},
                                                         {"licenses", licenses},
                                                         {"css", internal::page_css()},
                                                         {"js", internal::page_js()},
                                                         {"plotly", plotly},
                                                         {"data", data}});
}

}  // namespace

std::string render_page(const PageContent& content) {
  internal::check_sizes(content);
  const std::string plotly = internal::base64(internal::plotly_js_gz());
  const std::size_t without_data = fill_page(content, plotly, "").size();
  const std::string data =
      internal::page_data(content, kMaxBytes - std::min(kMaxBytes, without_data));
  return fill_page(content, plotly, data);
}

}  // namespace nullcline::report
