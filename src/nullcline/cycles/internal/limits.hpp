// SPDX-License-Identifier: BSD-3-Clause
// What a branch of cycles comes to where it ends.
#pragma once

#include <vector>

#include "nullcline/cycles/branch.hpp"
#include "nullcline/cycles/internal/walk.hpp"

namespace nullcline::cycles::internal {

/// Period, parameter and dp/dT of the last cycles of a branch.
struct PeriodLaw {
  std::vector<double> periods, parameters, slopes;
};

/// Homoclinic or saddle-node by the law of the period and by the equilibrium that the last cycle
/// comes nearest to; long_period where these do not agree.
BranchEnd classify_long_period(const continuation::Family& family, const BranchPoint& last,
                               const PeriodLaw& law, double from, double to, Limit& limit);

/// The Hopf point that a shrinking cycle comes to. False if there is none near it.
bool find_hopf(const continuation::Family& family, const BranchPoint& last, double from, double to,
               Limit& limit);

}  // namespace nullcline::cycles::internal
