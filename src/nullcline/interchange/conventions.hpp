// SPDX-License-Identifier: BSD-3-Clause
// What each source means by its weights, in one place: docs/imports.md shows the same table.
#pragma once

#include <array>
#include <string_view>

#include "nullcline/core/matrix.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::interchange {

/// In what order a source keeps the gates of a cell: our gate k is its block `places[k]`.
struct GateOrder {
  models::CellKind cell;
  std::array<int, 4> places;
  std::string_view gates;  ///< in the source's order, by our names
  std::string_view sources;
};

/// Our own orders are the first of each cell. ONNX is here for what converters leave behind.
inline constexpr std::array kGateOrders{
    GateOrder{models::CellKind::gru, {0, 1, 2, -1}, "r, z, n", "PyTorch, Flax, Equinox"},
    GateOrder{models::CellKind::gru, {1, 0, 2, -1}, "z, r, n", "Keras, Haiku, ONNX"},
    GateOrder{models::CellKind::lstm, {0, 1, 2, 3}, "i, f, g, o", "PyTorch, Keras, Flax, Equinox"},
    GateOrder{models::CellKind::lstm, {0, 2, 1, 3}, "i, g, f, o", "Haiku, TensorFlow 1"},
    GateOrder{models::CellKind::lstm, {0, 2, 3, 1}, "i, o, f, g", "ONNX"},
};

inline constexpr const GateOrder& kKerasGru = kGateOrders[1];
inline constexpr const GateOrder& kKerasLstm = kGateOrders[2];

/// What is the same whatever the gates of a source.
struct SourceConvention {
  std::string_view source;
  std::string_view kernels;  ///< shape of the input weights
  std::string_view biases;
  std::string_view gru;  ///< reset, and the meaning of z
  double forget_bias;    ///< added to the pre-activation of f beside the stored bias
};

inline constexpr std::array kSourceConventions{
    SourceConvention{"PyTorch", "(gates * units, inputs)", "b_ih and b_hh", "after; z keeps", 0},
    SourceConvention{"Keras", "(inputs, gates * units)", "one; two with reset_after",
                     "reset_after; z keeps", 0},
    SourceConvention{"Flax", "(inputs, units) per gate", "one; b_hn of n", "after; z keeps", 0},
    SourceConvention{"Haiku", "(inputs, gates * units)", "one", "before; z replaces", 1},
    SourceConvention{"TensorFlow 1", "(inputs + units, gates * units)", "one", "before; z keeps",
                     1},
};

/// The blocks of `rows / n_gates` rows, put into our order.
Matrix in_our_order(ConstMatrixRef rows, const std::array<int, 4>& places, int n_gates);

}  // namespace nullcline::interchange
