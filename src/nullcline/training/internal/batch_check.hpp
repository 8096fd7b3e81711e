// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/network.hpp"
#include "nullcline/tasks/task.hpp"
#include "nullcline/training/loss.hpp"

namespace nullcline::training::internal {

/// @throws InvalidInput unless the network is one layer without projection, the arrays have the
/// batch's sizes, the sizes fit the network, the mask is non-negative and not all zero, and the
/// targets of bce lie in [-1, 1].
void check_batch(const models::Network& network, const tasks::TrialBatch& batch, Loss loss);

}  // namespace nullcline::training::internal
