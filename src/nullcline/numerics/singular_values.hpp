// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/matrix.hpp"

namespace nullcline::numerics {

/// Singular values alone, falling: (min(rows, columns)). A fraction of the time of `svd`.
/// @throws InvalidInput if a value is not finite.
Vector singular_values(ConstMatrixRef a);

}  // namespace nullcline::numerics
