// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/census/skeleton.hpp"

namespace nullcline::census {

/// "4 sinks, 4 saddles, 1 source, 1 stable cycle"
std::string describe(const Counts& counts);

/// Points, cycles, manifolds and trajectories of one network with this topology, to draw: of
/// flows of one state (on a line) and two; others have nothing to draw.
Sketch make_sketch(const dynamics::System& flow, const Topology& topology,
                   const SkeletonOptions& options = {});

}  // namespace nullcline::census
