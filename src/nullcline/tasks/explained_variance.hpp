// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// Share of the variance of the targets that the outputs explain, at least 0:
/// 1 - sum (output - target)^2 / sum (target - its channel's mean)^2.
double explained_variance(const TrialBatch& batch, const std::vector<double>& outputs);

}  // namespace nullcline::tasks
