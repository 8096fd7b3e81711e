// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/model_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/internal/model_reader.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/models/network_gain.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::interchange {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 22;

}  // namespace

Model Model::parse(std::string text, const std::string& name, const ParameterValues& values) {
  Model model;
  const toml::table root = internal::parse_toml(text, name);
  ModelReader(root, name).read(model, values);
  model.text_ = std::move(text);
  model.name_ = name;
  return model;
}

ParameterValues Model::parameters() const {
  ParameterValues result;
  if (family_)
    for (const std::string& name : family_->names())
      result.emplace_back(name, family_->value(name));
  else
    for (std::size_t i = 0; i < equations_->parameters.size(); ++i)
      result.emplace_back(equations_->parameters[i], equations_->values[i]);
  return result;
}

std::optional<models::Network> Model::network() const {
  if (!family_) return std::nullopt;
  return family_->network();
}

std::unique_ptr<dynamics::System> Model::make_system() const {
  return family_ ? models::make_system(models::with_gain(family_), time_)
                 : models::make_system(*equations_);
}

void Model::require_box() const {
  if (family_ || equations_->box) return;
  std::vector<std::string> bounds;
  for (const std::string& state : states_) bounds.push_back(state + " = [-3, 3]");
  throw InvalidInput(
      fmt::format("{}: found no [box], expected the region to search, such as box = {{{}}} above "
                  "[system]",
                  name_, fmt::join(bounds, ", ")));
}

std::string Model::description() const {
  const char* kind = time_ == dynamics::Time::continuous ? "flow" : "map";
  std::vector<std::string> values;
  for (const auto& [name, value] : parameters())
    values.push_back(fmt::format("{} = {}", name, value));
  const std::string with = values.empty() ? "" : fmt::format(" with {}", fmt::join(values, ", "));
  if (family_) return fmt::format("{}{}", kind, with);
  return fmt::format("{} of {}{}", kind, fmt::join(states_, ", "), with);
}

Model read_model(const std::string& path, const ParameterValues& values) {
  return Model::parse(io::read_text(path, kMostBytes), path, values);
}

bool is_model_path(std::string_view path) { return path.ends_with(".toml"); }

NamedArrays to_arrays(const Model& model) {
  NamedArrays arrays;
  arrays.attributes["text"] = model.text();
  std::vector<std::string> names;
  std::vector<double> values;
  for (const auto& [name, value] : model.parameters()) {
    names.push_back(name);
    values.push_back(value);
  }
  arrays.set_vector("parameter_values",
                    Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size())),
                    "parameter", "values of the parameters");
  if (!names.empty()) arrays.attributes["parameters"] = fmt::format("{}", fmt::join(names, " "));
  return arrays;
}

Model model_from_arrays(const NamedArrays& arrays, const std::string& name) {
  const std::string text = arrays.text_attribute("text");
  const Vector values = arrays.vector("parameter_values");
  ParameterValues parameters = Model::parse(text, name).parameters();
  if (static_cast<Index>(parameters.size()) != values.size())
    throw FormatError(fmt::format("{}: found {} parameter values, expected {}", name, values.size(),
                                  parameters.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i)
    parameters[i].second = values(static_cast<Index>(i));
  return Model::parse(text, name, parameters);
}

}  // namespace nullcline::interchange
