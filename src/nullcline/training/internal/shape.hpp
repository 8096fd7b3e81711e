// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/models/network.hpp"
#include "nullcline/training/internal/kernels.hpp"

namespace nullcline::training::internal {

/// Sizes and strides of the arrays that unroll one network, in numbers of T.
///
/// A row of states is [h (padded) | x | 1]: the bias is the weight of the last column. A row of
/// gate gradients is [vector][gate][lane], then the output gradients, so that one product with [W;
/// C] carries both back to h.
struct Shape {
  template <class T>
  static Shape of(const models::Network& network, const Kernels<T>& kernels) {
    return Shape(network, kernels.lanes, static_cast<Size>(sizeof(T)));
  }

  models::CellKind cell;
  bool relu, reset_after;
  double forget_bias;
  Size n_units, n_inputs, n_outputs;
  Size lanes;
  Size n_vectors;  ///< unit vectors
  Size units;      ///< n_vectors * lanes
  Size gates;      ///< of the main product: 1, 2 (ugrnn; gru before: r, z), 3 (gru after) or 4
  Size panel_vectors;
  Size columns;  ///< of the main product: n_vectors * gates * lanes
  Size k;        ///< columns of a state row that count: units + n_inputs + 1
  Size state_stride, gates_stride, d_gates_stride, unit_stride;
  Size output_stride;  ///< n_outputs in whole vectors

  bool is_gru() const { return cell == models::CellKind::gru; }
  bool is_gru_before() const { return is_gru() && !reset_after; }
  bool is_gru_after() const { return is_gru() && reset_after; }
  bool is_leaky_outside() const { return cell == models::CellKind::leaky_outside; }
  bool is_lstm() const { return cell == models::CellKind::lstm; }
  /// Whether gates are kept beside the states: otherwise the state says all.
  bool has_gates() const { return cell != models::CellKind::vanilla && !is_leaky_outside(); }
  /// Whether the backward step leaves a direct part of dL/dh_t that the product adds to.
  bool has_direct_gradient() const {
    return cell == models::CellKind::leaky || cell == models::CellKind::ugrnn || is_gru();
  }
  /// Rows of the GRU's candidate weights: [x | 1] with the reset after the product, else [r h | x |
  /// 1].
  Size candidate_k() const { return reset_after ? n_inputs + 1 : k; }
  Size n_panels() const { return (n_vectors * gates + panel_vectors - 1) / panel_vectors; }
  Size n_unit_panels() const { return (n_vectors + kMaxPanelVectors - 1) / kMaxPanelVectors; }
  Size unit_panel_width() const { return kMaxPanelVectors * lanes; }

 private:
  Shape(const models::Network& network, Size n_lanes, Size scalar_bytes);
};

}  // namespace nullcline::training::internal
