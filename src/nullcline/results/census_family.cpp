// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/census_family.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "nullcline/core/error.hpp"
#include "nullcline/core/options_text.hpp"

namespace nullcline::results {

namespace {

using census::Range;
using models::CellKind;

constexpr int kMostUnits = 4;

struct Cell {
  CellKind kind;
  std::vector<std::string> gates;     ///< drawn
  std::vector<std::string> optional;  ///< zero unless asked for
};

const Cell& cell_of(CellKind kind) {
  static const std::vector<Cell> kCells = {
      {CellKind::vanilla, {"h"}, {}},
      {CellKind::ugrnn, {"h"}, {"g"}},
      {CellKind::gru, {"h", "r"}, {"z"}},
      {CellKind::lstm, {"i", "f", "g", "o"}, {}},
  };
  for (const Cell& cell : kCells)
    if (cell.kind == kind) return cell;
  throw InvalidInput(
      fmt::format("cell: found {}, expected vanilla, ugrnn, gru or lstm, or a model "
                  "file (.toml) for others",
                  name_of(kind)));
}

std::string title_of(CellKind kind) {
  std::string title(name_of(kind));
  if (kind == CellKind::vanilla) return title;
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return title;
}

// "U_h=-1:1; b=0:2"
std::vector<Range> parse_vary(const std::string& text) {
  std::vector<Range> ranges;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(";,", begin), text.size());
    const std::string entry = text.substr(begin, end - begin);
    const std::size_t equals = entry.find('='), colon = entry.find(':');
    if (equals == std::string::npos || equals == 0 || colon == std::string::npos || colon < equals)
      throw InvalidInput(fmt::format("--vary: found '{}', expected name=low:high", entry));
    const std::string name = entry.substr(0, equals);
    if (std::any_of(ranges.begin(), ranges.end(),
                    [&](const Range& range) { return range.name == name; }))
      throw InvalidInput(fmt::format("--vary: found '{}' twice, expected one range", name));
    ranges.push_back({name, parse_number(entry.substr(equals + 1, colon - equals - 1), "--vary"),
                      parse_number(entry.substr(colon + 1), "--vary")});
    begin = end + 1;
  }
  return ranges;
}

bool names(const std::string& group, const std::string& parameter) {
  return parameter == group || parameter.starts_with(group + "_");
}

// U_h and b_h, entry by entry.
struct WeightNames {
  std::string array;
  std::vector<std::string> entries;
  int columns = 1;
};

std::vector<WeightNames> weight_names(const std::vector<std::string>& gates, int units) {
  std::vector<WeightNames> arrays;
  for (const char* kind : {"U", "b"})
    for (const std::string& gate : gates) {
      WeightNames weights{fmt::format("{}_{}", kind, gate), {}, kind[0] == 'U' ? units : 1};
      for (int i = 1; i <= units; ++i)
        for (int j = 1; j <= weights.columns; ++j)
          weights.entries.push_back(weights.columns == units && kind[0] == 'U'
                                        ? fmt::format("{}_{}_{}", weights.array, i, j)
                                        : fmt::format("{}_{}", weights.array, i));
      arrays.push_back(std::move(weights));
    }
  return arrays;
}

// As a matrix of rows, or a vector.
std::string array_text(const WeightNames& weights, const std::vector<std::string>& entries) {
  if (weights.array[0] == 'b') return fmt::format("[{}]", fmt::join(entries, ", "));
  std::vector<std::string> rows;
  const auto columns = static_cast<std::ptrdiff_t>(weights.columns);
  for (auto row = entries.begin(); row != entries.end(); row += columns)
    rows.push_back(fmt::format("[{}]", fmt::join(row, row + columns, ", ")));
  return fmt::format("[{}]", fmt::join(rows, ", "));
}

// The value of a parameter in the text "name = value" of a line of [parameters].
std::string with_value(const std::string& line, const interchange::ParameterValues& values,
                       bool is_parameters) {
  const std::size_t equals = line.find('=');
  if (!is_parameters || equals == std::string::npos) return line;
  std::string name = line.substr(0, equals);
  std::erase_if(name, [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\''; });
  for (const auto& [key, value] : values)
    if (key == name) return fmt::format("{} = {}", name, number_text(value));
  return line;
}

}  // namespace

CensusFamily CensusFamily::of_cell(CellKind kind, const CellRanges& ranges,
                                   const std::string& vary) {
  const Cell& cell = cell_of(kind);
  if (ranges.units < 1 || ranges.units > kMostUnits)
    throw InvalidInput(
        fmt::format("--units: found {}, expected 1 to {}", ranges.units, kMostUnits));
  const std::vector<Range> given = parse_vary(vary);
  std::vector<std::string> gates = cell.gates;
  for (const std::string& gate : cell.optional)
    if (std::any_of(given.begin(), given.end(), [&](const Range& range) {
          return names("U_" + gate, range.name) || names("b_" + gate, range.name);
        }))
      gates.push_back(gate);
  CensusFamily family;
  std::vector<bool> used(given.size(), false);
  std::string weights_text, parameters_text;
  for (const WeightNames& weights : weight_names(gates, ranges.units)) {
    std::vector<std::string> quoted;
    const double width = weights.array[0] == 'U' ? ranges.range : ranges.biases;
    for (const std::string& name : weights.entries) {
      Range range{name, -width, width};
      for (std::size_t i = 0; i < given.size(); ++i)
        if (names(given[i].name, name)) {
          range = {name, given[i].lower, given[i].upper};
          used[i] = true;
        }
      family.ranges_.push_back(range);
      family.parameters_.emplace_back(name, 0.0);
      quoted.push_back('"' + name + '"');
      parameters_text += name + " = 0\n";
    }
    weights_text += fmt::format("{} = {}\n", weights.array, array_text(weights, quoted));
  }
  for (std::size_t i = 0; i < given.size(); ++i)
    if (!used[i])
      throw InvalidInput(fmt::format("--vary: found '{}', expected weights of {} such as {} or {}",
                                     given[i].name, name_of(kind), family.ranges_.front().name,
                                     "U_" + cell.gates.front()));
  family.text_ = fmt::format(
      "[system]\ncell = \"{}\"\ntime = \"{}\"\nunits = "
      "{}\n\n[parameters]\n{}\n[weights]\n{}",
      name_of(kind), name_of(ranges.time), ranges.units, parameters_text, weights_text);
  family.description_ = fmt::format("the {} {} with {} unit{}", title_of(kind),
                                    ranges.time == dynamics::Time::continuous ? "flow" : "map",
                                    ranges.units, ranges.units == 1 ? "" : "s");
  return family;
}

CensusFamily CensusFamily::of_model(const interchange::Model& model, const std::string& vary) {
  CensusFamily family;
  family.text_ = model.text();
  family.name_ = model.name();
  family.description_ = model.time() == dynamics::Time::continuous ? "the flow of a model file"
                                                                   : "the map of a model file";
  family.parameters_ = model.parameters();
  family.ranges_ = parse_vary(vary);
  for (const Range& range : family.ranges_) {
    std::vector<std::string> known;
    for (const auto& [name, value] : family.parameters_) known.push_back(name);
    if (std::find(known.begin(), known.end(), range.name) == known.end())
      throw InvalidInput(fmt::format("--vary: unknown parameter '{}'{}, expected one of {}",
                                     range.name, suggestion(range.name, known),
                                     fmt::join(known, ", ")));
  }
  return family;
}

census::Family CensusFamily::family() const {
  return [*this](const Vector& values) {
    interchange::ParameterValues parameters = parameters_;
    for (auto& [name, value] : parameters)
      for (std::size_t i = 0; i < ranges_.size(); ++i)
        if (ranges_[i].name == name) value = values(static_cast<Index>(i));
    return interchange::Model::parse(text_, name_, parameters).make_system();
  };
}

std::string CensusFamily::model_text(const Vector& values) const {
  interchange::ParameterValues parameters = parameters_;
  for (auto& [name, value] : parameters)
    for (std::size_t i = 0; i < ranges_.size(); ++i)
      if (ranges_[i].name == name) value = values(static_cast<Index>(i));
  std::string text;
  bool is_parameters = false;
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    const std::string line = text_.substr(begin, end - begin);
    if (line.starts_with('[')) is_parameters = line.starts_with("[parameters]");
    text += with_value(line, parameters, is_parameters) + '\n';
    begin = end + 1;
  }
  return text;
}

NamedArrays CensusFamily::to_arrays() const {
  NamedArrays arrays;
  arrays.attributes["text"] = text_;
  arrays.attributes["description"] = description_;
  std::vector<std::string> known;
  Vector values(static_cast<Index>(parameters_.size()));
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    known.push_back(parameters_[i].first);
    values(static_cast<Index>(i)) = parameters_[i].second;
  }
  arrays.set_strings("name", std::move(known), "all_parameter", "parameters of the model file");
  arrays.set_vector("value", values, "all_parameter", "their values, where they do not differ");
  return arrays;
}

CensusFamily CensusFamily::from_arrays(const NamedArrays& arrays, std::vector<Range> ranges,
                                       const std::string& name) {
  CensusFamily family;
  family.ranges_ = std::move(ranges);
  family.name_ = name;
  family.text_ = arrays.text_attribute("text");
  family.description_ = arrays.text_attribute("description");
  const auto known = arrays.strings("name");
  const Vector values = arrays.vector("value");
  if (static_cast<Index>(known.size()) != values.size())
    throw FormatError(name + ": found other numbers of names and values of parameters");
  for (std::size_t i = 0; i < known.size(); ++i)
    family.parameters_.emplace_back(known[i], values(static_cast<Index>(i)));
  return family;
}

}  // namespace nullcline::results
