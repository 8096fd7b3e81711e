// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/tasks/task.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::training {

/// Refuses sizes that this machine's memory cannot hold, before anything is allocated.
/// @throws InvalidInput naming the options, the need and what there is.
void check_memory(const tasks::Task& task, const TrainOptions& options);

}  // namespace nullcline::training
