// SPDX-License-Identifier: BSD-3-Clause
// The limit cycles that are nodes of the graph of a flow.
#pragma once

#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/cycles/types.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/topology/graph.hpp"

namespace nullcline::topology::internal {

class FlowCycles {
 public:
  /// `max_time`: of a trajectory.
  FlowCycles(const dynamics::System& flow, ConstVectorRef input, double max_time,
             const GraphOptions& options, const Progress& progress);

  const std::vector<cycles::Cycle>& all() const { return cycles_; }
  /// Looks for cycles from where rollouts were at the horizon. True if a new one was found.
  bool add_near(const std::vector<Vector>& ends);

 private:
  bool add(cycles::Cycle cycle);

  const dynamics::System& flow_;
  const Vector input_;
  const double max_time_;
  const Progress& progress_;
  std::vector<cycles::Cycle> cycles_;
};

}  // namespace nullcline::topology::internal
