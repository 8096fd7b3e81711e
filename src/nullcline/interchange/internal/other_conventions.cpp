// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/internal/other_conventions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "nullcline/interchange/conventions.hpp"

namespace nullcline::interchange::internal {

namespace {

using models::CellKind;
using models::Network;
using models::Reset;

constexpr std::array kLstmGates{"i", "f", "g", "o"};

Reading changed(const Reading& reading, const std::string& difference,
                std::function<void(Network&)> change) {
  Reading result = reading;
  result.changes.push_back(std::move(change));
  result.difference += (result.difference.empty() ? "" : ", ") + difference;
  return result;
}

void reorder(Network& network, const std::array<int, 4>& places) {
  const int n_gates = models::n_gates(network.cell);
  network.input_weights = in_our_order(network.input_weights, places, n_gates);
  network.recurrent_weights = in_our_order(network.recurrent_weights, places, n_gates);
  network.bias = in_our_order(Matrix(network.bias), places, n_gates).col(0);
}

std::string gates_text(CellKind cell, const std::array<int, 4>& places) {
  for (const GateOrder& order : kGateOrders)
    if (order.cell == cell && order.places == places)
      return fmt::format("gates {} ({})", order.gates, order.sources);
  std::array<std::string, 4> gates;
  for (std::size_t gate = 0; gate < 4; ++gate)
    gates[static_cast<std::size_t>(places[gate])] = kLstmGates[gate];
  return fmt::format("gates {}, {}, {}, {}", gates[0], gates[1], gates[2], gates[3]);
}

/// sigmoid(-a) = 1 - sigmoid(a): the gate mixes its two parts the other way round.
void negate_gate(Network& network, Index gate) {
  const Index n = network.n_units();
  network.input_weights.middleRows(gate * n, n) *= -1;
  network.recurrent_weights.middleRows(gate * n, n) *= -1;
  network.bias.segment(gate * n, n) *= -1;
  network.forget_bias *= -1;
}

/// Each of `readings`, and each of `changes` to it.
using Change = std::function<Reading(const Reading&)>;
void multiply(std::vector<Reading>& readings, const std::vector<Change>& changes) {
  const std::size_t n = readings.size();
  for (const Change& change : changes)
    for (std::size_t i = 0; i < n; ++i) readings.push_back(change(readings[i]));
}

void add_gru(std::vector<Reading>& readings, Reset reset) {
  multiply(readings, {[](const Reading& reading) {
             return changed(reading, gates_text(CellKind::gru, kKerasGru.places),
                            [](Network& network) { reorder(network, kKerasGru.places); });
           }});
  multiply(readings, {[](const Reading& reading) {
             return changed(reading, "z replaces: h' = (1-z) h + z n (Haiku)",
                            [](Network& network) { negate_gate(network, 1); });
           }});
  if (reset != Reset::after) return;
  const auto all_in = [](Network& network, bool inside) {
    const Index n = network.n_units();
    const Vector total = network.bias.tail(n) + network.recurrent_bias;
    network.bias.tail(n) = inside ? Vector(Vector::Zero(n)) : total;
    network.recurrent_bias = inside ? total : Vector(Vector::Zero(n));
  };
  multiply(readings, {[](const Reading& reading) {
                        return changed(reading, "the two biases of n swapped",
                                       [](Network& network) {
                                         const Index n = network.n_units();
                                         const Vector outside = network.bias.tail(n);
                                         network.bias.tail(n) = network.recurrent_bias;
                                         network.recurrent_bias = outside;
                                       });
                      },
                      [all_in](const Reading& reading) {
                        return changed(reading, "all of n's bias outside the reset gate",
                                       [all_in](Network& network) { all_in(network, false); });
                      },
                      [all_in](const Reading& reading) {
                        return changed(reading, "all of n's bias inside the reset gate",
                                       [all_in](Network& network) { all_in(network, true); });
                      }});
}

void add_lstm(std::vector<Reading>& readings) {
  std::vector<Change> orders;
  std::array<int, 4> places{0, 1, 2, 3};
  while (std::next_permutation(places.begin(), places.end()))
    orders.push_back([places](const Reading& reading) {
      return changed(reading, gates_text(CellKind::lstm, places),
                     [places](Network& network) { reorder(network, places); });
    });
  multiply(readings, orders);
  const auto shifted = [](const Reading& reading, double shift, const char* text) {
    return changed(reading, text, [shift](Network& network) { network.forget_bias += shift; });
  };
  multiply(readings, {[shifted](const Reading& reading) {
                        return shifted(reading, 1, "forget bias +1 (Haiku, TensorFlow 1)");
                      },
                      [shifted](const Reading& reading) {
                        return shifted(reading, -1, "forget bias -1: it was added already");
                      }});
  multiply(readings, {[](const Reading& reading) {
             Reading swapped = changed(reading, "states [c; h]", [](Network&) {});
             swapped.swaps_states = true;
             return swapped;
           }});
}

void add_one_gate(std::vector<Reading>& readings, CellKind cell) {
  multiply(readings, {[](const Reading& reading) {
             return changed(reading, "recurrent weights transposed", [](Network& network) {
               network.recurrent_weights.transposeInPlace();
               network.mask.resize(0, 0);
               network.dale_signs.resize(0);
             });
           }});
  if (cell == CellKind::vanilla) return;
  const CellKind other = cell == CellKind::leaky ? CellKind::leaky_outside : CellKind::leaky;
  multiply(readings, {[other](const Reading& reading) {
             return changed(reading, fmt::format("cell {}", name_of(other)),
                            [other](Network& network) { network.cell = other; });
           }});
}

}  // namespace

Network read_as(Network network, const Reading& reading) {
  const CellKind cell = network.cell;
  for (const auto& change : reading.changes) {
    change(network);
    for (Network& layer : network.upper)  // of a mixed stack, the layers that the change is about
      if (layer.cell == cell && layer.reset == network.reset) change(layer);
  }
  return network;
}

std::vector<Reading> other_readings(const Network& network) {
  std::vector<Reading> readings(1);
  switch (network.cell) {
    case CellKind::gru:
      add_gru(readings, network.reset);
      break;
    case CellKind::lstm:
      add_lstm(readings);
      break;
    case CellKind::ugrnn:
      multiply(readings, {[](const Reading& reading) {
                            return changed(reading, "gates c, g", [](Network& changing) {
                              reorder(changing, {1, 0, -1, -1});
                            });
                          },
                          [](const Reading& reading) {
                            return changed(reading, "g replaces: h' = (1-g) h + g c",
                                           [](Network& changing) { negate_gate(changing, 0); });
                          }});
      break;
    default:
      add_one_gate(readings, network.cell);
  }
  return readings;
}

}  // namespace nullcline::interchange::internal
