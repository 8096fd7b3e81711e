// SPDX-License-Identifier: BSD-3-Clause
// Recipes: how a published figure is computed again, and the numbers that must come out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nullcline::interchange {

/// What JSON holds at the end of a path; true, false and null as text.
using RecipeValue = std::variant<double, std::string>;

/// A number that must come out: of the values that `path` selects in the JSON document of the
/// command `command`, each must be the one of `expect` in the same place, within `tolerance`
/// (absolute up to 1, relative above), or within the bounds; and there must be `count` of them.
struct RecipeCheck {
  std::string command, path;
  std::vector<RecipeValue> expect;
  double tolerance = 0;
  std::optional<double> at_least, at_most;
  std::optional<int> count;
  int digits = 10;  ///< significant digits, where the values are written out
};

/// One row of the table: what a paper says, what comes out, whether the two agree.
struct RecipeClaim {
  std::string paper, found, agree;  ///< `found` has {0}, {1}, ... for the values of the checks,
                                    ///< {0#}, ... for how many there are
  std::vector<RecipeCheck> checks;
};

/// One command line of ours, without the name of the program. `{folder}` stands for the recipe's.
struct RecipeCommand {
  std::string name;
  std::vector<std::string> arguments;
};

struct Recipe {
  std::string title, paper;
  double seconds = 0;  ///< of one core, as measured
  std::vector<RecipeCommand> commands;
  std::vector<RecipeClaim> claims;
  std::vector<std::string> figures;  ///< files that the commands write
};

/// Reads a recipe from its TOML text; `name` stands in messages.
/// @throws FormatError with line and column.
Recipe parse_recipe(const std::string& text, const std::string& name);
Recipe read_recipe(const std::string& path);

}  // namespace nullcline::interchange
