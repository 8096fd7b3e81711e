// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// Share of the targets other than 0 whose output has their sign; 0 if there is none.
double share_of_right_signs(const TrialBatch& batch, const std::vector<double>& outputs);

}  // namespace nullcline::tasks
