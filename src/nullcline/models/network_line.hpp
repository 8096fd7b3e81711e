// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "nullcline/models/network_family.hpp"

namespace nullcline::models {

/// The line between two networks: the parameter "line" is 0 at the weights of `from` and 1 at those
/// of `to`, and every weight, bias and leak is linear in it. Masks and signs are dropped: weights
/// between two that obey them obey them too.
/// @throws InvalidInput unless both have the same layers, cells, sizes, activation, reset, forget
/// bias and projection; the message names what differs.
std::shared_ptr<const NetworkFamily> network_line(Network from, Network to, double at = 0);

}  // namespace nullcline::models
