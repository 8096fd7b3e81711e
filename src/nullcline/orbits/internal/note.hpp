// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits::internal {

/// One sentence: how many trajectories end at no fixed point, and where they end instead.
std::string ends_note(dynamics::Time time, const OrbitSet& set);

}  // namespace nullcline::orbits::internal
