// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/dynamics/projection.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/topology/types.hpp"

namespace nullcline::report {

/// One way to look at the states in three axes.
struct View {
  std::string name;                  ///< "PCA", "readouts"
  std::vector<std::string> labels;   ///< of the axes, 2 or 3
  std::vector<Matrix> trajectories;  ///< each (n_steps, n_axes)
  Matrix points;                     ///< (n_points, n_axes), in the order of `set.points`
  Matrix unstable_modes;             ///< (n_segments, 2 * n_axes): from, to
  std::vector<int> mode_points;      ///< the point of each segment
  std::vector<Matrix> orbits;        ///< states of each orbit (n, n_axes), in the order of the set
};

/// Everything a page shows, computed and saved before: the page computes nothing.
struct PageContent {
  std::string title;
  dynamics::Time time = dynamics::Time::discrete;  ///< eigenvalues: unit circle or imaginary axis
  std::vector<std::pair<std::string, std::string>> summary;  ///< what was trained or imported
  std::vector<fixed_points::FixedPointSet> sets;             ///< one per input
  std::vector<orbits::OrbitSet> orbits;                      ///< per set, or empty
  std::vector<std::vector<View>> views;  ///< per set, the first shown at first; or empty
  std::vector<topology::Graph> graphs;   ///< per set, or empty
  std::vector<double> training_loss;     ///< per iteration, or empty
  std::vector<int> validation_iterations;
  std::vector<double> validation_loss, validation_accuracy;
  std::vector<std::pair<std::string, std::string>> provenance;
};

/// One self-contained offline HTML page, under 3 MB.
/// @throws InvalidInput if sizes do not fit.
std::string render_page(const PageContent& content);

}  // namespace nullcline::report
