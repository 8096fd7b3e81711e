// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/verify.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits {

/// Shows anew, from the states and the map alone, that each orbit of verdict proven exists within
/// its `radius` and is alone within its `uniqueness_radius`, and its index; returns the claims that
/// fail, as fixed_points::verify does, with the number of the orbit in the text.
/// @throws InvalidInput if sizes do not fit the map.
std::vector<fixed_points::Doubt> verify(const dynamics::System& map, const OrbitSet& set);

}  // namespace nullcline::orbits
