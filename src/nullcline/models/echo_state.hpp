// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/network.hpp"

namespace nullcline::models {

/// An echo-state network with output feedback, and its Euler map with a step of 1:
///
///     tau dx/dt = -x + W_r r(x) + W_fb z + B u,   z = W_o r(x),   r = phi.
///
/// With the feedback folded in, W_c = W_r + W_fb W_o, it is a leaky network with the current
/// outside: x' = (1 - alpha) x + alpha (W_c r(x) + B u), alpha = 1 / tau. Jang (2015), equation 7.
struct EchoState {
  Activation activation = Activation::tanh;
  Matrix recurrent_weights;  ///< W_r: (n_units, n_units)
  Matrix feedback_weights;   ///< W_fb: (n_units, n_outputs)
  Matrix input_weights;      ///< B: (n_units, n_inputs)
  Matrix readout_weights;    ///< W_o: (n_outputs, n_units)
  double tau = 10;           ///< in steps, at least 1
  Vector initial_state;      ///< x_0: (n_units)

  Index n_units() const { return recurrent_weights.rows(); }
  Index n_inputs() const { return input_weights.cols(); }
  Index n_outputs() const { return readout_weights.rows(); }
};

/// @throws InvalidInput for shapes that do not fit, values that are not finite, or tau below 1.
void validate(const EchoState& network);

/// The closed loop: a leaky-outside network with the weights W_c and the readout W_o. Its map is
/// the Euler map, its flow F - x is dx/dt. @throws InvalidInput as `validate`.
Network fold_feedback(const EchoState& network);

/// Arrays named as the fields; activation and tau as attributes.
NamedArrays to_arrays(const EchoState& network);
/// @throws FormatError if an array is missing or the result does not validate.
EchoState echo_state_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::models
