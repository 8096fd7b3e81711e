// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "nullcline/models/network_family.hpp"

namespace nullcline::models {

/// A family with one parameter more, "gain", by which the recurrent weights of all layers are
/// multiplied. A family that has a "gain" of its own is returned as it is.
std::shared_ptr<const NetworkFamily> with_gain(std::shared_ptr<const NetworkFamily> base);
/// The same of one network.
std::shared_ptr<const NetworkFamily> with_gain(Network network);

}  // namespace nullcline::models
