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

/// The training losses of one of several networks.
struct LearningCurve {
  std::string name;
  std::vector<double> loss;  ///< per iteration
};

/// One of several plots under each other.
struct LinePanel {
  struct Line {
    std::string name;
    std::vector<double> x, y;
    bool is_target = false;      ///< drawn dashed, in gray
    std::vector<double> spread;  ///< bars of this half length about each y; or empty
  };
  std::string x_label, y_label;
  bool is_logarithmic = false, x_is_logarithmic = false;
  std::vector<Line> lines;
};

/// Plots under each other with what they show.
struct LinePlots {
  std::string heading, caption;
  std::vector<LinePanel> panels;
  std::string
      sentence;  ///< at the top of the page, in the place of one about fixed points; or empty
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
  std::vector<LearningCurve> curves;  ///< of several networks, in the place of the above; or empty
  LinePlots plots;                    ///< in the place of all of these; or without panels
  std::vector<std::pair<std::string, std::string>> provenance;
  std::string live_page;  ///< name of the explorer's page beside this one; or empty
};

/// One self-contained offline HTML page, under 3 MB.
/// @throws InvalidInput if sizes do not fit.
std::string render_page(const PageContent& content);

}  // namespace nullcline::report
