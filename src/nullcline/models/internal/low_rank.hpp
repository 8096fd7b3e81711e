// SPDX-License-Identifier: BSD-3-Clause
// Latent coordinates of a network whose recurrent weights have low rank.
#pragma once

#include <memory>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::models::internal {

inline constexpr Index kMaxLatentRank = 3;

/// Of h' = tanh(W h + c), c = A x + b, where W = M P + E with M of at most three columns and E next
/// to nothing: the coordinates k = P h. Let h(k) solve h = tanh(M k + c + E h), a contraction; then
///
///     g(k) = P h(k),   Dg = P (I - D E)^-1 D M,   D = diag(1 - h(k)^2),
///
/// has exactly the fixed points of the network, and det(I - D W) = det(I - D E) det(I - Dg) with a
/// positive first factor. Since |h| < 1, E h is within e_i = sum_j |E_ij|, so that
///
///     g(k) in P tanh(M k + c + [-e, e]),   Dg in P D M + [-p, p],
///
/// p_rs = sum_i |P_ri| e_i max_j |M_js| / (1 - max e). So what is enclosed belongs to the given
/// weights exactly, with whatever rounding has left of their rank.
/// Null unless phi is tanh and the rank is below the number of units.
std::unique_ptr<dynamics::Latent> make_latent(const Network& vanilla);

}  // namespace nullcline::models::internal
