// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/internal/assets.hpp"

// The symbols come from a generated assembler file; each pair brackets the bytes of one file.
extern "C" {
extern const char nullcline_asset_page_html[];
extern const char nullcline_asset_page_html_end[];
extern const char nullcline_asset_page_css[];
extern const char nullcline_asset_page_css_end[];
extern const char nullcline_asset_page_js[];
extern const char nullcline_asset_page_js_end[];
extern const char nullcline_asset_portrait_html[];
extern const char nullcline_asset_portrait_html_end[];
extern const char nullcline_asset_portrait_js[];
extern const char nullcline_asset_portrait_js_end[];
extern const char nullcline_asset_diagram_html[];
extern const char nullcline_asset_diagram_html_end[];
extern const char nullcline_asset_diagram_js[];
extern const char nullcline_asset_diagram_js_end[];
extern const char nullcline_asset_evolution_html[];
extern const char nullcline_asset_evolution_html_end[];
extern const char nullcline_asset_evolution_js[];
extern const char nullcline_asset_evolution_js_end[];
extern const char nullcline_asset_plotly_js_gz[];
extern const char nullcline_asset_plotly_js_gz_end[];
extern const char nullcline_asset_licenses_txt[];
extern const char nullcline_asset_licenses_txt_end[];
extern const char nullcline_asset_gallery_html[];
extern const char nullcline_asset_gallery_html_end[];
extern const char nullcline_asset_gallery_css[];
extern const char nullcline_asset_gallery_css_end[];
}

namespace nullcline::report::internal {

std::string_view page_html() { return {nullcline_asset_page_html, nullcline_asset_page_html_end}; }
std::string_view page_css() { return {nullcline_asset_page_css, nullcline_asset_page_css_end}; }
std::string_view page_js() { return {nullcline_asset_page_js, nullcline_asset_page_js_end}; }
std::string_view portrait_html() {
  return {nullcline_asset_portrait_html, nullcline_asset_portrait_html_end};
}
std::string_view portrait_js() {
  return {nullcline_asset_portrait_js, nullcline_asset_portrait_js_end};
}
std::string_view diagram_html() {
  return {nullcline_asset_diagram_html, nullcline_asset_diagram_html_end};
}
std::string_view diagram_js() {
  return {nullcline_asset_diagram_js, nullcline_asset_diagram_js_end};
}
std::string_view evolution_html() {
  return {nullcline_asset_evolution_html, nullcline_asset_evolution_html_end};
}
std::string_view evolution_js() {
  return {nullcline_asset_evolution_js, nullcline_asset_evolution_js_end};
}
std::string_view plotly_js_gz() {
  return {nullcline_asset_plotly_js_gz, nullcline_asset_plotly_js_gz_end};
}
std::string_view licenses_txt() {
  return {nullcline_asset_licenses_txt, nullcline_asset_licenses_txt_end};
}
std::string_view gallery_html() {
  return {nullcline_asset_gallery_html, nullcline_asset_gallery_html_end};
}
std::string_view gallery_css() {
  return {nullcline_asset_gallery_css, nullcline_asset_gallery_css_end};
}

}  // namespace nullcline::report::internal
