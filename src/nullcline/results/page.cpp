// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/page.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "nullcline/results/network_text.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

void add_training(report::PageContent& page, const PageSources& sources) {
  if (!sources.trained) return;
  const NamedArrays& file = *sources.trained;
  if (file.has("update_steps")) {  // trained online: there are no validations
    reading(sources.trained_path, [&] { page.training_loss = file.values("error"); });
    page.summary.emplace_back("Task", text_or_empty(file.attributes, "task"));
    page.summary.emplace_back("Training", fmt::format("{} updates", page.training_loss.size()));
    return;
  }
  reading(sources.trained_path, [&] {
    page.training_loss = file.values("loss");
    page.validation_loss = file.values("validation_loss");
    page.validation_accuracy = file.values("validation_accuracy");
    for (std::int64_t iteration : file.integers("validation_iterations"))
      page.validation_iterations.push_back(static_cast<int>(iteration));
  });
  page.summary.emplace_back("Task", text_or_empty(file.attributes, "task"));
  page.summary.emplace_back("Training", fmt::format("{} iterations", page.training_loss.size()));
  if (!page.validation_accuracy.empty())
    page.summary.emplace_back("Accuracy",
                              fmt::format("{:.2f} %", 100 * page.validation_accuracy.back()));
}

std::string attribute_text(const Attribute& attribute) {
  return std::visit(
      [](const auto& value) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
          return value;
        else
          return fmt::format("{}", value);
      },
      attribute);
}

void add_provenance(report::PageContent& page, const std::string& what,
                    const Attributes& attributes) {
  for (const auto& [name, value] : attributes)
    if (name != kKindAttribute && name != "title" && !name.ends_with("fingerprint"))
      page.provenance.emplace_back(what + ": " + name, attribute_text(value));
}

/// In quotes where a shell would take it for more than one word.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-+=:,@";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void add_system(report::PageContent& page, const PageSources& sources) {
  if (!sources.network) {
    page.summary.emplace_back("System",
                              fmt::format("{}, {} states, {} inputs",
                                          page.time == dynamics::Time::discrete ? "map" : "flow",
                                          sources.system->n_states(), sources.system->n_inputs()));
    return;
  }
  page.summary.emplace_back("Network", describe(*sources.network));
  if (!sources.network->verified)
    page.summary.emplace_back("Verified", "not verified: no probe shows that the import is right");
}

/// The command that writes the explorer's page of a small system, which moves while this one rests.
void add_live(report::PageContent& page, const PageSources& sources) {
  constexpr Index kMostStates = 3;
  const models::Network* network = sources.network;
  const bool has_text = !network || (network->n_layers() == 1 && !network->is_projected());
  if (sources.points_path.empty() || sources.system->n_states() > kMostStates || !has_text) return;
  const std::string stem =
      std::filesystem::path(sources.points_path).replace_extension("").string();
  page.summary.emplace_back("With sliders", fmt::format("nullcline portrait {} --live -o {}",
                                                        shell_word(sources.points_path),
                                                        shell_word(stem + ".live.html")));
}

}  // namespace

report::PageContent make_page(const PageSources& sources, Axes first, int mode_point) {
  report::PageContent page;
  page.title = sources.title;
  page.time = sources.system->time();
  add_system(page, sources);
  add_training(page, sources);
  if (sources.visited.origin != "none") page.summary.emplace_back("States", sources.visited.origin);
  add_live(page, sources);
  page.sets = sources.sets;
  page.orbits = sources.orbits;
  for (std::size_t i = 0; i < sources.sets.size(); ++i)
    page.views.push_back(make_views(*sources.system, sources.network, sources.visited,
                                    sources.sets[i], sources.orbits[i], first, mode_point));
  page.graphs = sources.graphs;
  add_provenance(page, "fixed points", sources.points_attributes);
  if (sources.trained) add_provenance(page, "training", sources.trained->attributes);
  if (!sources.graphs.empty()) add_provenance(page, "graph", sources.graph_attributes);
  return page;
}

}  // namespace nullcline::results
