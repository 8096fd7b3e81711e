// SPDX-License-Identifier: BSD-3-Clause
// Where bytes meet networks: foreign weights in, checked against probe steps.
#pragma once

#include <optional>
#include <string>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::interchange {

/// What a file of weights does not say about itself.
struct ImportOptions {
  models::CellKind cell = models::CellKind::gru;
  models::Activation activation = models::Activation::tanh;
  models::Reset reset = models::Reset::after;
};

/// Weights under PyTorch's names: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 (or without
/// "_l0", as the *Cell classes have them), with an optional prefix such as "rnn."; _l1, _l2, ...
/// are the layers above; weight_hr_l{k} is the output projection of an LSTM (proj_size);
/// readout.weight and readout.bias if there. Rows by gate: GRU r, z, n; LSTM i, f, g, o; UGRNN g,
/// c. The two biases are summed, but for n of a GRU with reset after; both absent means zero.
/// Bidirectional weights are refused, whose backward half is no map of states, and leaky cells,
/// whose alpha such files do not hold.
/// @throws FormatError naming the array, its shape and the shape expected; also for NaN and
/// infinity.
models::Network network_from_pytorch(const NamedArrays& weights, const ImportOptions& options);

/// Replays steps x, h -> h_next (arrays (n, n_inputs), (n, n_states), (n, n_states)) and returns
/// the largest error |F(h, x) - h_next|. States of a stack are those of its layers in turn, of an
/// LSTM's layer [h; c].
/// @throws FormatError if an array is missing or its shape does not fit.
double probe_error(const models::Network& network, const NamedArrays& probe);

/// Refuses a network that does not reproduce its probe within `tolerance`, and says which other
/// convention (activation, reset) would, if one does; and a probe that would be reproduced with
/// other weights as well. Marks the network as verified.
/// @throws FormatError
void verify_with_probe(models::Network& network, const NamedArrays& probe, double tolerance);

/// The same for a network that came from `weights`. The other conventions are tried on the weights
/// themselves: a network read with reset before has lost the split of the two biases of n.
/// @throws FormatError
void verify_with_probe(models::Network& network, const NamedArrays& probe, double tolerance,
                       const NamedArrays& weights);

/// 1e-5 if any array of the source is float32, 1e-10 otherwise.
double probe_tolerance(const NamedArrays& weights, const NamedArrays& probe);

}  // namespace nullcline::interchange
