// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/interchange/weights.hpp"

namespace nullcline::interchange {

/// Whether the arrays are named as Keras names those of recurrent layers: BASE/cell/vars/0 ...
/// (Keras 3) or BASE/kernel, BASE/recurrent_kernel, BASE/bias (legacy .h5, with or without ":0").
bool has_keras_names(const NamedArrays& weights);

/// A SimpleRNN, GRU or LSTM layer with the Dense layer that follows it, if one does; the recurrent
/// layers of a Sequential model that just follow on each other are one stack. The
/// configuration says the activations and where the reset acts; without one the shape of the bias
/// says the latter, and the options or tanh the former. Kernels are (inputs, gates * units); gates
/// GRU z, r, h; LSTM i, f, c, o; a GRU with reset_after has two biases, rows of one array.
/// @throws FormatError naming the setting that no cell of ours has: hard_sigmoid, go_backwards,
/// Bidirectional, activations but tanh and relu, a Dense readout that is not linear; and for arrays
/// of the wrong shape.
models::Network network_from_keras(const NamedArrays& weights, const WeightsOptions& options);

}  // namespace nullcline::interchange
