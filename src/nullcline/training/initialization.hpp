// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/training/train.hpp"

namespace nullcline::training {

/// A network with random weights, before any training. With N units, I inputs, O outputs, k gates:
///
/// renn             every W and A normal with variance 1/N, biases 0, h0 = 0; C normal with
/// variance
///                  2/(N+O), d normal with deviation 0.01
/// ctd              W normal with deviation g/sqrt(N), g = 1 for gated cells and 0.85 for the
/// others;
///                  A normal with variance 1/I, C with 1/N; biases 0; h0 normal with deviation 0.1
/// tf1              [A W] of all gates that share a kernel uniform within sqrt(6/(I+N+kN)) (the
/// GRU's
///                  candidate has its own); biases 0, but the GRU's r and z start at an effective 1
/// keras            A uniform within sqrt(6/(I+kN)); W with orthonormal columns; biases 0, but the
///                  LSTM's f starts at an effective 1
/// torch            everything uniform within 1/sqrt(N); b is the sum of two such vectors where
///                  PyTorch keeps two
/// rotation_blocks  as torch, but the candidate's W is zero outside 2 x 2 blocks
///                  gain * [cos -sin; sin cos] on the diagonal (an odd last unit has the gain
///                  alone)
///
/// C and d of tf1 and keras are glorot-uniform and 0. "Effective" counts forget_bias. Initial
/// states are 0 unless said. `connectivity` then keeps that share of W's entries, the same for all
/// gates, and Dale's law makes the first units excitatory, the others inhibitory, by the sign of
/// their columns.
/// @throws InvalidInput for an option out of range.
models::Network make_initial_network(const TrainOptions& options, Index n_inputs, Index n_outputs);

/// @throws InvalidInput naming the first option that is out of range.
void check_options(const TrainOptions& options);

}  // namespace nullcline::training
