// SPDX-License-Identifier: BSD-3-Clause
// What each cell adds to its formulas: reduced map, lift, box, distance from kinks. One layer each.
#pragma once

#include "nullcline/models/internal/cell_system.hpp"

namespace nullcline::models::internal {

CellExtras vanilla_extras(const Network& net, dynamics::Time time = dynamics::Time::discrete);
CellExtras leaky_extras(const Network& net);
CellExtras leaky_outside_extras(const Network& net);
CellExtras ugrnn_extras(const Network& net);
CellExtras gru_extras(const Network& net);
CellExtras lstm_extras(const Network& net);

}  // namespace nullcline::models::internal
