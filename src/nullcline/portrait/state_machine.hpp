// SPDX-License-Identifier: BSD-3-Clause
// A system as a finite-state machine: its attractors, and where pulses of input send them.
#pragma once

#include <vector>

#include "nullcline/core/options_text.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/portrait/types.hpp"

namespace nullcline::portrait {

struct StateMachineOptions {
  NumberRows pulse;         ///< inputs, one a row; empty: 1 and -1 on each input in turn
  double duration = 1;      ///< of a pulse; of a map: steps
  double max_time = 10000;  ///< after a pulse
  double tolerance = 1e-9;  ///< of a step of the integrator
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("pulse", self.pulse,
          "a pulse, such as 0,1; may be given again; default: +-1 on each input");
    field("duration", self.duration, "time (of a map: steps) that a pulse lasts");
    field("max_time", self.max_time, "time (of a map: steps) that is waited after a pulse");
    field("tolerance", self.tolerance, "error of a step of the integrator");
    field("seed", self.seed, "random seed of the search");
  }
};

struct StateMachine {
  dynamics::Time time = dynamics::Time::discrete;
  Vector input;  ///< between pulses
  fixed_points::FixedPointSet points;
  Matrix pulses;  ///< (n_pulses, n_inputs), in the place of `input` while they last
  double duration = 0;
  std::vector<Attractor> nodes;  ///< the stable states, each once
  /// (n_nodes, n_pulses): the node that it ends in; -1 undecided, -2 left every bound.
  std::vector<std::int64_t> transitions;
  std::vector<double> settling;  ///< time after the pulse until the node captured it; NaN

  std::int64_t target(std::size_t node, std::size_t pulse) const {
    return transitions[node * static_cast<std::size_t>(pulses.rows()) + pulse];
  }
};

/// The stable states under a held input - stable fixed points, attracting cycles (flows of two or
/// three states) and orbits (maps) - and for each of them and each pulse the one that captures the
/// trajectory afterwards (figure 2B of Jordan et al. 2021). A pulse on a cycle or orbit begins at
/// its first state. `visited` (n, n_states) may be empty: see find_fixed_points.
/// @throws InvalidInput if sizes do not fit, an option is out of range, or there are no inputs.
StateMachine make_state_machine(const dynamics::System& system, ConstVectorRef input,
                                ConstMatrixRef visited, const StateMachineOptions& options = {},
                                const Progress& progress = {});

/// The same of a map whose fixed points and orbits under the held input are known.
StateMachine make_state_machine(const dynamics::System& map,
                                const fixed_points::FixedPointSet& points,
                                const orbits::OrbitSet& orbits,
                                const StateMachineOptions& options = {});

}  // namespace nullcline::portrait
