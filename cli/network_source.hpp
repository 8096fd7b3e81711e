// SPDX-License-Identifier: BSD-3-Clause
// A network from a file of ours, or from weights that were trained elsewhere.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::cli {

/// What a file of weights does not say about itself.
struct ImportFlags {
  std::string cell, activation, reset, probe;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("cell", self.cell, "cell of imported weights: vanilla | gru | lstm");
    field("activation", self.activation, "imported weights: tanh (default) | relu");
    field("reset", self.reset, "imported GRU: reset gate before | after (default) the product");
    field("probe", self.probe, "steps x, h, h_next (.npz) that imported weights must reproduce");
  }
};

struct NetworkSource {
  std::string path;
  models::Network network;
  bool imported = false;
  NamedArrays file;  ///< all of the file, if it is one of ours
};

/// @throws InvalidInput for flags that do not fit the file; FormatError for the file or the probe.
NetworkSource load_network(const std::string& path, const ImportFlags& flags);

/// "GRU, 64 units, 3 inputs, 3 outputs, tanh, reset after", or "LSTM, 2 layers of 5 units projected
/// to 2, ..."
std::string describe(const models::Network& network);

/// The network's own hash: two files that speak of the same weights agree in it.
std::string network_fingerprint(const models::Network& network);

}  // namespace nullcline::cli
