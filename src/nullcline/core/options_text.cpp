// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/options_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace nullcline {

namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view text, std::string_view expected) {
  throw InvalidInput(fmt::format("{}: found '{}', expected {}", what, text, expected));
}

/// Whether the whole text is one number, which is then in `value`.
template <class Number>
std::errc parse_whole(std::string_view text, Number& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end != text.data() + text.size()) return std::errc::invalid_argument;
  return error;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool parse_boolean(std::string_view text, std::string_view what) {
  if (text == "true") return true;
  if (text == "false") return false;
  refuse(what, text, "true | false");
}

std::int64_t parse_integer(std::string_view text, std::string_view what, std::int64_t lowest,
                           std::int64_t highest) {
  std::int64_t value = 0;
  const std::errc error = parse_whole(text, value);
  if (error == std::errc::invalid_argument) refuse(what, text, "an integer");
  if (error != std::errc() || value < lowest || value > highest)
    refuse(what, text, fmt::format("an integer from {} to {}", lowest, highest));
  return value;
}

std::uint64_t parse_unsigned(std::string_view text, std::string_view what) {
  std::uint64_t value = 0;
  if (parse_whole(text, value) != std::errc())
    refuse(what, text, "an integer from 0 to 18446744073709551615");
  return value;
}

double parse_number(std::string_view text, std::string_view what) {
  double value = 0;
  if (parse_whole(text, value) != std::errc() || !std::isfinite(value))
    refuse(what, text, "a finite number");
  return value;
}

std::vector<double> parse_numbers(std::string_view text, std::string_view what) {
  std::vector<double> values;
  if (trimmed(text).empty()) return values;
  while (true) {
    const auto comma = text.find(',');
    values.push_back(parse_number(trimmed(text.substr(0, comma)), what));
    if (comma == std::string_view::npos) return values;
    text.remove_prefix(comma + 1);
  }
}

NumberRows parse_rows(std::string_view text, std::string_view what) {
  NumberRows rows;
  if (trimmed(text).empty()) return rows;
  while (true) {
    const auto end = text.find(';');
    rows.push_back(parse_numbers(text.substr(0, end), what));
    if (end == std::string_view::npos) return rows;
    text.remove_prefix(end + 1);
  }
}

std::string number_text(double value) { return fmt::format("{}", value); }

std::string numbers_text(const std::vector<double>& values) {
  std::string text;
  for (double value : values) text += (text.empty() ? "" : ",") + number_text(value);
  return text;
}

std::string rows_text(const NumberRows& rows) {
  std::string text;
  for (const std::vector<double>& row : rows) text += (text.empty() ? "" : ";") + numbers_text(row);
  return text;
}

namespace {

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbors.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view text, const std::vector<std::string>& candidates) {
  if (text.size() > 100) return "";
  std::string nearest;
  std::size_t best = std::max<std::size_t>(2, text.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(text, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggestion(std::string_view text, const std::vector<std::string>& candidates) {
  const std::string nearest = nearest_name(text, candidates);
  return nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest);
}

namespace internal {

std::string expectation(FieldKind kind) {
  switch (kind) {
    case FieldKind::boolean:
      return "true | false";
    case FieldKind::integer:
      return "an integer";
    case FieldKind::number:
      return "a number";
    case FieldKind::text:
      return "a text";
    case FieldKind::numbers:
      return "a list of numbers";
    case FieldKind::rows:
      return "a list of numbers, or several";
    case FieldKind::choice:
      return "a name";
  }
  return "";
}

}  // namespace internal

namespace {

using Json = nlohmann::ordered_json;

Json json_value(const OptionField& field) {
  const std::string text = field.text();
  if (field.kind == FieldKind::text || field.kind == FieldKind::choice) return text;
  if (field.kind == FieldKind::numbers) return parse_numbers(text, field.name);
  if (field.kind == FieldKind::rows) return parse_rows(text, field.name);
  return Json::parse(text);
}

bool is_list_of_numbers(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
}

std::string text_of(const OptionField& field, const Json& value, const std::string& what) {
  const bool is_text = field.kind == FieldKind::text || field.kind == FieldKind::choice;
  if (is_text && value.is_string()) return value.get<std::string>();
  if (field.kind == FieldKind::boolean && value.is_boolean()) return value.dump();
  if (field.kind == FieldKind::integer && value.is_number_integer()) return value.dump();
  if (field.kind == FieldKind::number && value.is_number()) return value.dump();
  if (field.kind == FieldKind::rows && value.is_array() &&
      std::all_of(value.begin(), value.end(), is_list_of_numbers))
    return rows_text(value.get<NumberRows>());
  if (field.kind == FieldKind::numbers && is_list_of_numbers(value))
    return numbers_text(value.get<std::vector<double>>());
  throw InvalidInput(fmt::format("{}: found {}, expected {}", what, value.dump(), field.expected));
}

}  // namespace

std::string fields_to_json(const std::vector<OptionField>& fields) {
  Json object = Json::object();
  for (const OptionField& field : fields) object[field.name] = json_value(field);
  return object.dump();
}

void fields_from_json(const std::vector<OptionField>& fields, std::string_view json,
                      std::string_view what) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) throw InvalidInput(fmt::format("{}: not a JSON object", what));
  std::vector<std::string> names;
  for (const OptionField& field : fields) names.push_back(field.name);
  for (const auto& [name, value] : object.items()) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [key = name](const OptionField& f) { return f.name == key; });
    if (field == fields.end())
      throw InvalidInput(
          fmt::format("{}: unknown key '{}'{}", what, name, suggestion(name, names)));
    const std::string source = fmt::format("{}: {}", what, name);
    field->set(text_of(*field, value, source), source);
  }
}

}  // namespace nullcline
