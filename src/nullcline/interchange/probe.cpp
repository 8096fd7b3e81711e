// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/interchange/internal/other_conventions.hpp"
#include "nullcline/interchange/internal/untested_weights.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::interchange {

namespace {

using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;

struct Probe {
  Matrix inputs, states, next_states;
};

Matrix read_probe_array(const NamedArrays& probe, const char* name, Index rows, Index columns) {
  if (!probe.has(name)) throw FormatError(fmt::format("the probe holds no array '{}'", name));
  Matrix values = probe.matrix(name);
  if (values.rows() != rows || values.cols() != columns)
    throw FormatError(fmt::format("probe array '{}': is {} x {}, the network needs {} x {}", name,
                                  values.rows(), values.cols(), rows, columns));
  if (!values.allFinite())
    throw FormatError(fmt::format("probe array '{}': holds NaN or infinity", name));
  return values;
}

Probe read_probe(const Network& network, const NamedArrays& probe) {
  if (!probe.has("h")) throw FormatError("the probe holds no array 'h'");
  const Index steps = probe.matrix("h").rows();
  if (steps == 0) throw FormatError("probe array 'h': has no steps, expected at least one");
  return {read_probe_array(probe, "x", steps, network.n_inputs()),
          read_probe_array(probe, "h", steps, network.n_states()),
          read_probe_array(probe, "h_next", steps, network.n_states())};
}

double replay(const Network& network, const Probe& probe) {
  const auto system = models::make_system(network);
  Matrix next(probe.states.rows(), probe.states.cols());
  system->evaluate(probe.states, probe.inputs, next);
  const double error = (next - probe.next_states).cwiseAbs().maxCoeff();
  return std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
}

struct Convention {
  Activation activation;
  Reset reset;

  std::string text(CellKind cell) const {
    return cell == CellKind::gru
               ? fmt::format("activation {}, reset {}", name_of(activation), name_of(reset))
               : fmt::format("activation {}", name_of(activation));
  }
};

/// One layer read by another convention. Going from reset before to after leaves the whole bias
/// outside the gate.
void reinterpret_layer(Network& layer, const Convention& convention) {
  layer.activation = convention.activation;
  if (layer.reset == convention.reset || layer.cell != CellKind::gru) return;
  if (convention.reset == Reset::before) layer.bias.tail(layer.n_units()) += layer.recurrent_bias;
  layer.recurrent_bias = Vector::Zero(convention.reset == Reset::after ? layer.n_units() : 0);
  layer.reset = convention.reset;
}

Network reinterpret(Network network, const Convention& convention) {
  reinterpret_layer(network, convention);
  for (Network& layer : network.upper) reinterpret_layer(layer, convention);
  return network;
}

/// One reading of the weights: activation, reset, and whatever else another framework would mean.
struct Candidate {
  std::shared_ptr<const Network> base;
  Convention convention;
  internal::Reading reading;
  int n_changes = 0;

  std::string text(CellKind cell) const {
    const std::string& difference = reading.difference;
    return convention.text(cell) + (difference.empty() ? "" : ", ") + difference;
  }
};

/// All readings, those with the fewest changes first.
std::vector<Candidate> candidates(const Network& network,
                                  const std::function<Network(const Convention&)>& read_by) {
  std::vector<Candidate> all;
  for (const Reset reset : {Reset::after, Reset::before}) {
    if (network.cell != CellKind::gru && reset != network.reset) continue;
    for (const Activation activation : {Activation::tanh, Activation::relu}) {
      const Convention convention{activation, reset};
      const int n_changes = (activation != network.activation) + (reset != network.reset);
      const auto base = std::make_shared<const Network>(read_by(convention));
      for (internal::Reading& reading : internal::other_readings(*base)) {
        const int n = n_changes + static_cast<int>(reading.changes.size());
        all.push_back({base, convention, std::move(reading), n});
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.n_changes < b.n_changes;
  });
  return all;
}

Probe first_steps(const Probe& probe, Index n) {
  n = std::min(n, probe.states.rows());
  return {probe.inputs.topRows(n), probe.states.topRows(n), probe.next_states.topRows(n)};
}

/// The states of each LSTM layer as [c; h] instead of [h; c].
Matrix swapped(const Network& network, const Matrix& states) {
  Matrix result = states;
  Index start = 0;
  for (Index k = 0; k < network.n_layers(); ++k) {
    const Index n_hidden = network.layer(k).n_hidden();
    if (network.layer(k).cell != CellKind::lstm) {
      start += n_hidden;
      continue;
    }
    const Index n_cell = network.layer(k).n_units();
    result.middleCols(start, n_hidden) = states.middleCols(start + n_cell, n_hidden);
    result.middleCols(start + n_hidden, n_cell) = states.middleCols(start, n_cell);
    start += n_hidden + n_cell;
  }
  return result;
}

double replay(const Candidate& candidate, const Probe& probe) {
  const Network network = internal::read_as(*candidate.base, candidate.reading);
  if (!candidate.reading.swaps_states) return replay(network, probe);
  return replay(
      network, {probe.inputs, swapped(network, probe.states), swapped(network, probe.next_states)});
}

void verify(Network& network, const NamedArrays& arrays, double tolerance,
            const std::function<Network(const Convention&)>& read_by) {
  const Probe probe = read_probe(network, arrays);
  const double error = replay(network, probe);
  if (error <= tolerance) {
    const std::string untested = internal::untested_weights(
        network, tolerance, [&](const Network& other) { return replay(other, probe); });
    if (!untested.empty())
      throw FormatError(fmt::format(
          "the probe proves nothing about {}: its {} steps come out the same with other numbers "
          "there, expected steps from inputs and states that are not all zero or saturated",
          untested, probe.states.rows()));
    network.verified = true;
    return;
  }
  const std::string found = fmt::format(
      "the {} with {} does not reproduce the probe: largest error {:.3g} in {} steps, allowed {:g}",
      name_of(network.cell), Convention{network.activation, network.reset}.text(network.cell),
      error, probe.states.rows(), tolerance);
  constexpr Index kFirstSteps = 8;  // most readings fail in them
  const Probe start = first_steps(probe, kFirstSteps);
  std::string tried;
  std::size_t n_more = 0;
  for (const Candidate& candidate : candidates(network, read_by)) {
    if (candidate.n_changes == 0) continue;
    const bool is_plain = candidate.reading.changes.empty();
    double other_error = replay(candidate, start);
    if (other_error <= tolerance || is_plain) other_error = replay(candidate, probe);
    const std::string text = fmt::format("{}: {:.3g}", candidate.text(network.cell), other_error);
    if (other_error <= tolerance)
      throw FormatError(fmt::format("{}; this convention does ({})", found, text));
    if (is_plain)
      tried += (tried.empty() ? "" : "; ") + text;
    else
      ++n_more;
  }
  throw FormatError(
      fmt::format("{}; nor does any other convention ({}; and {} more, of gate orders, biases and "
                  "states)",
                  found, tried, n_more));
}

bool has_float32(const NamedArrays& arrays) {
  for (const auto& [name, array] : arrays.all())
    if (std::holds_alternative<std::vector<float>>(array.data)) return true;
  return false;
}

}  // namespace

double probe_error(const Network& network, const NamedArrays& probe) {
  return replay(network, read_probe(network, probe));
}

void verify_with_probe(Network& network, const NamedArrays& probe, double tolerance) {
  verify(network, probe, tolerance,
         [&](const Convention& convention) { return reinterpret(network, convention); });
}

void verify_with_probe(Network& network, const NamedArrays& probe, double tolerance,
                       const NamedArrays& weights) {
  verify(network, probe, tolerance, [&](const Convention& convention) {
    return network_from_pytorch(weights, {network.cell, convention.activation, convention.reset});
  });
}

double probe_tolerance(const NamedArrays& weights, const NamedArrays& probe) {
  return has_float32(weights) || has_float32(probe) ? 1e-5 : 1e-10;
}

}  // namespace nullcline::interchange
