// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::results {

/// Fills the readout of each point, and puts the points in the order in which results show them:
/// fixed points first, by number of unstable directions, then by readout.
void attach_readouts(fixed_points::FixedPointSet& set, const models::Network& network);

/// Fills the readouts along each orbit.
void attach_readouts(orbits::OrbitSet& set, const models::Network& network);

}  // namespace nullcline::results
