// SPDX-License-Identifier: BSD-3-Clause
// What a page carries beside its data, embedded at build time (cmake/NullclineAssets.cmake).
#pragma once

#include <string_view>

namespace nullcline::report::internal {

std::string_view page_html();       ///< the template
std::string_view page_css();        ///< style sheet
std::string_view page_js();         ///< drawing script
std::string_view portrait_html();   ///< the template of a portrait's page
std::string_view portrait_js();     ///< its drawing script
std::string_view diagram_html();    ///< the template of a diagram's page
std::string_view diagram_js();      ///< its drawing script
std::string_view evolution_html();  ///< the template of the page of an evolution
std::string_view evolution_js();    ///< its drawing script
std::string_view plotly_js_gz();    ///< Plotly, gzip
std::string_view licenses_txt();    ///< notices of what the page contains

std::string_view gallery_html();  ///< template of the gallery of a census
std::string_view gallery_css();

}  // namespace nullcline::report::internal
