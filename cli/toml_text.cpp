// SPDX-License-Identifier: BSD-3-Clause
#include "toml_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "nullcline/core/error.hpp"
#include "nullcline/io/atomic_file.hpp"

namespace nullcline::cli {

namespace {

constexpr std::size_t kMaxConfigBytes = 1 << 20;

std::optional<std::vector<double>> numbers_of(const toml::array& array) {
  std::vector<double> values;
  for (const toml::node& item : array) {
    if (!item.is_number()) return std::nullopt;
    values.push_back(*item.value<double>());
  }
  return values;
}

std::optional<NumberRows> rows_of(const toml::array& array) {
  NumberRows rows;
  for (const toml::node& item : array) {
    const toml::array* inner = item.as_array();
    const auto values = inner ? numbers_of(*inner) : std::nullopt;
    if (!values) return std::nullopt;
    rows.push_back(*values);
  }
  return rows;
}

TomlEntry entry_of(const std::string& table, std::string_view name, const toml::node& node) {
  TomlEntry entry;
  entry.table = table;
  entry.name = name;
  std::ostringstream description;
  description << node.type();
  entry.description = description.str();
  if (const auto* text = node.as_string()) {
    entry.text = text->get();
    entry.kind = FieldKind::text;
  } else if (const auto* boolean = node.as_boolean()) {
    entry.text = boolean->get() ? "true" : "false";
    entry.kind = FieldKind::boolean;
  } else if (const auto* integer = node.as_integer()) {
    entry.text = std::to_string(integer->get());
    entry.kind = FieldKind::integer;
  } else if (const auto* number = node.as_floating_point()) {
    entry.text = number_text(number->get());
    entry.kind = FieldKind::number;
  } else if (const toml::array* array = node.as_array()) {
    if (const auto values = numbers_of(*array)) {
      entry.text = numbers_text(*values);
      entry.kind = FieldKind::numbers;
    } else if (const auto rows = rows_of(*array)) {
      entry.text = rows_text(*rows);
      entry.kind = FieldKind::rows;
    } else {
      entry.description = "a mixed array";
      entry.kind = FieldKind::choice;
    }
  } else {
    entry.kind = FieldKind::choice;  // dates and times suit no field
  }
  return entry;
}

void add_entries(std::vector<TomlEntry>& entries, const std::string& table,
                 const toml::table& keys) {
  for (const auto& [key, node] : keys) {
    const std::string name(key.str());
    if (const toml::table* inner = node.as_table()) {
      const std::string path = table.empty() ? name : table + "." + name;
      TomlEntry& head = entries.emplace_back();
      head.table = path;
      head.is_table = true;
      add_entries(entries, path, *inner);
    } else {
      entries.push_back(entry_of(table, name, node));
    }
  }
}

}  // namespace

std::vector<TomlEntry> read_toml(const std::string& path) {
  const std::string text = io::read_text(path, kMaxConfigBytes);
  try {
    std::vector<TomlEntry> entries;
    add_entries(entries, "", toml::parse(text, path));
    return entries;
  } catch (const toml::parse_error& error) {
    throw InvalidInput(
        fmt::format("{}: line {}: {}", path, error.source().begin.line, error.description()));
  }
}

constexpr std::size_t kDigitsOfTwoTo63 = 19;

std::string toml_value_text(const TomlEntry& entry, const OptionField& field,
                            const std::string& what) {
  const auto suits = [&] {
    switch (field.kind) {
      case FieldKind::boolean:
        return entry.kind == FieldKind::boolean;
      case FieldKind::integer:  // TOML's integers end at 2^63, seeds do not: larger ones are text
        return entry.kind == FieldKind::integer ||
               (entry.kind == FieldKind::text && entry.text.size() >= kDigitsOfTwoTo63);
      case FieldKind::number:
        return entry.kind == FieldKind::integer || entry.kind == FieldKind::number;
      case FieldKind::numbers:
        return entry.kind == FieldKind::numbers;
      case FieldKind::rows:
        return entry.kind == FieldKind::numbers || entry.kind == FieldKind::rows;
      default:
        return entry.kind == FieldKind::text;
    }
  };
  if (suits()) return entry.text;
  throw InvalidInput(fmt::format("{}: found {}{}, expected {}", what, entry.description,
                                 entry.text.empty() ? "" : " " + entry.text, field.expected));
}

namespace {

/// JSON's escapes are a subset of those of a TOML basic string.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string list(const std::vector<double>& values) {
  std::vector<std::string> items;
  for (double value : values) items.push_back(fmt::format("{}", value));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace

std::string toml_text(const OptionField& field) {
  const std::string text = field.text();
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::choice:
      return quoted(text);
    case FieldKind::numbers:
      return list(parse_numbers(text, field.name));
    case FieldKind::rows: {
      std::vector<std::string> rows;
      for (const auto& row : parse_rows(text, field.name)) rows.push_back(list(row));
      return fmt::format("[{}]", fmt::join(rows, ", "));
    }
    case FieldKind::integer: {
      const bool fits = text.starts_with('-') ||
                        parse_unsigned(text, field.name) <=
                            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      return fits ? text : quoted(text);
    }
    default:
      return std::string(text);
  }
}

}  // namespace nullcline::cli
