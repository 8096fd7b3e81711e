// SPDX-License-Identifier: BSD-3-Clause
#include "live_page.hpp"

#include <fmt/format.h>

#include <string_view>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_text.hpp"
#include "nullcline/report/live_page.hpp"

// The bytes of the page; none in a build without it.
extern "C" {
extern const char nullcline_asset_explorer_html[];
extern const char nullcline_asset_explorer_html_end[];
}

namespace nullcline::cli {

namespace {

constexpr Index kMostStates = 3;

std::string_view explorer_html() {
  return {nullcline_asset_explorer_html, nullcline_asset_explorer_html_end};
}

/// The parameters whose values are not those of the text.
interchange::ParameterValues changed_values(const interchange::Model& model) {
  const interchange::ParameterValues own =
      interchange::Model::parse(model.text(), "model").parameters();
  interchange::ParameterValues changed;
  const interchange::ParameterValues values = model.parameters();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != own[i]) changed.push_back(values[i]);
  return changed;
}

}  // namespace

void check_live(const std::string& output) {
  if (output.empty())
    throw InvalidInput("--live: found no --output, expected a page whose name ends in .html");
  if (!output.ends_with(".html"))
    throw InvalidInput(
        fmt::format("--live: found output {}, expected a page whose name ends in .html", output));
  if (explorer_html().empty())
    throw InvalidInput(
        "--live: found a build without the explorer, expected one with it: install emscripten and "
        "zopfli (script/setup does), then cmake --preset release and build again");
}

std::string live_page(const results::Subject& subject, const std::string& path,
                      const std::string& title, ConstVectorRef input, const NumberRows& box) {
  const Index n_states = subject.make_system()->n_states();
  if (n_states > kMostStates)
    throw InvalidInput(fmt::format("{}: found {} states, expected 1 to 3", path, n_states));
  report::LiveModel live{title, {}, {}, std::string(name_of(subject.time())), input, box};
  if (subject.model) {
    live.text = subject.model->text();
    live.values = changed_values(*subject.model);
  } else {
    try {
      live.text = interchange::model_text(*subject.network, subject.time());
    } catch (const InvalidInput& error) {
      throw InvalidInput(fmt::format("{}: {}", path, error.what()));
    }
  }
  return report::render_live(explorer_html(), live);
}

}  // namespace nullcline::cli
