// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/portrait/state_machine.hpp"
#include "nullcline/portrait/types.hpp"

namespace nullcline::portrait {

/// Dimensions state, x, y, attractor, trajectory, trajectory_point, manifold, manifold_point,
/// curve, curve_point, branch_point, member, noise_time. What has a varying length stands in one
/// list with its owner (`trajectory_of_point`, ...). Groups "points", "cycles": as files of these.
NamedArrays to_arrays(const Portrait& portrait);

/// Dimensions node, pulse, state, input; the group "points" is as a file of fixed points.
NamedArrays to_arrays(const StateMachine& machine);

}  // namespace nullcline::portrait
