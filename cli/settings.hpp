// SPDX-License-Identifier: BSD-3-Clause
// Options of a subcommand: defaults, then a TOML file, then flags.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "nullcline/core/options_text.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace nullcline::cli {

/// Flags, TOML keys and the stored configuration from the same field lists. The option structs
/// behind the fields must outlive it.
class Settings {
 public:
  /// Adds --config and --print-config to `app`.
  explicit Settings(CLI::App& app);

  /// One flag per field ("learning_rate" is --learning-rate; "output" is also -o), and one TOML
  /// table with the fields' names as keys; the empty name stands for the top of the file. Fields of
  /// tables with a name are the configuration that results store. `prefix` goes before the names of
  /// flags, where another table has the same ones.
  void add_table(const std::string& table, const std::string& title,
                 std::vector<OptionField> fields, const std::string& prefix = "");
  /// A key that the command line has said otherwise; a TOML file may repeat it, not change it.
  void add_constant(const std::string& table, const std::string& name, const std::string& value);

  /// Applies the TOML file and the flags.
  /// @throws InvalidInput for unknown keys, wrong types and values; FormatError for the file.
  void resolve();

  /// Whether a flag or the file set it.
  bool is_given(const std::string& name) const;
  const std::string& config_path() const { return config_path_; }  ///< empty: none
  bool print_config() const { return print_config_; }
  std::string to_toml() const;
  std::string to_json() const;  ///< {"table": {"key": value}}, one line

 private:
  struct Key {
    std::string table;
    OptionField field;
    CLI::Option* option = nullptr;  ///< null: constant
    std::vector<std::string>* texts = nullptr;
    bool* flag = nullptr;
    bool given = false;
  };
  void add_flag(Key& key, const std::string& title, const std::string& prefix);
  void read_file();
  Key* find(const std::string& table, const std::string& name);
  std::vector<std::string> names_of_keys(const std::string& table) const;
  std::vector<std::string> tables() const;

  CLI::App& app_;
  std::string config_path_;
  bool print_config_ = false;
  std::vector<Key> keys_;
  std::deque<std::vector<std::string>> texts_;
  std::deque<bool> flags_;
};

}  // namespace nullcline::cli
