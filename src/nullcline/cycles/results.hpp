// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/cycles/branch.hpp"
#include "nullcline/cycles/find.hpp"

namespace nullcline::cycles {

/// Dimensions cycle, cycle_point, state, multiplier. States of all cycles stand in one list, each
/// with its cycle (`cycle_of_point`) and its time since the cycle's first state (`time`).
NamedArrays to_arrays(const CycleSet& set);

/// One curve of the parameter per branch: the dimensions above, a cycle being one of a branch
/// (`branch_of_cycle`, `parameter`), and branch and event.
NamedArrays to_arrays(const std::vector<CycleBranch>& branches);

}  // namespace nullcline::cycles
