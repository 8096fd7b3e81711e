// SPDX-License-Identifier: BSD-3-Clause
// Systems as text: a cell whose weights are formulas, or equations. docs/reference/model-files.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/equations.hpp"
#include "nullcline/models/network_family.hpp"

namespace nullcline::interchange {

/// Values that take the place of those in a model file, by the names of parameters.
using ParameterValues = std::vector<std::pair<std::string, double>>;

/// A model file that was read, at the values of its parameters.
class Model {
 public:
  /// Reads the TOML text; `name` is what messages begin with.
  /// @throws FormatError with line and column for what is no model; InvalidInput for a parameter
  /// that the model does not have.
  static Model parse(std::string text, const std::string& name, const ParameterValues& values = {});

  const std::string& text() const { return text_; }
  const std::string& name() const { return name_; }
  dynamics::Time time() const { return time_; }
  const std::vector<std::string>& state_names() const { return states_; }
  const std::vector<std::string>& input_names() const { return inputs_; }
  ParameterValues parameters() const;

  /// The network of a cell; nothing where the model is equations.
  std::optional<models::Network> network() const;
  std::unique_ptr<dynamics::System> make_system() const;
  /// @throws InvalidInput if fixed points cannot be searched for: equations need a box.
  void require_box() const;
  /// "GRU flow, ...", "flow of x, y with parameters a = 1".
  std::string description() const;

 private:
  friend class ModelReader;
  std::string text_, name_;
  dynamics::Time time_ = dynamics::Time::discrete;
  std::vector<std::string> states_, inputs_;
  std::shared_ptr<const models::NetworkFamily> family_;  // of a cell
  std::optional<models::Equations> equations_;           // otherwise
};

/// @throws FormatError, InvalidInput as Model::parse.
Model read_model(const std::string& path, const ParameterValues& values = {});

/// Whether a path names a model file: whether it ends in .toml.
bool is_model_path(std::string_view path);

/// The text and the values of the parameters, as a result keeps them.
NamedArrays to_arrays(const Model& model);
/// @throws FormatError
Model model_from_arrays(const NamedArrays& arrays, const std::string& name);

}  // namespace nullcline::interchange
