// SPDX-License-Identifier: BSD-3-Clause
// The oscillation of the sine task, read from one fixed point per command.
#pragma once

#include <complex>
#include <limits>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/tasks/sine.hpp"

namespace nullcline::task_analysis {

/// What the fixed point says that a command's trajectory goes round.
struct CommandPoint {
  double command = 0;
  double frequency = 0;  ///< omega that the command asks for, cycles per step
  int n_fixed = 0;       ///< fixed points under this command
  int point = -1;  ///< of the command's set: the fixed point nearest to the mean of the trajectory
  /// |h* - mean|, over the root mean square distance of the trajectory from its mean.
  double distance = std::numeric_limits<double>::quiet_NaN();
  /// The one of largest magnitude among the complex ones, Im > 0; NaN if there is none.
  std::complex<double> eigenvalue{std::numeric_limits<double>::quiet_NaN(),
                                  std::numeric_limits<double>::quiet_NaN()};
  double magnitude = std::numeric_limits<double>::quiet_NaN();  ///< |eigenvalue|
  /// omega_lin = arg(eigenvalue) / 2 pi, cycles per step.
  double linear_frequency = std::numeric_limits<double>::quiet_NaN();
  int n_unstable = 0;
};

struct SineAnalysis {
  std::vector<CommandPoint> commands;  ///< as the sets
  Matrix states;  ///< (n_commands, n_states): the chosen points; NaN where there is none
  Matrix graph;   ///< nearest neighbors of the chosen points, symmetric (n_commands, n_commands)
};

/// One set of fixed points for each of `n_commands` evenly spaced commands (0 to 1; one alone:
/// 0.5), searched from the states of that command's trial. Fewer if `progress` stops it.
/// @throws InvalidInput if n_commands is below 1 or the network is not made for the task.
std::vector<fixed_points::FixedPointSet> find_command_points(
    const models::Network& network, const tasks::SineOptions& task, int n_commands,
    const fixed_points::SearchOptions& options = {}, const Progress& progress = {});

/// The linearization round which each command's trajectory turns, from the sets of its inputs: the
/// fixed point nearest to the mean over the last whole cycles of the trial's second half, and its
/// complex eigenvalue of largest magnitude. Maheswaranathan et al. (2019), Fig. 2.
/// @throws InvalidInput if the network is not made for the task or a set is of another network.
SineAnalysis analyze_sine(const models::Network& network, const tasks::SineOptions& task,
                          const std::vector<fixed_points::FixedPointSet>& sets);

/// Dimensions command, neighbor and state.
NamedArrays to_arrays(const SineAnalysis& analysis);

}  // namespace nullcline::task_analysis
