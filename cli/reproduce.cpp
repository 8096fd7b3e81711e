// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "child_process.hpp"
#include "interrupt.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/reproductions/judge.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

namespace fs = std::filesystem;
using interchange::Recipe;
using interchange::RecipeClaim;
using interchange::RecipeCommand;
using interchange::RecipeValue;
using nlohmann::ordered_json;
using reproductions::ClaimOutcome;
using reproductions::Document;

constexpr const char* kRecipeFile = "recipe.toml";

struct ReproduceOptions {
  std::string output;
  bool quiet = false, json = false, list = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("output", self.output, "the folder to write to; default: the figure's name");
    field("quiet", self.quiet, "no progress");
    field("json", self.json, "print the result as one JSON document");
    field("list", self.list, "name the recipes and stop");
  }
};

/// Where recipes are looked for: what the environment says, beside the installed command, in the
/// sources that this command was built from.
std::vector<fs::path> example_folders() {
  std::vector<fs::path> folders;
  if (const char* given = std::getenv("NULLCLINE_EXAMPLES")) folders.emplace_back(given);
  folders.push_back(this_program().parent_path().parent_path() / "share/nullcline/examples");
  folders.emplace_back(NULLCLINE_EXAMPLES_FOLDER);
  return folders;
}

bool is_recipe(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / kRecipeFile, error);
}

// By number where names end in one: fig-2 before fig-10.
bool comes_before(const fs::path& a, const fs::path& b) {
  const std::string x = a.string(), y = b.string();
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

/// The folder itself, or those in it and below.
std::vector<fs::path> recipes_in(const fs::path& folder) {
  std::error_code error;
  if (is_recipe(folder)) return {folder};
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->is_directory(error) && is_recipe(entry->path())) found.push_back(entry->path());
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return a.parent_path() != b.parent_path() ? a < b : comes_before(a, b);
  });
  return found;
}

std::vector<fs::path> find_recipes(const std::string& name) {
  std::vector<fs::path> places = {name};
  for (const fs::path& folder : example_folders()) places.push_back(folder / name);
  for (const fs::path& place : places)
    if (const auto found = recipes_in(place); !found.empty()) return found;
  throw InvalidInput(fmt::format(
      "{}: found no recipe of this name, expected a folder with a {}, or one of nullcline "
      "reproduce --list",
      name, kRecipeFile));
}

struct Reproduction {
  fs::path folder;
  Recipe recipe;
  std::vector<ClaimOutcome> outcomes;
  double seconds = 0;
  bool holds() const {
    return std::all_of(outcomes.begin(), outcomes.end(),
                       [](const ClaimOutcome& outcome) { return outcome.holds; });
  }
};

std::string name_of(const fs::path& folder) {
  return (folder.parent_path().filename() / folder.filename()).generic_string();
}

class Reproduce {
 public:
  explicit Reproduce(CLI::App& app) : settings_(app) {
    app.add_option("recipe", name_, "a paper or one of its figures, or a folder with a recipe.toml")
        ->option_text("NAME");
    settings_.add_table("", "Run", option_fields(options_));
  }
  int run();

 private:
  Reproduction reproduce(const fs::path& folder, const fs::path& output,
                         const InterruptGuard& interrupt) const;
  void print_list() const;
  void print_results(const std::vector<Reproduction>& results) const;

  std::string name_;
  ReproduceOptions options_;
  Settings settings_;
};

// Runs the commands one after the other in the folder of results.
Reproduction Reproduce::reproduce(const fs::path& folder, const fs::path& output,
                                  const InterruptGuard& interrupt) const {
  const auto start = std::chrono::steady_clock::now();
  Reproduction result{folder, interchange::read_recipe((folder / kRecipeFile).string()), {}, 0};
  std::map<std::string, Document> documents;
  for (const RecipeCommand& command : result.recipe.commands) {
    std::vector<std::string> arguments;
    for (std::string word : command.arguments) {
      if (const auto place = word.find("{folder}"); place != std::string::npos)
        word.replace(place, 8, folder.string());
      arguments.push_back(word);
    }
    if (!options_.quiet)
      print_note(
          fmt::format("{}: nullcline {}", name_of(folder), fmt::join(command.arguments, " ")));
    const ChildOutput done = run_this_program(arguments, output);
    if (interrupt.signal() != 0) return result;
    if (done.exit_code != kDone)
      throw FormatError(fmt::format(
          "{}: the command '{}' ended with exit code {}; its message "
          "stands above",
          (folder / kRecipeFile).string(), fmt::join(command.arguments, " "), done.exit_code));
    if (command.name.empty()) continue;
    try {
      documents.emplace(command.name, Document(done.text));
    } catch (const InvalidInput& error) {
      throw FormatError(
          fmt::format("{}: {}: {}", (folder / kRecipeFile).string(), command.name, error.what()));
    }
  }
  try {
    for (const RecipeClaim& claim : result.recipe.claims)
      result.outcomes.push_back(judge(claim, documents));
  } catch (const InvalidInput& error) {
    throw FormatError(fmt::format("{}: {}", (folder / kRecipeFile).string(), error.what()));
  }
  io::write_text((output / "claims.md").string(),
                 fmt::format("# {}\n\n{}\n", result.recipe.title,
                             markdown_table(result.recipe.claims, result.outcomes)));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

ordered_json to_json(const RecipeValue& value) {
  return std::visit([](const auto& x) { return ordered_json(x); }, value);
}

ordered_json to_json(const Reproduction& result) {
  ordered_json document = {{"recipe", name_of(result.folder)}, {"title", result.recipe.title},
                           {"paper", result.recipe.paper},     {"reproduced", result.holds()},
                           {"seconds", result.seconds},        {"figures", result.recipe.figures},
                           {"claims", ordered_json::array()}};
  for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
    const RecipeClaim& claim = result.recipe.claims[i];
    const ClaimOutcome& outcome = result.outcomes[i];
    ordered_json checks = ordered_json::array();
    for (std::size_t k = 0; k < outcome.checks.size(); ++k) {
      ordered_json values = ordered_json::array();
      for (const auto& value : outcome.checks[k].values) values.push_back(to_json(value));
      checks.push_back(
          {{"path", claim.checks[k].path}, {"found", values}, {"holds", outcome.checks[k].holds}});
    }
    document["claims"].push_back({{"paper", claim.paper},
                                  {"found", outcome.found},
                                  {"agree", claim.agree},
                                  {"holds", outcome.holds},
                                  {"checks", checks}});
  }
  return document;
}

void Reproduce::print_list() const {
  for (const fs::path& folder : example_folders()) {
    const auto found = recipes_in(folder);
    if (found.empty()) continue;
    for (const fs::path& path : found) {
      const Recipe recipe = interchange::read_recipe((path / kRecipeFile).string());
      print(fmt::format("{:24} {:6.3g} s   {}\n", name_of(path), recipe.seconds, recipe.title));
    }
    return;
  }
}

void Reproduce::print_results(const std::vector<Reproduction>& results) const {
  if (options_.json) {
    ordered_json document = {{"nullcline", version()}, {"reproductions", ordered_json::array()}};
    for (const Reproduction& result : results) document["reproductions"].push_back(to_json(result));
    print(document.dump(2) + "\n");
    return;
  }
  for (const Reproduction& result : results) {
    print(fmt::format("{} ({:.1f} s)\n\n", result.recipe.title, result.seconds));
    for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
      const ClaimOutcome& outcome = result.outcomes[i];
      print(fmt::format("  the paper says   {}\n  we find          {}\n  agree            {}\n\n",
                        result.recipe.claims[i].paper, outcome.found,
                        outcome.holds ? result.recipe.claims[i].agree : "not reproduced here"));
    }
  }
}

int Reproduce::run() {
  settings_.resolve();
  if (settings_.print_config()) {
    print(settings_.to_toml());
    return kDone;
  }
  if (options_.list) {
    print_list();
    return kDone;
  }
  if (name_.empty())
    throw InvalidInput(
        "recipe: found none, expected a name such as jordan-2021/fig-5; --list "
        "names them");
  const std::vector<fs::path> folders = find_recipes(name_);
  const InterruptGuard interrupt;
  std::vector<Reproduction> results;
  for (const fs::path& folder : folders) {
    fs::path output = options_.output.empty() ? name_of(folder) : options_.output;
    if (!options_.output.empty() && folders.size() > 1) output /= folder.filename();
    std::error_code error;
    fs::create_directories(output, error);
    if (error)
      throw InvalidInput(
          fmt::format("--output: cannot make the folder {}: {}", output.string(), error.message()));
    results.push_back(reproduce(fs::absolute(folder).lexically_normal(),
                                fs::absolute(output).lexically_normal(), interrupt));
    if (interrupt.signal() != 0) {
      print_error("interrupted");
      return interrupted_exit_code(interrupt.signal(), false);
    }
  }
  print_results(results);
  bool all_hold = true;
  for (const Reproduction& result : results)
    for (const ClaimOutcome& outcome : result.outcomes)
      for (const auto& check : outcome.checks)
        if (!check.holds) {
          all_hold = false;
          print_error(fmt::format("{}: {}", name_of(result.folder), check.complaint));
        }
  return all_hold ? kDone : kGateFailed;
}

}  // namespace

void add_reproduce(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app =
      root.add_subcommand("reproduce", "compute published figures again, with their numbers");
  app->footer(
      "Exit code 4: a number did not come out as the recipe says.\n"
      "Examples: nullcline reproduce jordan-2021/fig-5\n"
      "          nullcline reproduce jordan-2021 -o figures --json");
  const auto command = std::make_shared<Reproduce>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
