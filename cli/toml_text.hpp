// SPDX-License-Identifier: BSD-3-Clause
// TOML in and out, as text that option fields understand.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/options_text.hpp"

namespace nullcline::cli {

/// One key of a TOML file, or the head of a table.
struct TomlEntry {
  std::string table;  ///< empty: the top of the file
  std::string name;
  bool is_table = false;
  FieldKind kind = FieldKind::text;  ///< of the value
  std::string text;                  ///< the value as a field reads it
  std::string description;           ///< the value's TOML type, for messages
};

/// @throws FormatError if the file cannot be read; InvalidInput with the line if it is not TOML.
std::vector<TomlEntry> read_toml(const std::string& path);

/// The value as text for the field. @throws InvalidInput if its type does not suit.
std::string toml_value_text(const TomlEntry& entry, const OptionField& field,
                            const std::string& what);

/// The field's value in TOML's spelling.
std::string toml_text(const OptionField& field);

}  // namespace nullcline::cli
