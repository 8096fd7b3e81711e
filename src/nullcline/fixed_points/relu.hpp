// SPDX-License-Identifier: BSD-3-Clause
// Fixed points of relu maps h' = max(W h + c, 0): a linear complementarity problem.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/enumerate.hpp"

namespace nullcline::fixed_points {

/// Encloses every fixed point: each unit is on (h_i = (W h + c)_i) or off (h_i = 0), and for a
/// given pattern what is left is linear. The patterns are a tree, in which each decision eliminates
/// one unknown from all rows; a branch is left as soon as a sign is proven wrong for all h >= 0.
///
/// A point whose signs are all proven is regular, the only one in its box of uniqueness; one with a
/// pre-activation that may be zero (a border collision) ends in a cluster. Interval arithmetic
/// throughout. Empty if a pattern's matrix is too near singular for that, or after max_nodes.
/// Reference: Cottle, Pang & Stone (1992), The Linear Complementarity Problem.
std::optional<Enumeration> enumerate_relu(const dynamics::ReluForm& form, std::int64_t max_nodes,
                                          const KeepGoing& keep_going = {});

/// The norm in which |W| < 1 is proven, "l-infinity", "l1" or "l2": relu does not expand in any of
/// them, so the map contracts and has exactly one fixed point, of index +1. Empty if none.
std::string contracting_norm(const Matrix& weights);

/// The fixed point that there would be if exactly the units of a random pattern were on, whatever
/// its signs: where a semismooth iteration starts (SCYFI: Eisenmann et al. 2023).
Vector draw_virtual_point(const dynamics::ReluForm& form, Rng& rng);

}  // namespace nullcline::fixed_points
