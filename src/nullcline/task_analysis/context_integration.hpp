// SPDX-License-Identifier: BSD-3-Clause
// The line attractor of each context of context-dependent integration, and what it takes in.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/tasks/context_integration.hpp"

namespace nullcline::task_analysis {

struct LineAttractorOptions {
  int trials = 64;          ///< of the task's probe, over all contexts: their states are starts
  int points = 50;          ///< starts per context, taken evenly of these
  double tolerance = 1e-3;  ///< of q = 1/2 |F(h) - h|^2, at which a state stops
  int max_steps = 5000;     ///< of the descent of q
  std::uint64_t seed = 0;   ///< of the trials

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("trials", self.trials, "probe trials whose states the line is looked for from");
    field("points", self.points, "states per context that are sent to the line");
    field("tolerance", self.tolerance, "q = 1/2 |F(h) - h|^2 at which a state stops");
    field("max_steps", self.max_steps, "steps of the descent of q");
    field("seed", self.seed, "seed of the trials");
  }
};

/// The approximate line attractor of one context: states that are slow under its cue, in the order
/// of their readouts. Means are over the states; NaN without any.
struct ContextLine {
  Vector input;        ///< the cue, without noise
  Index n_starts = 0;  ///< what was sent; the states are those that became slow enough
  Matrix states;       ///< (n, n_states)
  Vector speeds;       ///< q of each
  Vector readouts;     ///< of each, rising
  Vector leading;      ///< |lambda_1| of each
  Vector magnitudes;   ///< means of the sorted |lambda| (n_states): Fig. 3e
  /// |l_1 B e_k| of the mode of the largest |lambda|, for each state and input (n, n_inputs); NaN
  /// where the eigenvectors are defective, and left out of the means.
  Matrix selection;
  double relevant = std::numeric_limits<double>::quiet_NaN();    ///< mean of the context's stream
  double irrelevant = std::numeric_limits<double>::quiet_NaN();  ///< mean of all other streams
  /// Mean response at the steps of the analysis to a unit of the relevant stream, by the k leading
  /// modes, k = 0, 1, ..., n_states: (n_steps, n_states + 1). Fig. 3f.
  Matrix responses;
  Matrix graph, graph_two;  ///< one and two nearest neighbors (n, n)
  int n_defective = 0;
};

struct ContextIntegrationAnalysis {
  std::vector<ContextLine> contexts;
  std::vector<int> steps;  ///< of the responses: 1, 5 and the length of a trial
  double tolerance = 0;
  bool interrupted = false;
};

/// Figures 3e and 3f of Maheswaranathan et al. (2019). The lines are found by descending q from
/// the states of probe trials of each context until it is below a tolerance: a descent to the end
/// would contract a line to the few fixed points on it.
/// @throws InvalidInput if an option is out of range or the network is not made for the task.
ContextIntegrationAnalysis analyze_context_integration(const models::Network& network,
                                                       const tasks::ContextIntegrationOptions& task,
                                                       const LineAttractorOptions& options = {},
                                                       const Progress& progress = {});

/// A group "context_k" for each context, with dimensions point, state, input, neighbor, step, mode.
NamedArrays to_arrays(const ContextIntegrationAnalysis& analysis);

}  // namespace nullcline::task_analysis
