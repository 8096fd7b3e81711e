// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/matrix.hpp"

namespace nullcline::comparison {

/// The cheapest way to bring masses `from` (n) to places that take masses `to` (m): the coupling pi
/// (n, m) with these marginals that minimizes sum_ij cost_ij pi_ij, exactly, by successive shortest
/// paths (Ahuja, Magnanti & Orlin 1993, chapter 9). With n equal masses on both sides it is an
/// assignment, a permutation matrix / n.
/// @throws InvalidInput if sizes do not fit, a cost is not finite, or masses are negative or sum to
/// different totals.
Matrix optimal_transport(ConstMatrixRef cost, ConstVectorRef from, ConstVectorRef to);

}  // namespace nullcline::comparison
