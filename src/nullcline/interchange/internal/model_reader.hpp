// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nullcline/interchange/internal/model_toml.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/models/formula_network.hpp"

namespace nullcline::interchange {

/// From TOML to a model.
class ModelReader {
 public:
  ModelReader(const toml::table& root, const std::string& name);
  void read(Model& model, const ParameterValues& values);

 private:
  using Entry = internal::Entry;

  void read_tables(const toml::table& root);
  void read_inputs();
  void read_parameters();
  void read_equations(Model& model, const Entry& formulas);
  void read_box(models::Equations& equations);
  void read_cell(Model& model);
  void add_outputs(models::FormulaWeights& weights) const;
  void read_tau(models::FormulaWeights& weights, formulas::Program& program, const Entry& entry);
  void read_weight(models::FormulaWeights& weights, formulas::Program& program, const Entry& entry);
  void read_values(models::FormulaWeights& weights, formulas::Program& program, const Entry& entry,
                   models::WeightPlace place, Index rows, Index cols);
  void read_value(models::FormulaWeights& weights, formulas::Program& program,
                  const toml::node& node, models::WeightPlace place, const std::string& what);
  void set_values(const ParameterValues& values);
  void check_use(const formulas::Program& program, std::size_t first_symbol) const;
  void check_names(const std::vector<Entry>& entries) const;
  const Entry* find(const std::vector<Entry>& entries, std::string_view name) const;
  template <class Enum>
  Enum choice_of(std::string_view name, Enum fallback) const;

  internal::Complaint complaint_;
  std::vector<Entry> system_, parameters_, weights_, box_;
  bool has_weights_ = false, has_box_ = false;
  toml::source_position system_place_, weights_place_, box_place_;
  std::vector<std::string> inputs_, parameter_names_;
  std::vector<double> values_;
};

}  // namespace nullcline::interchange
