// SPDX-License-Identifier: BSD-3-Clause
// What the steps of a probe say nothing about.
#pragma once

#include <functional>
#include <string>

#include "nullcline/models/network.hpp"

namespace nullcline::interchange::internal {

/// The first array, such as "recurrent_weights" or "upper[0]: bias", that can be replaced by other
/// numbers while the error of the replay stays within `tolerance`; empty if there is none. Steps of
/// zeros, or of saturated units, reproduce any weights.
std::string untested_weights(const models::Network& network, double tolerance,
                             const std::function<double(const models::Network&)>& replay);

}  // namespace nullcline::interchange::internal
