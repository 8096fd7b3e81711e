// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/census/types.hpp"
#include "nullcline/core/named_arrays.hpp"

namespace nullcline::census {

/// Dimensions topology, parameter, unstable_directions.
NamedArrays to_arrays(const Census& census);
/// @throws FormatError
Census census_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::census
