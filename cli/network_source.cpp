// SPDX-License-Identifier: BSD-3-Clause
#include "network_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "blas.hpp"
#include "nullcline/core/options_text.hpp"
#include "nullcline/interchange/weights.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/io/weight_file.hpp"
#include "results.hpp"

namespace nullcline::cli {

namespace {

interchange::WeightsOptions weights_options(const ImportFlags& flags) {
  interchange::WeightsOptions options;
  if (!flags.cell.empty()) options.cell = parse_enum<models::CellKind>(flags.cell, "--cell");
  if (!flags.activation.empty())
    options.activation = parse_enum<models::Activation>(flags.activation, "--activation");
  if (!flags.reset.empty()) options.reset = parse_enum<models::Reset>(flags.reset, "--reset");
  if (flags.alpha != 0) options.alpha = flags.alpha;
  options.prefix = flags.prefix;
  options.readout = flags.readout;
  return options;
}

/// What contradicts the file is a mistake on the command line: its key gets the dashes of a flag.
models::Network network_of(const NamedArrays& weights, const interchange::WeightsOptions& options,
                           const std::string& path) {
  try {
    return interchange::network_from_weights(weights, options);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  } catch (const InvalidInput& error) {
    throw InvalidInput(fmt::format("--{} ({})", error.what(), path));
  }
}

NetworkSource import_network(const std::string& path, const ImportFlags& flags) {
  const interchange::WeightsOptions options = weights_options(flags);
  const NamedArrays weights = io::read_weights(path);
  NetworkSource source;
  source.path = path;
  source.imported = true;
  models::Network network = network_of(weights, options, path);
  if (!flags.probe.empty()) {
    const NamedArrays probe = io::read_npz(flags.probe);
    reading(flags.probe, [&] { interchange::verify_weights(network, weights, options, probe); });
  }
  source.subject = results::Subject::of(std::move(network));
  return source;
}

void refuse_import_flags(const std::string& path, const ImportFlags& flags) {
  const std::string alpha = flags.alpha == 0 ? "" : "given";
  for (const auto& [name, value] :
       {std::pair{"--cell", flags.cell}, std::pair{"--activation", flags.activation},
        std::pair{"--reset", flags.reset}, std::pair{"--alpha", alpha},
        std::pair{"--prefix", flags.prefix}, std::pair{"--readout", flags.readout},
        std::pair{"--probe", flags.probe}})
    if (!value.empty())
      throw InvalidInput(
          fmt::format("{}: is for imported weights; {} says this itself", name, path));
}

interchange::ParameterValues parameter_values(const ModelFlags& flags) {
  interchange::ParameterValues values;
  for (std::size_t begin = 0; begin < flags.set.size();) {
    const std::size_t end = std::min(flags.set.find_first_of(";,", begin), flags.set.size());
    const std::string text = flags.set.substr(begin, end - begin);
    const std::size_t place = text.find('=');
    if (place == std::string::npos || place == 0)
      throw InvalidInput(fmt::format("--set: found '{}', expected name=value", text));
    values.emplace_back(text.substr(0, place), parse_number(text.substr(place + 1), "--set"));
    begin = end + 1;
  }
  return values;
}

NetworkSource model_source(const std::string& path, const ImportFlags& flags,
                           const ModelFlags& model_flags) {
  refuse_import_flags(path, flags);
  NetworkSource source;
  source.path = path;
  source.subject =
      results::Subject::of(interchange::read_model(path, parameter_values(model_flags)));
  return source;
}

NetworkSource stored_network(const std::string& path, NamedArrays file, const ImportFlags& flags) {
  refuse_import_flags(path, flags);
  NetworkSource source;
  source.path = path;
  source.file = std::move(file);
  source.subject = reading(path, [&] { return results::stored_subject(source.file); });
  return source;
}

}  // namespace

namespace {

NetworkSource read_source(const std::string& path, const ImportFlags& flags,
                          const ModelFlags& model_flags) {
  if (interchange::is_model_path(path)) return model_source(path, flags, model_flags);
  if (!model_flags.set.empty())
    throw InvalidInput(fmt::format("--set: is for model files (.toml), found {}", path));
  if (!is_hdf5_file(path)) return import_network(path, flags);
  NamedArrays file = io::read_hdf5(path);
  if (results::has_subject(file)) return stored_network(path, std::move(file), flags);
  if (!text_or_empty(file.attributes, kKindAttribute).empty())
    throw FormatError(path + ": holds no network (no group 'network')");
  return import_network(path, flags);
}

}  // namespace

NetworkSource load_network(const std::string& path, const ImportFlags& flags,
                           const ModelFlags& model_flags) {
  NetworkSource source = read_source(path, flags, model_flags);
  use_best_blas_kernels_for(source.subject.network ? source.subject.network->n_states()
                                                   : source.subject.make_system()->n_states());
  return source;
}

Vector held_input(const std::vector<double>& values, Index n_inputs) {
  if (values.empty()) return Vector::Zero(n_inputs);
  if (static_cast<Index>(values.size()) != n_inputs)
    throw InvalidInput(
        fmt::format("--input: found {} values, expected {}", values.size(), n_inputs));
  return Eigen::Map<const Vector>(values.data(), n_inputs);
}

}  // namespace nullcline::cli
