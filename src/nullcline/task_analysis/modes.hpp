// SPDX-License-Identifier: BSD-3-Clause
// What the modes of a linearization take in and give out.
#pragma once

#include <vector>

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::task_analysis {

/// dy/dh of the readout at a state: (n_outputs, n_states). Of leaky-outside cells by central
/// differences, of all others exactly C, with zeros for the states that are not read out.
Matrix readout_jacobian(const models::Network& network, ConstVectorRef state);

/// |l_i B e_k|: how much of a unit of input k mode i takes in, (n_modes, n_inputs), for left
/// eigenvectors l_i with l_i r_j = delta_ij and right ones of unit norm. Mante et al. (2013).
Matrix input_selection(const fixed_points::FixedPoint& point, ConstMatrixRef input_jacobian);

/// The response to one unit of input b at step 0, read out by the row c, that the leading modes
/// alone give:
///
///     y_k(t) = sum_{i <= k} Re[ (c r_i) lambda_i^(t-1) (l_i b) ]
///
/// (n_steps, n_modes + 1): a row for each t of `steps`, a column for each k = 0, 1, ..., n_modes. A
/// k that would part a conjugate pair keeps both. Maheswaranathan et al. (2019), Fig. 3f.
/// @throws InvalidInput for a step below 1.
Matrix mode_responses(const fixed_points::FixedPoint& point, ConstVectorRef b, ConstVectorRef c,
                      const std::vector<int>& steps);

}  // namespace nullcline::task_analysis
