// SPDX-License-Identifier: BSD-3-Clause
// Pieces of TOML with the places where they stand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/formulas/program.hpp"

// Without Debian's shared library, so that programs need not link against it.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1  // NOLINT: a name of theirs
// Hostile text breaks assertions of its parser, which reports the same mistakes right after them.
// With NDEBUG they would be promises to the optimizer.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace nullcline::interchange::internal {

/// @throws FormatError "name: line 3, column 7: message"
toml::table parse_toml(const std::string& text, const std::string& name);

/// A key with its value, where it stands in the text.
struct Entry {
  std::string name;
  toml::source_position place;  ///< of the key
  const toml::node* value = nullptr;
};

/// The entries of a table in the order of the text.
std::vector<Entry> entries_of(const toml::table& table);

/// Complains about a place in a model file.
class Complaint {
 public:
  explicit Complaint(std::string name) : name_(std::move(name)) {}
  /// @throws FormatError "name: line 3, column 7: message"
  [[noreturn]] void at(const toml::source_position& place, const std::string& message) const;
  [[noreturn]] void at(const toml::node& node, const std::string& message) const {
    at(node.source().begin, message);
  }
  /// About a character of a formula.
  [[noreturn]] void in_formula(const toml::node& node, std::size_t column,
                               const std::string& message) const;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/// "a string", "an array", for messages.
std::string kind_of(const toml::node& node);
/// A number, also a whole one. @throws FormatError by `complaint`.
double number_of(const toml::node& node, const std::string& what, const Complaint& complaint);
std::string text_of(const toml::node& node, const std::string& what, const Complaint& complaint);
/// Compiles the string into the program.
void add_formula(formulas::Program& program, const toml::node& node, const Complaint& complaint);

}  // namespace nullcline::interchange::internal
