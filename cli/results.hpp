// SPDX-License-Identifier: BSD-3-Clause
// Result files as the command writes and reads them.
#pragma once

#include <string>
#include <vector>

#include "nullcline/results/result_file.hpp"

namespace nullcline::cli {

using results::fingerprint;
using results::is_hdf5_file;
using results::kCheckpoint;
using results::kContinuation;
using results::kFixedPoints;
using results::kGraph;
using results::kKindAttribute;
using results::kSimulation;
using results::kTrainedNetwork;
using results::network_fingerprint;
using results::read_result;
using results::reading;
using results::stamp;
using results::text_or_empty;

/// Refuses what cannot become a result: a folder, a device, a file that is also an input, a folder
/// that does not exist or cannot be written to. Called before any work.
/// @throws InvalidInput
void check_output(const std::string& path, const std::vector<std::string>& inputs);

}  // namespace nullcline::cli
