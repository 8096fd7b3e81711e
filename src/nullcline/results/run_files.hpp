// SPDX-License-Identifier: BSD-3-Clause
// What files of simulations and of trained networks hold; the caller stamps them.
#pragma once

#include <string>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "nullcline/training/force.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::results {

/// `inputs` (n_trials * n_steps, n_inputs) and `states` (n_trials * n_steps, n_states) as arrays
/// trials x steps x values, with the readouts of the network if there is one.
NamedArrays simulation_to_arrays(const models::Network* network, ConstMatrixRef inputs,
                                 ConstMatrixRef states, Index n_trials, Index n_steps);

/// The network, its losses and how its training on `task` ended.
NamedArrays training_to_arrays(const training::TrainResult& result, const std::string& task);

/// A training by FORCE with its test: the closed loop on a fresh stream of the task, from a fresh
/// initial state.
struct ForceRun {
  training::ForceResult training;
  Matrix test_inputs, test_targets, test_outputs;  ///< (steps, channels)
  double test_error = 0;                           ///< mean square over steps and outputs
  double test_accuracy = 0;                        ///< the task's
};

/// Makes an echo-state network, trains it on one stream of options.train_steps steps of the task,
/// and tests it on the steps that the task has. The test is left out if the training did not end.
/// With `transfer_from` it begins with the weights of that network (training::transfer).
/// @throws InvalidInput
ForceRun run_force(const tasks::TaskChoice& task, const training::ForceOptions& options,
                   const Progress& progress = {}, const models::EchoState* transfer_from = nullptr);

/// The echo-state network in the file of one that was trained by FORCE; `path` names the file in
/// messages. @throws FormatError
models::EchoState echo_state_of(const std::string& path, const NamedArrays& file);

/// The network with its feedback folded in, the echo-state network it is made of (group
/// `echo_state`), what training and test gave, and the snapshots of the readout.
NamedArrays force_to_arrays(const ForceRun& run, const std::string& task);

}  // namespace nullcline::results
