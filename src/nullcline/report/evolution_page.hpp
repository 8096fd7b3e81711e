// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/evolution/types.hpp"

namespace nullcline::report {

/// A page about the fixed points during a training.
struct EvolutionPage {
  std::string title;
  std::vector<std::pair<std::string, std::string>> summary, provenance;
  evolution::Evolution evolution;
  std::vector<std::string> labels;   ///< of the axes, 1 to 3
  std::vector<Matrix> points;        ///< per snapshot, (n_points, n_axes)
  std::vector<Matrix> trajectories;  ///< per snapshot, (n_steps, n_axes), or empty; NaN parts lines
};

/// One sentence: how many points the training begins and ends with, and what happens between.
std::string evolution_verdict(const evolution::Evolution& evolution);

/// One self-contained offline HTML page with an animation: play, pause and a slider.
/// @throws InvalidInput if it would be larger than 8 MB.
std::string render_evolution(const EvolutionPage& page);

}  // namespace nullcline::report
