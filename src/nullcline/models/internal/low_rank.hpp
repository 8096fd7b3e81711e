// SPDX-License-Identifier: BSD-3-Clause
// Latent coordinates of a network whose recurrent weights have low rank.
#pragma once

#include <memory>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::models::internal {

/// Of h' = f(a) with pre-activations a = W h + c in one or more blocks of rows, f acting on each
/// unit alone, and W = M P + E with M of at most three columns and E next to nothing: the
/// coordinates k = P h. Let h(k) solve h = f(M k + c + E h), a contraction; then
///
///     g(k) = P h(k),   Dg = P (I - D E)^-1 D M,   D = df/da = (D_1 D_2 ...), one diagonal a block,
///
/// has exactly the fixed points of the network, and det(I - D W) = det(I - D E) det(I - Dg) with a
/// positive first factor. Since |h| < 1, E h is within e_i = sum_j |E_ij|, so that
///
///     g(k) in P f(M k + c + [-e, e]),   Dg in P D M + [-p, p],
///
/// p_rs = sum_i |P_ri| d_i max_j |D M|_js / (1 - max d),  d_i = sum_b |D_b,i| e_b,i. So what is
/// enclosed belongs to the given weights exactly, with whatever rounding has left of their rank.
/// `Cell` is a gate-reduced cell whose Jacobian is a sum of scaled rows (cell_system.hpp).
/// Null unless phi is tanh, and the rank at most 3 and below the number of units.
template <class Cell>
std::unique_ptr<dynamics::Latent> make_latent(const Network& network);

}  // namespace nullcline::models::internal
