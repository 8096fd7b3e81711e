// SPDX-License-Identifier: BSD-3-Clause
// The networks of a study as a comparison sees them.
#pragma once

#include <string>
#include <vector>

#include "nullcline/comparison/pairs.hpp"
#include "nullcline/studies/distances.hpp"
#include "nullcline/studies/run.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::studies {

/// What stays in memory of each network.
struct ComparedNetwork {
  std::size_t unit = 0;  ///< position in the plan
  std::string path, result_hash, configuration;
  Index n_units = 0, n_inputs = 0, n_outputs = 0;
  std::vector<comparison::PointGraph> graphs;   ///< one per held input, or one of all
  std::vector<comparison::Automaton> automata;  ///< one, or none where the task has none

  Index fewest_points() const;  ///< under the input that has fewest
};

/// Graphs are those of rollouts from each fixed point, or, of sine and context-integration, whose
/// points lie along lines, of nearest neighbors.
/// @throws FormatError for a file that lacks something.
ComparedNetwork read_compared_network(const std::string& folder, const Plan& plan, std::size_t unit,
                                      const UnitStatus& status);

/// Distances by the activity in the same trials, of trained networks or of their untrained twins:
/// read and simulated when they are needed, and forgotten.
class ActivitySource : public PairSource {
 public:
  /// `n_bytes`: of the data of the rows. The references must outlive it.
  ActivitySource(const std::vector<ComparedNetwork>& networks, const tasks::TrialBatch& trials,
                 const comparison::MeasureOptions& measure, bool is_trained, std::size_t n_bytes);
  std::size_t n_at_once() const override;
  void prepare(Range rows, Range columns, const std::function<bool()>& goes_on) override;
  double distance(std::size_t i, std::size_t j) const override;

 private:
  struct Member {
    bool is_ready = false;
    bool is_finite = false;
    comparison::Prepared data;
  };
  Member make(const ComparedNetwork& network) const;

  const std::vector<ComparedNetwork>& networks_;
  const tasks::TrialBatch& trials_;
  const comparison::MeasureOptions& measure_;
  const bool is_trained_;
  const std::size_t n_bytes_;
  std::vector<Member> members_;
};

}  // namespace nullcline::studies
