// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/portrait/internal/quadtree.hpp"

namespace nullcline::portrait::internal {

/// The crossings of all cells joined to curves, which end at the box and in branch points.
Nullcline join_curves(Quadtree& tree);

}  // namespace nullcline::portrait::internal
