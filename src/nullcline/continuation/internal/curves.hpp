// SPDX-License-Identifier: BSD-3-Clause
// Curves of fold, Hopf, flip and Neimark-Sacker points in two parameters.
#pragma once

#include "nullcline/continuation/family.hpp"
#include "nullcline/continuation/internal/explorer.hpp"

namespace nullcline::continuation::internal {

/// Follows the curve of each event of result.branches in both parameters, both directions, and
/// appends it with its points of codimension two to result.curves. Events on a curve that was
/// followed already start none. `present` is the second parameter's value at the events.
void trace_curves(const Family& family, double present, const StepOptions& options, Watch& watch,
                  Continuation& result);

}  // namespace nullcline::continuation::internal
