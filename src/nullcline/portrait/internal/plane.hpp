// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/portrait/portrait.hpp"

namespace nullcline::portrait::internal {

/// Rates, speeds and what is stopped on a grid. @throws InvalidInput where a rate is not finite.
Field make_field(const dynamics::System& system, const Portrait& portrait, Index n);

/// Sets field.basins: the attractor that each cell's state goes to, the first of several that
/// belong to one orbit.
void find_basins(const dynamics::System& system, const Portrait& portrait,
                 const PortraitOptions& options, Field& field, const Progress& progress);

/// Trajectories under white noise on the inputs: of a flow held for a tenth of a unit of time at a
/// time with standard deviation sigma / sqrt(0.1), of a map drawn anew each step with sigma.
Ensemble make_ensemble(const dynamics::System& system, const Portrait& portrait,
                       ConstVectorRef start, const PortraitOptions& options);

}  // namespace nullcline::portrait::internal
