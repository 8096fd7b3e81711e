// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nullcline/interchange/recipe.hpp"
#include "nullcline/reproductions/document.hpp"

namespace nullcline::reproductions {

using interchange::Recipe;
using interchange::RecipeCheck;
using interchange::RecipeClaim;

/// What one check met.
struct CheckOutcome {
  bool holds = false;
  std::vector<RecipeValue> values;  ///< what was found
  std::string complaint;            ///< "" or one line: what was found, what was expected
};

struct ClaimOutcome {
  bool holds = false;  ///< all checks
  std::string found;   ///< the sentence, with the values in their places
  std::vector<CheckOutcome> checks;
};

CheckOutcome judge(const RecipeCheck& check, const Document& document);
/// `documents`: what the commands of the recipe printed, by their names.
/// @throws InvalidInput if a sentence asks for values that no check has, or a path is malformed.
ClaimOutcome judge(const RecipeClaim& claim, const std::map<std::string, Document>& documents);

/// | The paper says | We find | Agree |, one row for each claim, as Markdown.
std::string markdown_table(const std::vector<RecipeClaim>& claims,
                           const std::vector<ClaimOutcome>& outcomes);

}  // namespace nullcline::reproductions
