// SPDX-License-Identifier: BSD-3-Clause
// The networks of a study held against each other, task by task.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nullcline/comparison/pairs.hpp"
#include "nullcline/comparison/separation.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/studies/run.hpp"

namespace nullcline::studies {

struct CompareOptions {
  comparison::Measure geometry = comparison::Measure::svcca;
  comparison::Measure topology = comparison::Measure::fused_gromov_wasserstein;
  double threshold = 0.95;
  int samples = 4096;  ///< moments of the probe trials, over all of them
  int memory = 1024;   ///< MiB of activities at a time; results do not depend on it
  int n_starts = 8;    ///< of the search for the best match of two graphs
  int n_permutations = 999;
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("geometry", self.geometry, "measure of activity in the probe trials");
    field("topology", self.topology, "graph_frobenius | fused_gromov_wasserstein");
    field("threshold", self.threshold, "svcca: share of the variance that is kept");
    field("samples", self.samples, "moments of the probe trials that are compared");
    field("memory", self.memory, "MiB of activities that are kept at a time");
    field("n_starts", self.n_starts, "fused_gromov_wasserstein: starts of each match");
    field("n_permutations", self.n_permutations, "permutations of the test of separation");
    field("seed", self.seed, "seed of permutations and starts");
  }
};

/// One way to hold networks against each other: geometry (activity in the same trials), topology
/// (graphs of fixed points), machine (state machines of stable states, of tasks that have pulses),
/// untrained (geometry before training).
struct Space {
  std::string name;
  comparison::Measure measure = comparison::Measure::svcca;
  std::vector<std::size_t> units;  ///< positions in the plan
  Matrix distances;                ///< (n, n)
  /// (n, 2): SMACOF from classical scaling, turned to lie as the networks lie in the first space.
  Matrix points;
  double stress = 0;
  double noise = 0;     ///< mean distance that sampling of rollouts alone would give
  std::string warning;  ///< too few samples, or networks left out and why
};

/// Whether a factor separates the networks of a space; `among` names the networks that were taken:
/// all of them (empty), or those with one value of another factor, such as "activation tanh".
struct FactorSeparation {
  std::string space, factor, among;
  std::size_t n = 0;
  comparison::Separation separation;
};

struct TaskComparison {
  std::string task;
  std::vector<Space> spaces;
  std::vector<FactorSeparation> separations;
};

/// Compares all networks that are done, for each task alone: networks see the task's probe trials.
/// Graphs are those of rollouts from each fixed point, or, of sine and context-integration, whose
/// points lie along lines, of nearest neighbors. graph_frobenius takes networks of the modal number
/// of points only.
///
/// Distances are kept in FOLDER/comparisons as they are computed: what was stopped goes on, and a
/// study that has grown computes the new pairs alone. A folder that cannot be written to is
/// compared all the same. Empty where `progress` stopped it.
/// @throws InvalidInput for a measure of the wrong kind or an option out of range; FormatError for
/// a unit's file that lacks something.
std::vector<TaskComparison> compare_study(const std::string& folder, const Plan& plan,
                                          const CompareOptions& options,
                                          const Progress& progress = {});

/// Tests each factor in each space, over all networks and over those with each value of each other
/// factor, where there are two groups and one of them has two networks.
void add_separations(const Plan& plan, const CompareOptions& options, TaskComparison& comparison);

/// Groups TASK/SPACE with networks, distances and points, and TASK/separation.
NamedArrays to_arrays(const std::vector<TaskComparison>& comparisons, const Plan& plan);

}  // namespace nullcline::studies
