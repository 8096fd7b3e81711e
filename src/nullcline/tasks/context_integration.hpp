// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/matrix.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// Context-dependent integration of one of K noisy streams. Inputs are [n_1 ... n_K, c_1 ... c_K]:
/// n[k,t] ~ N(mu_k, noise^2) with mu_k ~ U(-mean_range, mean_range), drawn per trial and stream,
/// and the context c, one-hot and held through the trial, whose place, drawn uniformly, names the
/// relevant stream. The target is its sum so far, y[t] = sum_{s<=t} n[relevant,s], step t included.
/// At the defaults Var(y[t]) = t + t^2 / 3 after t steps. Maheswaranathan et al. (2019), section
/// 3.3; Mante et al. (2013).
struct ContextIntegrationOptions {
  int streams = 2;
  int steps = 30;
  double mean_range = 1;
  double noise = 1;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("streams", self.streams, "number of streams, and of contexts");
    field("steps", self.steps, "steps per trial");
    field("mean_range", self.mean_range, "a stream's mean is uniform from minus this to this");
    field("noise", self.noise, "standard deviation of a stream about its mean");
  }
};

/// @throws InvalidInput for streams outside 1..16, steps outside 1..1000000, mean_range or noise
/// not finite or below 0.
void check_options(const ContextIntegrationOptions& options);

/// The inputs at which each context is analysed, a row each: its cue, and no noise.
Matrix context_inputs(const ContextIntegrationOptions& options);

/// accuracy(): share of the variance of the targets that the outputs explain, at least 0.
/// probe(): the contexts in turn; in each, the mean of the relevant stream rises evenly from
/// -mean_range to mean_range (one trial alone has 0). All else is drawn as in other trials.
/// @throws InvalidInput as check_options.
std::unique_ptr<Task> make_context_integration(const ContextIntegrationOptions& options);

}  // namespace nullcline::tasks
