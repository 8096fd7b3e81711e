// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::models {

/// The network as a system: the map h' = F(h, x), or the flow dh/dt = F(h, x) - h, which for the
/// GRU is equation 7 of Jordan et al. (2021). Both share their fixed points.
///
/// Extras: a gate-reduced map with its lift (GRU, LSTM, UGRNN, leaky cells), the trapping box for
/// tanh cells, interval extension, directional derivatives, and the parameter "gain", which scales
/// the recurrent weights. A stack of layers is one system with the same extras: its reduced map is
/// r_k' = n_k(r_k, r_{k-1}), where r_k is the output of layer k and n_k the layer's reduced map.
/// @throws InvalidInput if the network does not validate.
std::unique_ptr<dynamics::System> make_system(const Network& network,
                                              dynamics::Time time = dynamics::Time::discrete);

}  // namespace nullcline::models
