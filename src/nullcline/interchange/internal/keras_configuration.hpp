// SPDX-License-Identifier: BSD-3-Clause
// What a Keras model says about its layers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nullcline/models/network.hpp"

namespace nullcline::interchange::internal {

/// One layer that matters here: recurrent, or after one.
struct KerasLayer {
  std::string class_name;   ///< "GRU"
  std::string name;         ///< the user's: "gru_1"; legacy files store arrays under it
  std::string store_name;   ///< of Keras 3's files: the class in snake case, counted: "gru_1"
  bool is_wrapped = false;  ///< inside TimeDistributed: arrays lie in a group "layer" more
  bool is_linear = false;   ///< activation "linear", of a Dense layer
  std::string activation;
  std::optional<models::CellKind> cell;  ///< of SimpleRNN, GRU, LSTM
  std::optional<models::Reset> reset;    ///< of a GRU that says reset_after
  std::string problem;                   ///< a setting that no cell of ours has; "" for none
};

/// The layers of a Sequential or functional model, in order, without those that do nothing when a
/// network runs (InputLayer, Dropout, Activation linear ...).
struct KerasModel {
  bool is_sequential = false;  ///< each layer takes what the one before it gives
  std::vector<KerasLayer> layers;
};

/// @throws FormatError if the text is no configuration.
KerasModel read_keras_model(const std::string& configuration);

/// The activation of a recurrent layer. @throws FormatError naming layer and setting, if no cell of
/// ours is that layer.
models::Activation checked_activation(const KerasLayer& layer);

}  // namespace nullcline::interchange::internal
