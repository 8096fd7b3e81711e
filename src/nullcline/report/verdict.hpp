// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/fixed_points/types.hpp"

namespace nullcline::report {

/// One plain sentence about a set: how many fixed points, their index sum, and what the audit says
/// about completeness; never more than was found.
std::string verdict(const fixed_points::FixedPointSet& set);

/// The same for the sets of several inputs; the sentence above if there is one set.
std::string verdict(const std::vector<fixed_points::FixedPointSet>& sets);

}  // namespace nullcline::report
