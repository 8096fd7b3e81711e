// SPDX-License-Identifier: BSD-3-Clause
// Latent coordinates of a GRU that resets before its product, with a candidate of low rank.
#pragma once

#include <memory>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::models::internal {

/// Of n(h) = tanh(W s(h) + c), s(h) = r(h) * h, r(h) = sigma(R h + d), with W = M P + E of at most
/// three columns M and E next to nothing: the coordinates k = P s(h). R may have any rank, since
/// what feeds it follows from k: let h(k) solve h = tanh(M k + c + E s(h)), a contraction; then
///
///     g(k) = P s(h(k)),   Dg = P S (I - D E S)^-1 D M,   S = ds/dh = D(r) + D(h r') R,
///
/// D = D(tanh'), has exactly the fixed points of n, and
/// det(I - Dn) = det(I - D W S) = det(I - D E S) det(I - Dg) with a positive first factor. Since
/// |s| < 1, E s is within e_i = sum_j |E_ij|, and since the row sums of |S| are at most
/// t = 1 + max_i sum_j |R_ij| / 4,
///
///     h(k) in tanh(M k + c + [-e, e]),
///     dh/dk in D M + [-p, p],   p_is = D_i e_i t max_j |D M|_js / (1 - t max e).
///
/// Null unless phi is tanh, the rank of W at most 3 and below the number of units, and t max e
/// below 1/2.
std::unique_ptr<dynamics::Latent> make_reset_latent(const Network& network);

}  // namespace nullcline::models::internal
