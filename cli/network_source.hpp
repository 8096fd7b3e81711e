// SPDX-License-Identifier: BSD-3-Clause
// A network from a file of ours, from weights that were trained elsewhere, or a model file.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/results/network_text.hpp"
#include "nullcline/results/subject.hpp"

namespace nullcline::cli {

using results::describe;

/// What a file of weights does not say about itself.
struct ImportFlags {
  std::string cell, activation, reset, prefix, readout, probe;
  double alpha = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("cell", self.cell, "cell, where names and shapes leave it open: such as vanilla");
    field("activation", self.activation, "tanh | relu; default: as the file says, or tanh");
    field("reset", self.reset, "GRU: reset gate before | after (default) the product");
    field("alpha", self.alpha, "leak dt / tau of a rate network; 0: as the file says");
    field("prefix", self.prefix, "the recurrent module among several, such as encoder.gru");
    field("readout", self.readout, "the linear readout, such as fc; none: without");
    field("probe", self.probe, "steps x, h, h_next (.npz) that imported weights must reproduce");
  }
};

/// Parameters of a model file on the command line.
struct ModelFlags {
  std::string set;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("set", self.set, "a parameter of a model file, name=value; may be given again");
  }
};

struct NetworkSource {
  std::string path;
  results::Subject subject;
  bool imported = false;
  NamedArrays file;  ///< all of the file, if it is one of ours
};

/// @throws InvalidInput for flags that do not fit the file; FormatError for the file or the probe.
NetworkSource load_network(const std::string& path, const ImportFlags& flags,
                           const ModelFlags& model_flags = {});

/// The values of --input, zeros if there are none. @throws InvalidInput for another number of them.
Vector held_input(const std::vector<double>& values, Index n_inputs);

/// What a result of a network says that no probe has shown to mean what we think.
inline constexpr const char* kNotVerified =
    " (not verified: no --probe shows that the weights mean what we take them for)";

}  // namespace nullcline::cli
