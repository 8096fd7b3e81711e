// SPDX-License-Identifier: BSD-3-Clause
// The search that other programs do: descend q until it is small enough. What it returns depends on
// what is called small.
#pragma once

#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points {

struct DescentOptions {
  double learning_rate = 0.01;
  double decay = 0.1;    ///< of the learning rate over all steps
  int max_steps = 2000;  ///< of Adam; Levenberg-Marquardt does the rest
  int max_states = 256;  ///< starts, evenly taken of the visited states

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("learning_rate", self.learning_rate, "Adam's learning rate, per coordinate of a state");
    field("decay", self.decay, "factor by which the rate falls over all steps");
    field("max_steps", self.max_steps, "steps of Adam; Levenberg-Marquardt does the rest");
    field("max_states", self.max_states, "states that descend, of those that were visited");
  }
};

/// The states when the mean of q over all of them first fell below a tolerance.
struct DescentStage {
  double tolerance = 0;
  double mean_speed = 0;  ///< mean of q = 1/2 |F(h) - h|^2 there
  int steps = 0;          ///< of Adam
  bool reached = false;   ///< whether mean_speed is below the tolerance
  bool by_adam = false;  ///< whether Adam reached it; else Levenberg-Marquardt started from its end
  Matrix states;         ///< (n, n_states)
};

/// Minimizes q of a map by Adam (Kingma & Ba 2015) from each of the states, as Golub & Sussillo
/// (2018) and Cheng et al. (2021) do, and keeps where the states are at each tolerance. Tolerances
/// that Adam does not reach are those of Levenberg-Marquardt, which goes on from its last states
/// and drops what ends at a minimum of q that is above the tolerance.
/// @throws InvalidInput if the system is a flow, there are no states, sizes do not fit, an option
/// is out of range or a tolerance is not above 0.
std::vector<DescentStage> descend_speed(const dynamics::System& map, ConstVectorRef input,
                                        ConstMatrixRef states, std::vector<double> tolerances,
                                        const DescentOptions& options = {},
                                        const Progress& progress = {});

}  // namespace nullcline::fixed_points
