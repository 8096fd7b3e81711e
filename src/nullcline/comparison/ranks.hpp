// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/matrix.hpp"

namespace nullcline::comparison {

/// The entries above the diagonal of a square matrix, row after row.
Vector upper_triangle(ConstMatrixRef matrix);

/// Rank of each value, the least having 0; equal values share the mean of theirs.
Vector ranks(ConstVectorRef values);

}  // namespace nullcline::comparison
