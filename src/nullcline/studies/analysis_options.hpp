// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace nullcline::studies {

struct AnalysisOptions {
  int visited_trials = 64;  ///< trials of the task whose states the search starts from
  int commands = 11;        ///< commands under which the sine task's fixed points are searched
  int line_points = 20;     ///< context integration: states per context sent to the line attractor
  double line_tolerance = 1e-3;  ///< of q, at which they stop

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("visited_trials", self.visited_trials, "task trials whose states the search starts from");
    field("commands", self.commands, "sine: evenly spaced commands that are held");
    field("line_points", self.line_points,
          "context-integration: states per context that are sent to the line attractor");
    field("line_tolerance", self.line_tolerance,
          "context-integration: q = 1/2 |F(h) - h|^2 at which they stop");
  }
};

/// @throws InvalidInput naming the option that is out of range.
void check_options(const AnalysisOptions& options);

}  // namespace nullcline::studies
