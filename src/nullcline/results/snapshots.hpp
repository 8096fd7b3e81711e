// SPDX-License-Identifier: BSD-3-Clause
// Networks of one training, at several of its steps.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::results {

/// Networks of the same shapes at rising steps.
struct Snapshots {
  std::vector<double> steps;
  std::vector<models::Network> networks;
};

/// The snapshots in the file of a trained network: of its readout (FORCE), with the feedback folded
/// in, or of all its weights. The trained network itself comes last. `path` names the file in
/// messages.
/// @throws FormatError if there are none, or they are not of the network in the file.
Snapshots read_snapshots(const std::string& path, const NamedArrays& file);

/// Adds the snapshots of a training with their steps: groups snapshot_0, snapshot_1, ...
void store_snapshots(NamedArrays& file, const std::vector<int>& steps,
                     const std::vector<models::Network>& networks);

/// Networks of the same training from elsewhere, in order, as steps 0, 1, ...
/// @throws InvalidInput if they differ in anything but their weights; the message names the file.
Snapshots join_snapshots(const std::vector<std::string>& paths,
                         const std::vector<models::Network>& networks);

}  // namespace nullcline::results
