// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/explained_variance.hpp"

#include "nullcline/core/error.hpp"

namespace nullcline::tasks {

double explained_variance(const TrialBatch& batch, const std::vector<double>& outputs) {
  NULLCLINE_ASSERT(outputs.size() == batch.targets.size());
  const auto n = static_cast<std::size_t>(batch.n_outputs);
  std::vector<double> means(n, 0.0);
  const std::size_t n_rows = outputs.size() / n;
  const auto rows = static_cast<double>(n_rows);
  for (std::size_t i = 0; i < outputs.size(); ++i) means[i % n] += batch.targets[i] / rows;
  double error = 0, variance = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    error += (outputs[i] - batch.targets[i]) * (outputs[i] - batch.targets[i]);
    variance += (batch.targets[i] - means[i % n]) * (batch.targets[i] - means[i % n]);
  }
  return variance > 0 && error < variance ? 1 - error / variance : 0;
}

}  // namespace nullcline::tasks
