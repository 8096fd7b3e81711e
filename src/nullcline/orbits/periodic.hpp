// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits {

/// The orbit of least period above 1 that divides `period` and is found by Newton's method on
/// multiple shooting from the orbit of `state`, with its multipliers, index and certificate. Empty
/// if it does not converge, or converges to a fixed point of the map.
/// @throws InvalidInput if the map is a flow, period < 1 or sizes do not fit.
std::optional<Orbit> refine_periodic_orbit(const dynamics::System& map, ConstVectorRef input,
                                           ConstVectorRef state, int period);

/// Whether two periodic orbits are one, up to where on it they start: then one lies in the other's
/// uniqueness box.
bool is_same_orbit(const Orbit& a, const Orbit& b);

struct PeriodicOrbits {
  std::vector<Orbit> orbits;  ///< of least period above 1, by period, n_unstable and state
  PeriodAudit audit;
};

/// All orbits of F^period(h) = h that a search finds: find_fixed_points on the map of `period`
/// states (see CyclicSystem), up to rotation, with the audit of F^period: over its fixed points the
/// indices sum to +1 where a trapping box is proven. `visited` may be empty.
/// @throws InvalidInput as find_fixed_points.
PeriodicOrbits find_periodic_orbits(const dynamics::System& map, ConstVectorRef input,
                                    ConstMatrixRef visited, int period,
                                    const fixed_points::SearchOptions& options = {},
                                    const Progress& progress = {});

}  // namespace nullcline::orbits
