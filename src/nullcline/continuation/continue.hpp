// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "nullcline/continuation/types.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/search.hpp"

namespace nullcline::continuation {

/// A parameter (an input component "input[i]" or a name of System::parameter_names()) and the
/// interval in which it varies.
struct ParameterRange {
  std::string name;
  double from = 0, to = 1;
};

struct ContinuationOptions {
  StepOptions steps;
  int period = 1;       ///< orbits of this many steps of a map
  int n_doublings = 2;  ///< of a map: how often orbits of twice the period are followed from flips
  int n_searches = 3;   ///< parameter values, evenly spaced, at which all points are searched
  fixed_points::SearchOptions search;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    StepOptions::visit_fields(self.steps, field);
    field("period", self.period, "follow orbits of this many steps of a map");
    field("n_doublings", self.n_doublings,
          "how often orbits of twice the period are followed from flips of a map");
    field("n_searches", self.n_searches, "values in the interval where all points are searched");
  }
};

/// @throws InvalidInput naming the option that is out of range.
void check_options(const ContinuationOptions& options);

/// All branches of equilibria (flow), fixed points or orbits of period k (map) that start from a
/// fixed point found by a search at `n_searches` values of `parameter`, both ends among them, and
/// those that leave their branch points; with all events. From the flips of a map the orbits of
/// twice the period are followed, and from theirs, `n_doublings` times. With `second` also the
/// curves of its folds, Hopf, flip and Neimark-Sacker points in both parameters, from each event;
/// the second parameter's value at the start is that of `system` or `input`.
///
/// No branch is traced twice. The result is the same for any number of threads.
/// @throws InvalidInput for an unknown parameter, an interval that is empty or not finite, a second
/// interval that does not hold the value at the start, or an option out of range.
Continuation continue_branches(const dynamics::System& system, ConstVectorRef input,
                               const ParameterRange& parameter,
                               const std::optional<ParameterRange>& second = std::nullopt,
                               const ContinuationOptions& options = {},
                               const Progress& progress = {});

}  // namespace nullcline::continuation
