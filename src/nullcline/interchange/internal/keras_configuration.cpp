// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/internal/keras_configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "nullcline/core/error.hpp"

namespace nullcline::interchange::internal {

namespace {

using Json = nlohmann::json;

std::string text_or(const Json& object, const char* key, const std::string& otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

bool is_true(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

const Json& member(const Json& object, const char* key) {
  static const Json kEmpty = Json::object();
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : kEmpty;
}

/// The name of an activation, or of the class of a custom one.
std::string activation_of(const Json& settings, const char* key, const char* otherwise) {
  const auto found = settings.find(key);
  if (found == settings.end()) return otherwise;
  if (found->is_string()) return found->get<std::string>();
  if (found->is_object())
    return text_or(*found, "config", text_or(*found, "class_name", "an object"));
  return found->is_null() ? "linear" : "an object";
}

/// As Keras 3 names groups: SimpleRNN -> simple_rnn, GRU -> gru.
std::string snake_case(const std::string& name) {
  const auto upper = [&](std::size_t i) { return name[i] >= 'A' && name[i] <= 'Z'; };
  const auto lower = [&](std::size_t i) { return name[i] >= 'a' && name[i] <= 'z'; };
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_word =
        upper(i) && i > 0 && (lower(i - 1) || (i + 1 < name.size() && lower(i + 1)));
    if (starts_word && result.back() != '_') result += '_';
    result += upper(i) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return result;
}

/// Layers that leave their input as it is when a network runs, one step at a time.
bool does_nothing(const std::string& class_name, const Json& settings) {
  constexpr std::array kIdle{
      "InputLayer",      "Dropout",      "SpatialDropout1D",       "GaussianNoise",
      "GaussianDropout", "AlphaDropout", "ActivityRegularization", "Masking"};
  if (class_name == "Activation")
    return activation_of(settings, "activation", "linear") == "linear";
  return std::find(kIdle.begin(), kIdle.end(), class_name) != kIdle.end();
}

KerasLayer read_layer(const Json& entry) {
  KerasLayer layer;
  layer.class_name = text_or(entry, "class_name", "");
  const Json* settings = &member(entry, "config");
  layer.name = text_or(*settings, "name", text_or(entry, "name", ""));
  if (layer.class_name == "Bidirectional")
    layer.problem =
        "is Bidirectional: its backward half needs the future, so it is no map of states";
  if (layer.class_name == "TimeDistributed") {
    layer.is_wrapped = true;
    layer.class_name = text_or(member(*settings, "layer"), "class_name", "");
    settings = &member(member(*settings, "layer"), "config");
  }
  constexpr std::array kCells{std::pair{"SimpleRNN", models::CellKind::vanilla},
                              std::pair{"GRU", models::CellKind::gru},
                              std::pair{"LSTM", models::CellKind::lstm}};
  for (const auto& [name, cell] : kCells)
    if (layer.class_name == name) layer.cell = cell;
  layer.activation = activation_of(*settings, "activation", layer.cell ? "tanh" : "linear");
  layer.is_linear = layer.class_name == "Dense" && layer.activation == "linear";
  if (!layer.cell) return layer;
  // A SimpleRNN has no gates.
  const std::string gates = activation_of(*settings, "recurrent_activation", "sigmoid");
  if (gates != "sigmoid")
    layer.problem = fmt::format("has recurrent_activation '{}', expected 'sigmoid'", gates);
  if (is_true(*settings, "go_backwards")) layer.problem = "has go_backwards true, expected false";
  if (layer.cell == models::CellKind::gru && settings->contains("reset_after"))
    layer.reset = is_true(*settings, "reset_after") ? models::Reset::after : models::Reset::before;
  return layer;
}

}  // namespace

KerasModel read_keras_model(const std::string& configuration) {
  const Json document = Json::parse(configuration, nullptr, false);
  if (!document.is_object()) throw FormatError("the Keras configuration is no JSON object");
  const Json& settings = member(document, "config");
  // Sequential models of Keras 1 have the list itself.
  const auto list = document.find("config") != document.end() && document["config"].is_array()
                        ? document["config"]
                        : settings.value("layers", Json::array());
  if (!list.is_array()) throw FormatError("the Keras configuration has no list of layers");
  KerasModel model{text_or(document, "class_name", "") == "Sequential", {}};
  std::map<std::string, int> n_named;
  for (const Json& entry : list) {
    if (!entry.is_object()) throw FormatError("the Keras configuration has a damaged layer");
    const std::string class_name = text_or(entry, "class_name", "");
    const std::string store = snake_case(class_name);
    const int number = n_named[store]++;
    if (does_nothing(class_name, member(entry, "config"))) continue;
    model.layers.push_back(read_layer(entry));
    model.layers.back().store_name = number == 0 ? store : fmt::format("{}_{}", store, number);
  }
  return model;
}

models::Activation checked_activation(const KerasLayer& layer) {
  if (!layer.problem.empty())
    throw FormatError(fmt::format("layer '{}': {}", layer.name, layer.problem));
  if (layer.activation == "tanh") return models::Activation::tanh;
  if (layer.activation == "relu") return models::Activation::relu;
  throw FormatError(fmt::format("layer '{}': has activation '{}', expected 'tanh' or 'relu'",
                                layer.name, layer.activation));
}

}  // namespace nullcline::interchange::internal
