// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/live_page.hpp"

#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/report/internal/encode.hpp"

namespace nullcline::report {

namespace {

constexpr std::string_view kBegin = R"(<script id="model" type="application/json">)";
constexpr std::string_view kNone = "null</script>";

}  // namespace

std::string render_live(std::string_view explorer, const LiveModel& model) {
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  for (const auto& [name, value] : model.values) values[name] = value;
  nlohmann::ordered_json document{{"title", model.title},
                                  {"text", model.text},
                                  {"values", std::move(values)},
                                  {"time", model.time}};
  document["input"] = std::vector<double>(model.input.begin(), model.input.end());
  if (!model.box.empty()) document["box"] = model.box;

  const std::size_t begin = explorer.find(std::string(kBegin) + std::string(kNone));
  if (begin == std::string_view::npos)
    throw InvalidInput("explorer: found no place for a model, expected " + std::string(kBegin) +
                       std::string(kNone));
  std::string page(explorer);
  return page.replace(begin + kBegin.size(), 4, internal::script_json(document));
}

}  // namespace nullcline::report
