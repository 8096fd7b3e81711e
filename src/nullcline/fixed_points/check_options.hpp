// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/fixed_points/search.hpp"

namespace nullcline::fixed_points {

/// @throws InvalidInput naming the option that is out of range, as the search itself would.
void check_options(const SearchOptions& options);

}  // namespace nullcline::fixed_points
