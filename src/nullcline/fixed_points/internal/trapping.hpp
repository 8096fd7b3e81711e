// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points::internal {

/// Whether it is proven that a flow points inwards on all faces of the box, or that a map sends the
/// box into its interior, under this input: then the indices of the fixed points in the box sum to
/// +1. Intervals on parts of the faces (of the box), halved until each is decided or there are too
/// many. False also where nothing is known.
bool is_trapping(const dynamics::System& system, ConstVectorRef input, const dynamics::Box& box);

}  // namespace nullcline::fixed_points::internal
