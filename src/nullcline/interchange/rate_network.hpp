// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/interchange/weights.hpp"

namespace nullcline::interchange {

/// PsychRNN's Basic model, v' = (1-alpha) v + alpha (W_rec phi(v) + W_in x + b_rec), output
/// W_out phi(v) + b_out: cell leaky-outside, activation relu unless the options say otherwise.
/// Arrays W_in (units, inputs), W_rec (units, units), b_rec; and where there are any W_out, b_out,
/// init_state, Dale_rec and Dale_out (diagonal), rec_, input_ and output_connectivity, which are
/// applied. The file does not hold alpha, so options.alpha must.
/// @throws FormatError naming the array; InvalidInput if alpha is missing.
models::Network network_from_psychrnn(const NamedArrays& weights, const WeightsOptions& options);

/// A network under the names of models::Network's own fields: recurrent_weights, input_weights and
/// bias, and where there are any recurrent_bias, alpha (one number or one per unit), mask,
/// dale_signs, forget_bias, readout_weights, readout_bias, initial_state. One gate may be three
/// cells, so options.cell must say which.
/// @throws FormatError naming the array; InvalidInput if cell or alpha is missing.
models::Network network_from_own_names(const NamedArrays& weights, const WeightsOptions& options);

}  // namespace nullcline::interchange
