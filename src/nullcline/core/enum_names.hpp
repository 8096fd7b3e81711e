// SPDX-License-Identifier: BSD-3-Clause
// One spelling for each enum value, in C++, Python, the command line, JSON and files.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "nullcline/core/error.hpp"

namespace nullcline {

/// Specialize with `static constexpr std::array values{std::pair{E::a, "a"}, ...};`
template <class Enum>
struct EnumNames;

template <class Enum>
concept NamedEnum = requires {
  EnumNames<Enum>::values;
};

template <NamedEnum Enum>
constexpr std::string_view name_of(Enum value) {
  for (const auto& [candidate, name] : EnumNames<Enum>::values)
    if (candidate == value) return name;
  return "?";
}

/// "a | b | c"
template <NamedEnum Enum>
std::string names_of_all() {
  std::string all;
  for (const auto& [value, name] : EnumNames<Enum>::values)
    all += (all.empty() ? "" : " | ") + std::string(name);
  return all;
}

/// @throws InvalidInput naming `what`, the text found and the names expected.
template <NamedEnum Enum>
Enum parse_enum(std::string_view text, std::string_view what) {
  for (const auto& [value, name] : EnumNames<Enum>::values)
    if (text == name) return value;
  throw InvalidInput(std::string(what) + ": found '" + std::string(text) + "', expected " +
                     names_of_all<Enum>());
}

}  // namespace nullcline
