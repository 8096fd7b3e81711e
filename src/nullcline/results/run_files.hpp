// SPDX-License-Identifier: BSD-3-Clause
// What files of simulations and of trained networks hold; the caller stamps them.
#pragma once

#include <string>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::results {

/// `inputs` (n_trials * n_steps, n_inputs) and `states` (n_trials * n_steps, n_states) as arrays
/// trials x steps x values, with the readouts of the network if there is one.
NamedArrays simulation_to_arrays(const models::Network* network, ConstMatrixRef inputs,
                                 ConstMatrixRef states, Index n_trials, Index n_steps);

/// The network, its losses and how its training on `task` ended.
NamedArrays training_to_arrays(const training::TrainResult& result, const std::string& task);

}  // namespace nullcline::results
