// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/models/network.hpp"
#include "nullcline/tasks/task.hpp"
#include "nullcline/training/loss.hpp"

namespace nullcline::training {

/// Loss of a network on some trials, with what back-propagation through time says about it.
struct Gradients {
  double loss = 0;
  Matrix input_weights, recurrent_weights;  ///< dL/d(.), shapes as in the network
  Vector bias, recurrent_bias;
  Matrix readout_weights;
  Vector readout_bias;
  Vector initial_state;
};

/// dL/d(each trainable array), without penalty, clipping, mask or signs. The arithmetic of all
/// trials and steps is in the given precision. The result does not depend on the number of threads.
/// @throws InvalidInput if the batch does not fit the network.
Gradients loss_gradients(const models::Network& network, const tasks::TrialBatch& batch,
                         const LossOptions& loss = {}, Precision precision = Precision::float64);

/// The forward half alone.
struct Unrolled {
  double loss = 0;
  std::vector<double> outputs;  ///< (trials, steps, outputs)
  std::vector<double> states;   ///< (trials, steps, states), after each step
};
/// @throws InvalidInput if the batch does not fit the network.
Unrolled unroll(const models::Network& network, const tasks::TrialBatch& batch,
                const LossOptions& loss = {}, Precision precision = Precision::float64);

}  // namespace nullcline::training
