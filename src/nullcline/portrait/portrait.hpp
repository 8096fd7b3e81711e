// SPDX-License-Identifier: BSD-3-Clause
// Phase portraits of systems of one, two or three states.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nullcline/core/options_text.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/portrait/types.hpp"

namespace nullcline::portrait {

struct PortraitOptions {
  NumberRows box;        ///< a row (lower, upper) per state; empty: the system's own
  NumberRows start;      ///< chosen starts, one a row
  int automatic = 14;    ///< further starts, spread evenly
  bool backward = true;  ///< chosen starts are followed backwards in time too
  int grid = 121;        ///< values per axis of the field and of the basins
  bool basins = true;
  double max_time = 2000;   ///< that a trajectory is followed; of a map: steps
  double max_length = 20;   ///< of a manifold, in diagonals of the box
  double tolerance = 1e-9;  ///< of a step of the integrator
  int cycle_starts = 60;    ///< trajectories from which limit cycles are sought
  double noise = 0;         ///< standard deviation of white noise on each input
  int ensemble = 20;        ///< trajectories under noise
  double noise_time = 50;   ///< that they are followed
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("box", self.box, "lower,upper of each state: -1,1;-1,1; default: the system's own box");
    field("start", self.start, "a start, such as 0.5,-0.2; may be given again");
    field("automatic", self.automatic, "further starts, spread evenly");
    field("backward", self.backward, "follow chosen starts backwards in time too");
    field("grid", self.grid, "values per axis of the speed and of the basins");
    field("basins", self.basins, "find the basins of attraction (two states)");
    field("max_time", self.max_time, "time (of a map: steps) that a trajectory is followed");
    field("max_length", self.max_length, "length of a manifold, in diagonals of the box");
    field("tolerance", self.tolerance, "error of a step of the integrator");
    field("cycle_starts", self.cycle_starts, "trajectories from which limit cycles are sought");
    field("noise", self.noise, "standard deviation of white noise on each input; 0: none");
    field("ensemble", self.ensemble, "trajectories under noise, from the first start");
    field("noise_time", self.noise_time, "time (of a map: steps) of the ensemble");
    field("seed", self.seed, "random seed of the search and of the noise");
  }
};

/// Everything that a phase portrait shows, under a held input: see Portrait. `state_names` may be
/// empty: h1, h2, h3. The result does not depend on the number of threads.
/// @throws InvalidInput for more than three states, a box or start that does not fit, options out
/// of range, a rate that is not finite somewhere in the box, or noise without inputs.
Portrait make_portrait(const dynamics::System& system, ConstVectorRef input,
                       const PortraitOptions& options = {},
                       const std::vector<std::string>& state_names = {},
                       const Progress& progress = {});

/// The part of make_portrait that can follow a slider: field or flow line, fixed points and
/// nullclines, nothing that is integrated. Fixed points as there, except that a proof of
/// completeness ends the search: hits are not counted and slow points not looked for.
/// @throws InvalidInput as make_portrait.
Portrait make_sketch(const dynamics::System& system, ConstVectorRef input,
                     const PortraitOptions& options = {},
                     const std::vector<std::string>& state_names = {});

/// The box that is shown where none is given: a tenth larger than the trapping box, the search box,
/// or an enclosure of all fixed points. @throws InvalidInput if none is known.
dynamics::Box default_box(const dynamics::System& system, ConstVectorRef input);

}  // namespace nullcline::portrait
