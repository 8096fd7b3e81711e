// SPDX-License-Identifier: BSD-3-Clause
// Options as text: what the command line, TOML files, JSON and provenance share.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/fields.hpp"

namespace nullcline {

enum class FieldKind { boolean, integer, number, text, numbers, rows, choice };

/// A list of lists of numbers: a field that may be given several times.
using NumberRows = std::vector<std::vector<double>>;

/// One field of an options struct without its type. It refers to the struct, which must outlive it.
struct OptionField {
  std::string name;  ///< snake_case
  std::string help;  ///< one phrase
  FieldKind kind = FieldKind::text;
  std::string expected;  ///< "an integer", "gru | lstm"

  /// Sets the field. @throws InvalidInput naming `what`, the text found and what was expected.
  std::function<void(std::string_view text, std::string_view what)> set;
  /// The value, spelled so that `set` reads it back exactly.
  std::function<std::string()> text;
};

// Whole texts only; `what` names the source in the message. @throws InvalidInput
bool parse_boolean(std::string_view text, std::string_view what);
std::int64_t parse_integer(std::string_view text, std::string_view what, std::int64_t lowest,
                           std::int64_t highest);
std::uint64_t parse_unsigned(std::string_view text, std::string_view what);
double parse_number(std::string_view text, std::string_view what);  ///< finite
/// "0,0.5,-1"; the empty text is the empty list.
std::vector<double> parse_numbers(std::string_view text, std::string_view what);
/// "0,0;1,0.5"; the empty text is no row.
NumberRows parse_rows(std::string_view text, std::string_view what);

std::string number_text(double value);  ///< the shortest text that reads back exactly
std::string numbers_text(const std::vector<double>& values);
std::string rows_text(const NumberRows& rows);

/// The candidate that is spelled most alike, or "" if none is close: for "did you mean".
std::string nearest_name(std::string_view text, const std::vector<std::string>& candidates);

/// ", did you mean 'x'?" or "".
std::string suggestion(std::string_view text, const std::vector<std::string>& candidates);

/// {"name": value, ...} on one line, in the order of the fields.
std::string fields_to_json(const std::vector<OptionField>& fields);

/// Sets the fields that a JSON object names; the others stay as they are. `what` names the source.
/// @throws InvalidInput for an unknown name, a wrong type or a value that does not parse.
void fields_from_json(const std::vector<OptionField>& fields, std::string_view json,
                      std::string_view what);

namespace internal {

template <class Value>
void set_value(Value& value, std::string_view text, std::string_view what) {
  if constexpr (std::is_same_v<Value, bool>) {
    value = parse_boolean(text, what);
  } else if constexpr (NamedEnum<Value>) {
    value = parse_enum<Value>(text, what);
  } else if constexpr (std::is_same_v<Value, std::uint64_t>) {
    value = parse_unsigned(text, what);
  } else if constexpr (std::is_integral_v<Value>) {
    value = static_cast<Value>(parse_integer(text, what, std::numeric_limits<Value>::lowest(),
                                             std::numeric_limits<Value>::max()));
  } else if constexpr (std::is_floating_point_v<Value>) {
    value = parse_number(text, what);
  } else if constexpr (std::is_same_v<Value, std::string>) {
    value = std::string(text);
  } else if constexpr (std::is_same_v<Value, NumberRows>) {
    value = parse_rows(text, what);
  } else {
    value = parse_numbers(text, what);
  }
}

template <class Value>
std::string value_text(const Value& value) {
  if constexpr (std::is_same_v<Value, bool>) {
    return value ? "true" : "false";
  } else if constexpr (NamedEnum<Value>) {
    return std::string(name_of(value));
  } else if constexpr (std::is_integral_v<Value>) {
    return std::to_string(value);
  } else if constexpr (std::is_floating_point_v<Value>) {
    return number_text(value);
  } else if constexpr (std::is_same_v<Value, std::string>) {
    return value;
  } else if constexpr (std::is_same_v<Value, NumberRows>) {
    return rows_text(value);
  } else {
    return numbers_text(value);
  }
}

template <class Value>
constexpr FieldKind kind_of() {
  if constexpr (std::is_same_v<Value, bool>) return FieldKind::boolean;
  if constexpr (NamedEnum<Value>) return FieldKind::choice;
  if constexpr (std::is_integral_v<Value>) return FieldKind::integer;
  if constexpr (std::is_floating_point_v<Value>) return FieldKind::number;
  if constexpr (std::is_same_v<Value, std::string>) return FieldKind::text;
  if constexpr (std::is_same_v<Value, NumberRows>) return FieldKind::rows;
  return FieldKind::numbers;
}

std::string expectation(FieldKind kind);

}  // namespace internal

/// The field list of `options`, without its types.
template <HasFields Options>
std::vector<OptionField> option_fields(Options& options) {
  std::vector<OptionField> fields;
  visit_fields(options, [&fields]<class Value>(const char* name, Value& value, const char* help) {
    OptionField field;
    field.name = name;
    field.help = help;
    field.kind = internal::kind_of<Value>();
    if constexpr (NamedEnum<Value>)
      field.expected = names_of_all<Value>();
    else
      field.expected = internal::expectation(field.kind);
    field.set = [&value](std::string_view text, std::string_view what) {
      internal::set_value(value, text, what);
    };
    field.text = [&value] { return internal::value_text(value); };
    fields.push_back(std::move(field));
  });
  return fields;
}

}  // namespace nullcline
