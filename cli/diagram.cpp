// SPDX-License-Identifier: BSD-3-Clause
#include "diagram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nullcline/core/provenance.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/results/portrait_page.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;
using Kind = report::DiagramPage::Kind;

constexpr std::size_t kShownStates = 8;

std::string range_text(const Json& ends) {
  return fmt::format("{:g} to {:g}", ends.front().get<double>(), ends.back().get<double>());
}

std::string plural(std::size_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string branches_verdict(const Json& result) {
  std::size_t n_events = 0;
  for (const Json& branch : result["branches"]) n_events += branch["events"].size();
  std::string text = plural(result["branches"].size(), "branch", "branches") + " with " +
                     plural(n_events, "event", "events");
  if (!result["curves"].empty())
    text += ", and " + plural(result["curves"].size(), "curve", "curves") + " in two parameters";
  const auto& searches = result["searches"];
  const auto n_proven =
      static_cast<std::size_t>(std::count_if(searches.begin(), searches.end(), [](const Json& s) {
        return s["completeness"] == "proven";
      }));
  return text + fmt::format(
                    ". At {} of {} values that were searched the set of points is proven "
                    "to be complete.",
                    n_proven, searches.size());
}

std::string sweep_verdict(const Json& result) {
  std::string names = result["parameters"][0];
  if (result["parameters"].size() > 1) names += " and " + std::string(result["parameters"][1]);
  return fmt::format("{} over {}.", std::string(result["quantity"]), names);
}

}  // namespace

void write_diagram(const std::string& output, Kind kind, const std::string& source,
                   const results::Subject& subject, const std::string& document) {
  const Json result = Json::parse(document);
  const std::string stem = std::filesystem::path(source).stem().string();
  report::DiagramPage page;
  page.kind = kind;
  page.title = (kind == Kind::sweep ? "Sweep of " : "Branches of ") + stem;
  page.verdict = kind == Kind::sweep ? sweep_verdict(result) : branches_verdict(result);
  page.state_names = results::state_names(subject);
  if (page.state_names.size() > kShownStates) page.state_names.resize(kShownStates);
  page.summary.emplace_back("Model", subject.description());
  const Json& ranges = result[kind == Kind::sweep ? "values" : "intervals"];
  for (std::size_t k = 0; k < result["parameters"].size(); ++k)
    page.summary.emplace_back(result["parameters"][k], range_text(ranges[k]));
  page.provenance = {{"source", source},
                     {"nullcline_version", version()},
                     {"configuration", result["configuration"].dump()},
                     {"seconds", result["seconds"].dump()}};
  io::write_text(output, report::render_diagram(page, result));
}

}  // namespace nullcline::cli
