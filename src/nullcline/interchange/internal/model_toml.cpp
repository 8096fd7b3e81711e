// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/internal/model_toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>

#include "nullcline/core/error.hpp"
#include "nullcline/core/matrix.hpp"

namespace nullcline::interchange::internal {

namespace {

// Whether a character belongs to a comment: '#' begins one outside of strings.
class CommentTracker {
 public:
  explicit CommentTracker(std::string_view text) : text_(text) {}

  bool is_comment(std::size_t place) {
    const char c = text_[place];
    if (place < skip_until_) return false;
    if (is_comment_ || quotes_.empty()) {
      if (c == '\n') is_comment_ = false;
      if (c == '#') is_comment_ = true;
      if (!is_comment_ && (c == '"' || c == '\'')) open(place);
    } else if (c == '\\' && quotes_.front() == '"') {
      skip_until_ = place + 2;
    } else if (c == '\n' && quotes_.size() == 1) {
      quotes_.clear();  // not TOML; the parser will say so
    } else if (text_.substr(place).starts_with(quotes_)) {
      skip_until_ = place + quotes_.size();
      quotes_.clear();
    }
    return is_comment_;
  }

 private:
  void open(std::size_t place) {
    const std::string three(3, text_[place]);
    quotes_ = text_.substr(place).starts_with(three) ? three : three.substr(0, 1);
    skip_until_ = place + quotes_.size();
  }

  std::string_view text_;
  std::string quotes_;  // of the string that is open
  std::size_t skip_until_ = 0;
  bool is_comment_ = false;
};

// Keys, numbers and formulas are ASCII; only comments may hold anything else, and are left out.
// (toml++ 3.3 has undefined behaviour for some other characters, in comments too.)
std::string without_comments(const std::string& text, const std::string& name) {
  std::string result = text;
  CommentTracker tracker(text);
  Index line = 1, column = 1;
  for (std::size_t i = 0; i < text.size(); ++i, ++column) {
    const char c = text[i];
    const auto code = static_cast<unsigned char>(c);
    const bool is_comment = tracker.is_comment(i);
    const bool is_space = c == '\n' || c == '\t' || c == '\r';
    if (c == '\0' || (!is_comment && !is_space && (code < 0x20 || code > 0x7e)))
      throw FormatError(fmt::format(
          "{}: line {}, column {}: found the byte {:#04x}, expected ASCII outside of comments",
          name, line, column, code));
    if (is_comment && c != '\r') result[i] = ' ';
    if (c != '\n') continue;
    ++line;
    column = 0;
  }
  return result;
}

}  // namespace

toml::table parse_toml(const std::string& text, const std::string& name) {
  try {
    return toml::parse(without_comments(text, name), name);
  } catch (const toml::parse_error& error) {
    throw FormatError(fmt::format("{}: line {}, column {}: {}", name, error.source().begin.line,
                                  error.source().begin.column, error.description()));
  }
}

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
