// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/weights.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/interchange/internal/find_weights.hpp"
#include "nullcline/interchange/keras.hpp"
#include "nullcline/interchange/rate_network.hpp"

namespace nullcline::interchange {

namespace {

using models::CellKind;
using models::Network;
using models::Reset;

void refuse(const char* key, Source source, const char* meaning) {
  throw InvalidInput(fmt::format("{}: is {}, found weights of {}", key, meaning, name_of(source)));
}

void refuse_options(const WeightsOptions& options, Source source) {
  const bool is_rate_network = source == Source::psychrnn || source == Source::nullcline;
  if (options.alpha && !is_rate_network)
    refuse("alpha", source, "the leak of a rate network (psychrnn, nullcline)");
  if (!options.prefix.empty() && is_rate_network)
    refuse("prefix", source, "the name of a recurrent module among several (pytorch, keras)");
  if (!options.readout.empty() && options.readout != "none" && is_rate_network)
    refuse("readout", source, "the name of a linear layer (pytorch, keras)");
}

Network read_pytorch(const NamedArrays& weights, const WeightsOptions& options) {
  const internal::TorchModule module = internal::choose_module(weights, options.prefix);
  ImportOptions details;
  details.cell = options.cell ? *options.cell : internal::cell_of_module(weights, module);
  details.activation = options.activation.value_or(models::Activation::tanh);
  details.reset = options.reset.value_or(Reset::after);
  return network_from_pytorch(internal::module_and_readout(weights, module, options.readout),
                              details);
}

}  // namespace

Source source_of(const NamedArrays& weights) {
  if (!internal::torch_modules(weights).empty()) return Source::pytorch;
  if (has_keras_names(weights)) return Source::keras;
  if (weights.has("W_rec") && weights.has("W_in")) return Source::psychrnn;
  if (weights.has("recurrent_weights")) return Source::nullcline;
  std::string names;
  for (const auto& [name, array] : weights.all())
    if (names.size() < 200) names += (names.empty() ? "" : ", ") + name;
  throw FormatError(
      fmt::format("no array named weight_ih_l0 or weight_ih (PyTorch), with or without a prefix, "
                  "recurrent_kernel or cell/vars/1 (Keras), W_rec (PsychRNN) or recurrent_weights "
                  "(Nullcline); found {}",
                  names.empty() ? "no arrays" : names));
}

Network network_from_weights(const NamedArrays& weights, const WeightsOptions& options) {
  const Source source = source_of(weights);
  refuse_options(options, source);
  switch (source) {
    case Source::pytorch:
      return read_pytorch(weights, options);
    case Source::keras:
      return network_from_keras(weights, options);
    case Source::psychrnn:
      return network_from_psychrnn(weights, options);
    case Source::nullcline:
      return network_from_own_names(weights, options);
  }
  throw InternalError("weights of an unknown source");
}

void verify_weights(Network& network, const NamedArrays& weights, const WeightsOptions& options,
                    const NamedArrays& probe) {
  const double tolerance = probe_tolerance(weights, probe);
  if (source_of(weights) != Source::pytorch) return verify_with_probe(network, probe, tolerance);
  const internal::TorchModule module = internal::choose_module(weights, options.prefix);
  verify_with_probe(network, probe, tolerance,
                    internal::module_and_readout(weights, module, options.readout));
}

}  // namespace nullcline::interchange
