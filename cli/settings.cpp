// SPDX-License-Identifier: BSD-3-Clause
#include "settings.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "toml_text.hpp"

namespace nullcline::cli {

namespace {

std::string flag_name(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

std::string type_text(const OptionField& field) {
  switch (field.kind) {
    case FieldKind::integer:
      return "INTEGER";
    case FieldKind::number:
      return "NUMBER";
    case FieldKind::numbers:
    case FieldKind::rows:
      return "NUMBERS";
    case FieldKind::text:
      return "TEXT";
    default:
      return field.expected;
  }
}

}  // namespace

Settings::Settings(CLI::App& app) : app_(app) {
  app.add_option("--config", config_path_, "read options from this TOML file; flags go first")
      ->option_text("FILE");
  app.add_flag("--print-config", print_config_, "print the resolved options as TOML and stop");
}

void Settings::add_flag(Key& key, const std::string& title, const std::string& prefix) {
  const OptionField& field = key.field;
  const std::string flag = flag_name(prefix + field.name);
  const std::string value = field.text();
  if (field.kind == FieldKind::boolean) {
    key.flag = &flags_.emplace_back(false);
    key.option = app_.add_flag(flag + ",!--no-" + flag.substr(2), *key.flag, field.help);
    if (value == "true") key.option->description(field.help + " [on]");
  } else {
    key.texts = &texts_.emplace_back();
    key.option =
        app_.add_option(field.name == "output" ? "-o," + flag : flag, *key.texts, field.help);
    key.option->allow_extra_args(false);
    key.option->option_text(type_text(field) + (value.empty() ? "" : " [" + value + "]"));
  }
  key.option->group(title);
}

void Settings::add_table(const std::string& table, const std::string& title,
                         std::vector<OptionField> fields, const std::string& prefix) {
  for (OptionField& field : fields) {
    Key& key = keys_.emplace_back(Key{table, std::move(field)});
    add_flag(key, title, prefix);
  }
}

void Settings::add_constant(const std::string& table, const std::string& name,
                            const std::string& value) {
  OptionField field;
  field.name = name;
  field.kind = FieldKind::text;
  field.expected = "'" + value + "'";
  field.text = [value] { return value; };
  field.set = [value](std::string_view text, std::string_view what) {
    if (text != value)
      throw InvalidInput(fmt::format("{}: found '{}', the command says '{}'", what, text, value));
  };
  keys_.push_back(Key{table, std::move(field)});
}

Settings::Key* Settings::find(const std::string& table, const std::string& name) {
  for (Key& key : keys_)
    if (key.table == table && key.field.name == name) return &key;
  return nullptr;
}

bool Settings::is_given(const std::string& name) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Key& key) { return key.field.name == name && key.given; });
}

std::vector<std::string> Settings::names_of_keys(const std::string& table) const {
  std::vector<std::string> names;
  for (const Key& key : keys_)
    if (key.table == table) names.push_back(key.field.name);
  return names;
}

std::vector<std::string> Settings::tables() const {
  std::vector<std::string> names;
  for (const Key& key : keys_)
    if (std::find(names.begin(), names.end(), key.table) == names.end()) names.push_back(key.table);
  return names;
}

void Settings::read_file() {
  for (const TomlEntry& entry : read_toml(config_path_)) {
    const std::string where = entry.table.empty() ? "" : "[" + entry.table + "] ";
    const std::vector<std::string> known_tables = tables();
    if (entry.is_table) {
      if (std::find(known_tables.begin(), known_tables.end(), entry.table) == known_tables.end())
        throw InvalidInput(fmt::format("{}: unknown table [{}]{}", config_path_, entry.table,
                                       suggestion(entry.table, known_tables)));
      continue;
    }
    Key* key = find(entry.table, entry.name);
    if (!key)
      throw InvalidInput(fmt::format("{}: unknown key {}{}{}", config_path_, where, entry.name,
                                     suggestion(entry.name, names_of_keys(entry.table))));
    const std::string what = fmt::format("{}: {}{}", config_path_, where, entry.name);
    key->field.set(toml_value_text(entry, key->field, what), what);
    key->given = true;
  }
}

void Settings::resolve() {
  if (!config_path_.empty()) read_file();
  for (Key& key : keys_) {
    if (!key.option || key.option->count() == 0) continue;
    key.given = true;
    const std::string what = flag_name(key.field.name);
    if (key.flag) {
      key.field.set(*key.flag ? "true" : "false", what);
      continue;
    }
    const bool may_repeat =
        key.field.kind == FieldKind::rows || key.field.name == "set" || key.field.name == "vary";
    if (key.texts->size() > 1 && !may_repeat)
      throw InvalidInput(fmt::format("{}: given {} times, expected once", what, key.texts->size()));
    for (const std::string& text : *key.texts)  // an unset shell variable, most likely
      if (text.empty())
        throw InvalidInput(fmt::format("{}: missing, expected {}", what, key.field.expected));
    key.field.set(CLI::detail::join(*key.texts, ";"), what);
  }
}

std::string Settings::to_toml() const {
  std::string text;
  for (const std::string& table : tables()) {
    if (!table.empty()) text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", table);
    for (const Key& key : keys_)
      if (key.table == table)
        text += fmt::format("{} = {}\n", key.field.name, toml_text(key.field));
  }
  return text;
}

std::string Settings::to_json() const {
  nlohmann::ordered_json document = nlohmann::ordered_json::object();
  for (const std::string& table : tables()) {
    if (table.empty()) continue;
    std::vector<OptionField> fields;
    for (const Key& key : keys_)
      if (key.table == table) fields.push_back(key.field);
    document[table] = nlohmann::ordered_json::parse(fields_to_json(fields));
  }
  return document.dump();
}

}  // namespace nullcline::cli
