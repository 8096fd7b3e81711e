// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/signs.hpp"

#include "nullcline/core/error.hpp"

namespace nullcline::tasks {

double share_of_right_signs(const TrialBatch& batch, const std::vector<double>& outputs) {
  NULLCLINE_ASSERT(outputs.size() == batch.targets.size());
  double n_defined = 0, n_right = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (batch.targets[i] == 0) continue;
    n_defined += 1;
    n_right += outputs[i] * batch.targets[i] > 0 ? 1 : 0;
  }
  return n_defined > 0 ? n_right / n_defined : 0;
}

}  // namespace nullcline::tasks
