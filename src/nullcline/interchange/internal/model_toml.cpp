// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/internal/model_toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>

#include "nullcline/core/error.hpp"

namespace nullcline::interchange::internal {

std::vector<Entry> entries_of(const toml::table& table) {
  std::vector<Entry> entries;
  for (const auto& [key, node] : table)
    entries.push_back({std::string(key.str()), key.source().begin, &node});
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  return entries;
}

void Complaint::at(const toml::source_position& place, const std::string& message) const {
  if (place.line == 0) throw FormatError(fmt::format("{}: {}", name_, message));
  throw FormatError(
      fmt::format("{}: line {}, column {}: {}", name_, place.line, place.column, message));
}

// A string of one line without escapes stands as it is between its quotes.
void Complaint::in_formula(const toml::node& node, std::size_t column,
                           const std::string& message) const {
  const toml::source_region& region = node.source();
  const std::string& text = node.as_string()->get();
  const bool is_plain = region.begin.line == region.end.line &&
                        region.end.column == region.begin.column + text.size() + 2;
  toml::source_position place = region.begin;
  if (!is_plain) at(place, fmt::format("{} (character {} of the formula)", message, column + 1));
  place.column += static_cast<toml::source_index>(column + 1);
  at(place, message);
}

std::string kind_of(const toml::node& node) {
  std::ostringstream name;
  name << node.type();
  const std::string text = name.str();
  const bool has_vowel = text.find_first_of("aeiou") == 0;
  return fmt::format("{} {}", has_vowel ? "an" : "a", text);
}

double number_of(const toml::node& node, const std::string& what, const Complaint& complaint) {
  if (!node.is_number())
    complaint.at(node, fmt::format("{}: found {}, expected a number", what, kind_of(node)));
  const double value = *node.value<double>();
  if (!std::isfinite(value))
    complaint.at(node, fmt::format("{}: found {}, expected a finite number", what, value));
  return value;
}

std::string text_of(const toml::node& node, const std::string& what, const Complaint& complaint) {
  if (!node.is_string())
    complaint.at(node, fmt::format("{}: found {}, expected a string", what, kind_of(node)));
  return node.as_string()->get();
}

void add_formula(formulas::Program& program, const toml::node& node, const Complaint& complaint) {
  const std::string& text = node.as_string()->get();
  try {
    program.add(text);
  } catch (const formulas::FormulaError& error) {
    complaint.in_formula(node, error.column(), error.what());
  }
}

}  // namespace nullcline::interchange::internal
