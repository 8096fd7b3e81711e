// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/models/network.hpp"

namespace nullcline::results {

/// "GRU, 64 units, 3 inputs, 3 outputs, tanh, reset after", or "LSTM, 2 layers of 5 units projected
/// to 2, ..."
std::string describe(const models::Network& network);

}  // namespace nullcline::results
