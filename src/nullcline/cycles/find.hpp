// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/cycles/types.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::cycles {

struct FindOptions {
  int n_starts = 100;       ///< trajectories, each forwards and backwards in time
  double max_time = 2000;   ///< of a trajectory
  double tolerance = 1e-9;  ///< of a step of the integrator
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("n_starts", self.n_starts, "trajectories, each forwards and backwards in time");
    field("max_time", self.max_time, "time that a trajectory is followed");
    field("tolerance", self.tolerance, "error of a step of the integrator");
    field("seed", self.seed, "random seed");
  }
};

/// Where trajectories of a flow went.
struct CycleSet {
  std::vector<Cycle> cycles;  ///< by period
  Index n_states = 0;
  std::int64_t n_at_rest = 0;
  std::int64_t n_on_cycles = 0;   ///< came to a cycle that attracts in their sense of time
  std::int64_t n_met_cycles = 0;  ///< returned near one that does not: their end is not known
  std::int64_t n_escaped = 0;     ///< left the box by far, or ceased to be finite
  std::int64_t n_undecided = 0;  ///< neither came to rest nor to return within max_time, or 300 000
                                 ///< steps
};

/// Finds limit cycles of a flow by simulation from random starts in `box`, and solves them by
/// collocation. Attracting cycles are met forwards in time, repelling ones (which can hide between
/// an attracting cycle and a stable point) backwards; cycles of saddle type, of three states and
/// more, only where a trajectory happens to return near one. Minimal periods are given. The result
/// does not depend on the number of threads. `progress` is asked while trajectories are followed.
/// @throws InvalidInput for a map, a box of another size, or an option out of range.
CycleSet find_cycles(const dynamics::System& flow, ConstVectorRef input, const dynamics::Box& box,
                     const FindOptions& options = {}, const Progress& progress = {});

/// Follows the trajectory from `start` for at most `max_time` until it returns, within 1e-3 of the
/// size of the turn, to where it was, and solves for the cycle there, which may be stable or not.
/// Empty if it comes to rest, leaves the neighborhood of the box, or does not return.
std::optional<Cycle> cycle_near(const dynamics::System& flow, ConstVectorRef input,
                                const dynamics::Box& box, ConstVectorRef start,
                                const FindOptions& options, const Progress& progress = {});

/// Whether two cycles are the same curve: the period agrees, and so do the extrema, to 1e-6 or to
/// what the errors of the periods leave.
bool is_same(const Cycle& a, const Cycle& b);

}  // namespace nullcline::cycles
