// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "console.hpp"
#include "network_source.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/weight_file.hpp"
#include "nullcline/results/subject.hpp"
#include "results.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string type_name(const NamedArray::Data& data) {
  static const char* const kNames[] = {"float64", "float32", "int64", "uint8", "text"};
  return kNames[data.index()];
}

struct Contents {
  std::string path, format, kind;
  NamedArrays arrays;
  std::optional<models::Network> network;
  std::optional<results::Subject> model;  ///< of a model file
};

Contents read_contents(const std::string& path) {
  Contents contents;
  contents.path = path;
  if (interchange::is_model_path(path)) {
    contents.format = "toml";
    contents.kind = "model";
    contents.model = results::Subject::of(interchange::read_model(path));
    contents.network = contents.model->network;
    return contents;
  }
  if (!is_hdf5_file(path)) {
    contents.format = name_of(io::weight_format(path));
    contents.arrays = io::read_weights(path);
    return contents;
  }
  contents.format = "hdf5";
  contents.arrays = io::read_hdf5(path);
  contents.kind = text_or_empty(contents.arrays.attributes, kKindAttribute);
  if (contents.arrays.has_group("network"))
    contents.network = reading(
        path, [&] { return models::network_from_arrays(contents.arrays.group("network")); });
  return contents;
}

Json attribute_json(const Attribute& attribute) {
  return std::visit([](const auto& value) { return Json(value); }, attribute);
}

std::string json_text(const Contents& contents) {
  Json document;
  document["file"] = contents.path;
  document["format"] = contents.format;
  document["kind"] = contents.kind.empty() ? Json() : Json(contents.kind);
  document["network"] = Json();
  if (const auto& network = contents.network) {
    document["network"] = {{"cell", name_of(network->cell)},
                           {"n_units", network->n_units()},
                           {"n_layers", network->n_layers()},
                           {"n_states", network->n_states()},
                           {"n_inputs", network->n_inputs()},
                           {"n_outputs", network->n_outputs()},
                           {"activation", name_of(network->activation)},
                           {"verified", network->verified}};
    if (network->cell == models::CellKind::gru)
      document["network"]["reset"] = name_of(network->reset);
  }
  if (const auto& subject = contents.model) {
    const interchange::Model& model = *subject->model;
    document["model"] = {{"time", name_of(model.time())},
                         {"states", model.state_names()},
                         {"inputs", model.input_names()},
                         {"parameters", Json::object()}};
    for (const auto& [name, value] : model.parameters())
      document["model"]["parameters"][name] = value;
  }
  document["arrays"] = Json::object();
  for (const auto& [name, array] : contents.arrays.all())
    document["arrays"][name] = {
        {"type", type_name(array.data)}, {"shape", array.shape}, {"dimensions", array.dimensions}};
  document["attributes"] = Json::object();
  for (const auto& [name, value] : contents.arrays.attributes)
    document["attributes"][name] = attribute_json(value);
  document["nullcline"] = version();
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string plain_text(const Contents& contents) {
  std::string text = fmt::format("{}: {}\n", contents.path,
                                 contents.kind.empty() ? contents.format : contents.kind);
  if (contents.model) return text + contents.model->description() + "\n";
  if (contents.network)
    text += fmt::format("network: {}{}\n", describe(*contents.network),
                        contents.network->verified ? "" : kNotVerified);
  text += "arrays:\n";
  for (const auto& [name, array] : contents.arrays.all()) {
    text += fmt::format("  {:<36} {:<8} ({})", name, type_name(array.data),
                        fmt::join(array.shape, ", "));
    if (!array.dimensions.empty()) text += fmt::format(" {}", fmt::join(array.dimensions, " x "));
    text += "\n";
  }
  if (!contents.arrays.attributes.empty()) text += "attributes:\n";
  for (const auto& [name, value] : contents.arrays.attributes) {
    const Json json = attribute_json(value);
    text +=
        fmt::format("  {}: {}\n", name, json.is_string() ? json.get<std::string>() : json.dump());
  }
  return text;
}

}  // namespace

void add_info(CLI::App& root, Subcommands& subcommands) {
  struct Flags {
    std::string path;
    bool json = false;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* app = root.add_subcommand("info", "say what is inside a file");
  app->add_option(
         "file", flags->path,
         "a result (.nc), weights (.npz, .safetensors, .pt, .keras, .h5) or a model (.toml)")
      ->required()
      ->option_text("FILE");
  app->add_flag("--json", flags->json, "print one JSON document");
  app->footer("Example: nullcline info ff.points.nc");
  subcommands.push_back({app, [flags] {
                           const Contents contents = read_contents(flags->path);
                           print(flags->json ? json_text(contents) : plain_text(contents));
                           return kDone;
                         }});
}

}  // namespace nullcline::cli
