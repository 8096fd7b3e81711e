// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::report {

/// One plain sentence about a set: how many fixed points, their index sum, and what the audit says
/// about completeness; never more than was found. With orbits (null: not asked) a second sentence
/// says how many trajectories end at no fixed point, and where they end.
std::string verdict(const fixed_points::FixedPointSet& set,
                    const orbits::OrbitSet* orbit_set = nullptr);

/// The same for the sets of several inputs, `orbit_sets` being one per set or empty; the sentences
/// above if there is one set.
std::string verdict(const std::vector<fixed_points::FixedPointSet>& sets,
                    const std::vector<orbits::OrbitSet>& orbit_sets = {});

}  // namespace nullcline::report
