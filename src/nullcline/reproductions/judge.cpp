// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/reproductions/judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::reproductions {

namespace {

std::string text_of(const RecipeValue& value, int digits) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return fmt::format("{:.{}g}", std::get<double>(value), digits);
}

std::string text_of(const std::vector<RecipeValue>& values, int digits) {
  std::vector<std::string> texts;
  for (const RecipeValue& value : values) texts.push_back(text_of(value, digits));
  return texts.empty() ? "nothing" : fmt::format("{}", fmt::join(texts, ", "));
}

bool is_near(const RecipeValue& found, const RecipeValue& expected, double tolerance) {
  if (found.index() != expected.index()) return false;
  if (std::holds_alternative<std::string>(found)) return found == expected;
  const double a = std::get<double>(found), b = std::get<double>(expected);
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

bool is_within(const RecipeValue& found, const RecipeCheck& check) {
  const auto* number = std::get_if<double>(&found);
  return number != nullptr && (!check.at_least || *number >= *check.at_least) &&
         (!check.at_most || *number <= *check.at_most);
}

std::string expectation(const RecipeCheck& check) {
  std::vector<std::string> parts;
  if (!check.expect.empty())
    parts.push_back(fmt::format("{} to {:g}", text_of(check.expect, 17), check.tolerance));
  if (check.at_least) parts.push_back(fmt::format("at least {:.17g}", *check.at_least));
  if (check.at_most) parts.push_back(fmt::format("at most {:.17g}", *check.at_most));
  if (check.count) parts.push_back(fmt::format("{} values", *check.count));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// {0}: the values of the first check, {0#}: how many they are.
std::string fill(const RecipeClaim& claim, const std::vector<CheckOutcome>& outcomes) {
  std::string result;
  std::string_view rest = claim.found;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    result += rest.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::string_view inside = rest.substr(open + 1, rest.find('}', open) - open - 1);
    std::size_t place = outcomes.size();
    const char* const last = inside.data() + inside.size();
    const char* const end = std::from_chars(inside.data(), last, place).ptr;
    const bool is_count = std::string_view(end, last) == "#";
    const bool is_closed = open + 1 + inside.size() < rest.size();
    if (!is_closed || place >= outcomes.size() || (end != last && !is_count))
      throw InvalidInput(
          fmt::format("found: in '{}', expected {{0}} to {{{}}} for the values of the checks, "
                      "{{0#}} for how many there are",
                      claim.found, outcomes.size() - 1));
    const auto& values = outcomes[place].values;
    result +=
        is_count ? fmt::format("{}", values.size()) : text_of(values, claim.checks[place].digits);
    rest.remove_prefix(open + inside.size() + 2);
  }
  return result;
}

}  // namespace

CheckOutcome judge(const RecipeCheck& check, const Document& document) {
  CheckOutcome outcome;
  outcome.values = document.select(check.path);
  const auto& values = outcome.values;
  outcome.holds = !check.count || static_cast<int>(values.size()) == *check.count;
  if (!check.expect.empty())
    outcome.holds = outcome.holds &&
                    std::equal(values.begin(), values.end(), check.expect.begin(),
                               check.expect.end(), [&](const auto& found, const auto& expected) {
                                 return is_near(found, expected, check.tolerance);
                               });
  if (check.at_least || check.at_most)
    outcome.holds = outcome.holds && !values.empty() &&
                    std::all_of(values.begin(), values.end(),
                                [&](const auto& value) { return is_within(value, check); });
  if (!outcome.holds)
    outcome.complaint = fmt::format("{}: {}: found {}, expected {}", check.command, check.path,
                                    text_of(values, 17), expectation(check));
  return outcome;
}

ClaimOutcome judge(const RecipeClaim& claim, const std::map<std::string, Document>& documents) {
  ClaimOutcome outcome;
  for (const RecipeCheck& check : claim.checks) {
    const auto place = documents.find(check.command);
    if (place == documents.end())
      throw InvalidInput(fmt::format("of: found '{}', expected a command that ran", check.command));
    outcome.checks.push_back(judge(check, place->second));
  }
  outcome.holds = std::all_of(outcome.checks.begin(), outcome.checks.end(),
                              [](const CheckOutcome& check) { return check.holds; });
  outcome.found = fill(claim, outcome.checks);
  return outcome;
}

std::string markdown_table(const std::vector<RecipeClaim>& claims,
                           const std::vector<ClaimOutcome>& outcomes) {
  std::string table = "| The paper says | We find | Agree |\n|---|---|---|\n";
  for (std::size_t i = 0; i < claims.size(); ++i)
    table += fmt::format("| {} | {} | {} |\n", claims[i].paper, outcomes[i].found,
                         outcomes[i].holds ? claims[i].agree : "NOT REPRODUCED HERE");
  return table;
}

}  // namespace nullcline::reproductions
