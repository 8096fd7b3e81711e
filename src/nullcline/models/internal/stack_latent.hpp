// SPDX-License-Identifier: BSD-3-Clause
// Latent coordinates of layers on top of each other.
#pragma once

#include <memory>
#include <vector>

#include "nullcline/models/internal/layer_latent.hpp"

namespace nullcline::models::internal {

/// The coordinates k_l = P_l h_l of all layers in turn. Each layer is driven by the units of the
/// one below, which follow from its coordinates: with h_0 the input and h_l = h_l(k_l, h_(l-1)),
///
///     g_l(k) = P_l h_l,   dg_l/dk_j = P_l dh_l/dk_j,
///     dh_l/dk_l as of the layer alone,   dh_l/dk_j = dh_l/dh_(l-1) dh_(l-1)/dk_j for j < l.
///
/// Dg is block triangular, and its diagonal blocks are the layers' own: the index is the product of
/// theirs, as that of the stack. Null where a layer is none (null pointer), or where there are more
/// than kMaxLatentRank coordinates. The layers must outlive it.
std::unique_ptr<dynamics::Latent> make_stack_latent(const std::vector<const LayerLatent*>& layers);

}  // namespace nullcline::models::internal
