// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/perturbation/types.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::perturbation {

struct PerturbOptions {
  std::vector<double> noise;         ///< standard deviations, 0 to 1e6
  std::vector<double> prune;         ///< shares in [0, 1], smallest magnitudes first
  std::vector<double> prune_random;  ///< shares in [0, 1], at random
  int trials = 10;                   ///< networks per level; pruning by magnitude needs one
  bool error_only = false;           ///< leave the structure out
  int task_trials = 1;               ///< trials of the task, the same for all networks
  int starts = 64;                   ///< counted starts of each search
  int rollouts = 20;                 ///< per point, for the graph
  int trajectories = 16;             ///< followed to find cycles
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("noise", self.noise, "standard deviations of noise on the recurrent weights");
    field("prune", self.prune, "shares of the recurrent weights set to 0, smallest first");
    field("prune_random", self.prune_random, "shares of the recurrent weights set to 0 at random");
    field("trials", self.trials, "networks per level");
    field("error_only", self.error_only, "leave points, graph and cycles out");
    field("task_trials", self.task_trials, "trials of the task that give the error");
    field("starts", self.starts, "counted starts of each search for fixed points");
    field("rollouts", self.rollouts, "rollouts per point that make the graph");
    field("trajectories", self.trajectories, "trajectories that are followed to find cycles");
    field("seed", self.seed, "seed of the perturbations, of the task and of starts");
  }
};

/// @throws InvalidInput naming the option that is out of range.
void check_options(const PerturbOptions& options);

/// The network with its recurrent weights perturbed, of all layers. Masked weights stay 0 and signs
/// of Dale's law hold: a weight that would change its sign becomes 0. For an echo-state network
/// with its feedback folded in, noise on W_c is noise on W_r.
models::Network perturbed(const models::Network& network, Kind kind, double level,
                          std::uint64_t seed, std::uint64_t trial);

/// What perturbations do to the error on `task` (null: there is none), and to the structure under
/// `input`: a fixed point is kept if it can be followed along the line of weights to the perturbed
/// network; an edge, if its ends are kept and the perturbed graph has it; a cycle, if trajectories
/// from its states end on an orbit of the same kind and period. All networks run on the same trials
/// of the task. The result is the same for any number of threads.
/// @throws InvalidInput if an option is out of range, sizes do not fit, or there is neither a task
/// nor a structure to look at.
Study perturb(const models::Network& network, ConstVectorRef input, const tasks::Task* task,
              const PerturbOptions& options, const Progress& progress = {});

}  // namespace nullcline::perturbation
