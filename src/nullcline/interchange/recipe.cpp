// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/internal/model_toml.hpp"
#include "nullcline/io/atomic_file.hpp"

namespace nullcline::interchange {

namespace {

using internal::Complaint;
using internal::entries_of;
using internal::Entry;
using internal::kind_of;
using internal::number_of;
using internal::text_of;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

class RecipeReader {
 public:
  RecipeReader(const toml::table& root, const std::string& name) : root_(root), complain_(name) {}

  Recipe read() {
    Recipe recipe;
    each(root_, "a recipe", [&](const Entry& entry) {
      if (entry.name == "title") {
        recipe.title = text(entry);
      } else if (entry.name == "paper") {
        recipe.paper = text(entry);
      } else if (entry.name == "seconds") {
        recipe.seconds = number(entry);
      } else if (entry.name == "figures") {
        for (const RecipeValue& value : values(entry)) {
          if (!std::holds_alternative<std::string>(value))
            complain_.at(*entry.value, "figures: found a number, expected names of files");
          recipe.figures.push_back(std::get<std::string>(value));
        }
      } else if (entry.name == "commands") {
        for (const toml::table* table : tables(entry)) recipe.commands.push_back(command(*table));
      } else if (entry.name == "claims") {
        for (const toml::table* table : tables(entry))
          recipe.claims.push_back(claim(*table, recipe));
      } else {
        return false;
      }
      return true;
    });
    if (recipe.commands.empty()) complain_.at(root_, "found no [[commands]], expected one or more");
    return recipe;
  }

 private:
  // `take` says whether it knows the key.
  void each(const toml::table& table, const char* what,
            const std::function<bool(const Entry&)>& take) const {
    for (const Entry& entry : entries_of(table))
      if (!take(entry))
        complain_.at(entry.place, fmt::format("{}: unknown key in {}", entry.name, what));
  }

  std::string text(const Entry& entry) const {
    return text_of(*entry.value, entry.name, complain_);
  }
  double number(const Entry& entry) const { return number_of(*entry.value, entry.name, complain_); }
  int whole(const Entry& entry) const {
    const double value = number(entry);
    if (!(value >= 0 && value <= 1e6) || value != std::floor(value))
      complain_.at(*entry.value, fmt::format("{}: found {}, expected a whole number from 0 to "
                                             "1000000",
                                             entry.name, value));
    return static_cast<int>(value);
  }

  std::vector<const toml::table*> tables(const Entry& entry) const {
    std::vector<const toml::table*> result;
    if (const toml::array* array = entry.value->as_array())
      for (const toml::node& node : *array)
        if (node.is_table()) result.push_back(node.as_table());
    const toml::array* array = entry.value->as_array();
    if (array == nullptr || result.size() != array->size())
      complain_.at(*entry.value, fmt::format("{}: found {}, expected tables, [[{}]]", entry.name,
                                             kind_of(*entry.value), entry.name));
    return result;
  }

  RecipeValue value(const toml::node& node, const std::string& what) const {
    if (node.is_string()) return node.as_string()->get();
    if (node.is_boolean()) return std::string(node.as_boolean()->get() ? "true" : "false");
    return number_of(node, what, complain_);
  }
  std::vector<RecipeValue> values(const Entry& entry) const {
    std::vector<RecipeValue> result;
    if (const toml::array* array = entry.value->as_array())
      for (const toml::node& node : *array) result.push_back(value(node, entry.name));
    else
      result.push_back(value(*entry.value, entry.name));
    return result;
  }

  RecipeCommand command(const toml::table& table) const {
    RecipeCommand result;
    each(table, "[[commands]]", [&](const Entry& entry) {
      if (entry.name == "name") {
        result.name = text(entry);
      } else if (entry.name == "run") {
        std::istringstream words(text(entry));
        for (std::string word; words >> word;) result.arguments.push_back(word);
      } else {
        return false;
      }
      return true;
    });
    if (result.arguments.empty())
      complain_.at(table, "[[commands]]: found no run, expected the arguments of a command");
    return result;
  }

  RecipeClaim claim(const toml::table& table, const Recipe& recipe) const {
    RecipeClaim result;
    each(table, "[[claims]]", [&](const Entry& entry) {
      if (entry.name == "paper") {
        result.paper = text(entry);
      } else if (entry.name == "found") {
        result.found = text(entry);
      } else if (entry.name == "agree") {
        result.agree = text(entry);
      } else if (entry.name == "checks") {
        for (const toml::table* check_table : tables(entry))
          result.checks.push_back(check(*check_table, recipe));
      } else {
        return false;
      }
      return true;
    });
    if (result.checks.empty()) complain_.at(table, "[[claims]]: found no checks, expected some");
    return result;
  }

  RecipeCheck check(const toml::table& table, const Recipe& recipe) const {
    RecipeCheck result;
    each(table, "checks", [&](const Entry& entry) {
      if (entry.name == "of") {
        result.command = text(entry);
      } else if (entry.name == "path") {
        result.path = text(entry);
      } else if (entry.name == "expect") {
        result.expect = values(entry);
      } else if (entry.name == "tolerance") {
        result.tolerance = number(entry);
      } else if (entry.name == "at_least") {
        result.at_least = number(entry);
      } else if (entry.name == "at_most") {
        result.at_most = number(entry);
      } else if (entry.name == "count") {
        result.count = whole(entry);
      } else if (entry.name == "digits") {
        result.digits = std::clamp(whole(entry), 1, 17);
      } else {
        return false;
      }
      return true;
    });
    const bool is_known =
        std::any_of(recipe.commands.begin(), recipe.commands.end(),
                    [&](const RecipeCommand& command) { return command.name == result.command; });
    if (!is_known)
      complain_.at(table, fmt::format("of: found '{}', expected the name of a command above",
                                      result.command));
    if (result.expect.empty() && !result.at_least && !result.at_most && !result.count)
      complain_.at(table,
                   "checks: found nothing to compare with, expected expect, at_least, "
                   "at_most or count");
    return result;
  }

  const toml::table& root_;
  Complaint complain_;
};

}  // namespace

Recipe parse_recipe(const std::string& text, const std::string& name) {
  const toml::table root = internal::parse_toml(text, name);
  return RecipeReader(root, name).read();
}

Recipe read_recipe(const std::string& path) {
  return parse_recipe(io::read_text(path, kMostBytes), path);
}

}  // namespace nullcline::interchange
