// SPDX-License-Identifier: BSD-3-Clause
// Finds a recurrent module under PyTorch's names among everything else that a file holds.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/interchange/weights.hpp"

namespace nullcline::interchange::internal {

/// Where a module's arrays are: prefix + "weight_ih" + suffix.
struct TorchModule {
  std::string prefix;  ///< "encoder.gru.", or ""
  std::string suffix;  ///< "_l0", or "" for the *Cell classes
};

/// All modules, sorted by prefix.
std::vector<TorchModule> torch_modules(const NamedArrays& weights);

/// The module that `prefix` names ("encoder.gru", with or without a dot at the end), or the only
/// one. @throws FormatError
TorchModule choose_module(const NamedArrays& weights, const std::string& prefix);

/// The arrays of one module, and its readout as readout.weight and readout.bias.
/// @throws FormatError
NamedArrays module_and_readout(const NamedArrays& weights, const TorchModule& module,
                               const std::string& readout);

/// What the shape of weight_hh tells: 1 gate vanilla, 2 ugrnn, 3 gru, 4 lstm.
/// @throws FormatError
models::CellKind cell_of_module(const NamedArrays& weights, const TorchModule& module);

}  // namespace nullcline::interchange::internal
