// SPDX-License-Identifier: BSD-3-Clause
// Products of the magnitudes of a matrix, in float64 on SIMD lanes: what error bounds are made of.
#pragma once

#include "nullcline/core/matrix.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {

/// sum_j |a_ij| v_j for each row i, for v_j >= 0, rounded to nearest, in some order, with or
/// without fused operations.
Vector absolute_product(ConstMatrixRef a, ConstVectorRef v);
Vector absolute_product(ConstFloatMatrixRef a, ConstVectorRef v);

}  // namespace nullcline::numerics
