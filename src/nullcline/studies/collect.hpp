// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/studies/run.hpp"

namespace nullcline::studies {

/// What a study found, in one file. Dimension network: key, state, the factors by their names,
/// validation_loss and validation_accuracy of the end, untrained_loss and untrained_accuracy on the
/// same trials before training, iterations, and of the first held input
/// n_fixed_points, n_stable, index_sum and completeness. Dimension fixed_point (of all networks
/// and held inputs, one after the other): network_index, input_index, kind, n_unstable, readout,
/// and the first 32 eigenvalues by falling magnitude; NaN where a point has fewer. Networks that
/// are missing or failed have NaN and -1.
/// @throws FormatError for a unit's file that lacks something.
NamedArrays collect(const std::string& folder, const Plan& plan);

}  // namespace nullcline::studies
