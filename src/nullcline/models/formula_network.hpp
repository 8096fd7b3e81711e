// SPDX-License-Identifier: BSD-3-Clause
// A network whose weights are formulas of named parameters.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nullcline/formulas/program.hpp"
#include "nullcline/models/network_family.hpp"

namespace nullcline::models {

/// Which weight a formula gives: an entry of an array of the network, row-major.
struct WeightPlace {
  enum class Array {
    input_weights,
    recurrent_weights,
    bias,
    recurrent_bias,
    alpha,
    feedback_weights,
    readout_weights
  };
  Array array = Array::recurrent_weights;
  Index index = 0;
};

/// One layer, its weights as far as they are formulas, and the values of the parameters.
struct FormulaWeights {
  Network network;  ///< the weights that are numbers; valid but for `alpha`
  /// W_fb of an echo-state network: (n_units, n_outputs), else empty. What it feeds back is folded
  /// in: the recurrent weights are U + W_fb W_o, with W_o the readout weights.
  Matrix feedback_weights;
  std::shared_ptr<const formulas::Program> program;  ///< symbols: parameters; one output per place
  std::vector<WeightPlace> places;
  std::vector<std::string> names;  ///< of places, for messages: "U_h[0][1]"
};

/// The family of the networks; derivatives by the parameters are exact.
/// @throws InvalidInput if sizes do not fit.
std::shared_ptr<const NetworkFamily> make_family(std::shared_ptr<const FormulaWeights> weights,
                                                 std::vector<double> values);

}  // namespace nullcline::models
