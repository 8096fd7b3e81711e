// SPDX-License-Identifier: BSD-3-Clause
// One branch in one parameter, with its events.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nullcline/continuation/problems.hpp"
#include "nullcline/continuation/types.hpp"

namespace nullcline::continuation {

/// What is known of stability at a point of a branch.
struct Spectrum {
  ComplexVector values;  ///< of the Jacobian of the full form
  int n_unstable = 0;    ///< Re > 0 (flow), modulus > 1 (map)
  int n_flipped = 0;     ///< real and below -1 (map)
};
Spectrum spectrum_of(const EquilibriumProblem& problem, ConstVectorRef y);

struct TracedEvent {
  Event event;
  Vector y;         ///< unknowns of the branch
  Matrix tangents;  ///< of the two branches through a branch point that can be followed
};

/// Half a branch: from its start into one direction.
struct TracedHalf {
  std::vector<CurvePoint> points;
  std::vector<int> n_unstable;
  std::vector<TracedEvent> events;
  std::vector<Matrix> crossings;  ///< one state a row, per share of the interval that was asked for
  EndReason end = EndReason::not_run;
  std::vector<std::string> warnings;
};

/// Follows a branch from `start` along its tangent until it ends. `shares` are the places in the
/// interval, 0 to 1, where its states are kept. `is_stopped` is asked at each step.
TracedHalf trace_branch(const EquilibriumProblem& problem, const CurvePoint& start,
                        const std::vector<double>& shares, const StepOptions& options,
                        const std::function<bool()>& is_stopped);

/// The largest coordinate by which two states differ, relative to 1 + |a|; of orbits over the best
/// of their rotations.
double state_distance(const Family& family, ConstVectorRef a, ConstVectorRef b, ConstVectorRef p);
/// States nearer than this are one: what the corrector leaves, far below what tells branches apart.
inline constexpr double kSameState = 1e-6;
/// Share of the interval within which a point lies on its end.
inline constexpr double kAtIntervalEnd = 1e-6;
bool is_at_interval_end(ConstVectorRef y);

}  // namespace nullcline::continuation
