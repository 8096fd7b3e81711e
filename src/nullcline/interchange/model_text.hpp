// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::interchange {

/// The network as the text of a model file, its weights as numbers that read back to the same bits;
/// a forget bias is added to the bias of its gate. What a model file has no place for is left out:
/// readout, initial state, mask and signs (which the weights obey already).
/// @throws InvalidInput for a stack of layers and a projected LSTM.
std::string model_text(const models::Network& network, dynamics::Time time);

}  // namespace nullcline::interchange
