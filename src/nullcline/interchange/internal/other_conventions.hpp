// SPDX-License-Identifier: BSD-3-Clause
// The same numbers, read as another framework would have meant them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nullcline/models/network.hpp"

namespace nullcline::interchange::internal {

/// One way to read the weights that differs from how a network was read.
struct Reading {
  std::vector<std::function<void(models::Network&)>> changes;
  std::string difference;     ///< "gates z, r, n (Keras, Haiku, ONNX)"; "" for none
  bool swaps_states = false;  ///< the probe's states are [c; h]
};

models::Network read_as(models::Network network, const Reading& reading);

/// All readings of `network`, itself included: gate orders, z keeping or replacing, a forget bias
/// of 1 added or counted twice, the order of h and c, biases of n inside and outside the reset
/// gate, transposed recurrent weights, current inside and outside the leak. Activation and reset
/// are the network's own.
std::vector<Reading> other_readings(const models::Network& network);

}  // namespace nullcline::interchange::internal
