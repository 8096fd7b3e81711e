// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/network.hpp"

namespace nullcline::models::internal {

/// A change of all weights of a layer, seen from one state: how its pre-activations change.
///
///     da_k = dA_k x + dW_k u_k + db_k
///
/// with u_k what W_k is multiplied with: h, r * h (GRU, reset before), phi(v) (leaky-outside); for
/// the candidate of a GRU with reset after da = dA x + db + r * (dW h + db_h). `gates` are the
/// cell's slots at (state, input). Writes n_gates * n_units numbers.
void preactivation_change(const Network& net, const Network& change, const double* state,
                          const double* input, const double* gates, double* out);

}  // namespace nullcline::models::internal
