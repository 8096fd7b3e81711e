// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/shape.hpp"

#include "nullcline/numerics/aligned.hpp"

namespace nullcline::training::internal {

namespace {

Size gates_of_main_product(models::CellKind cell, bool reset_after) {
  switch (cell) {
    case models::CellKind::ugrnn:
      return 2;
    case models::CellKind::gru:
      return reset_after ? 3 : 2;
    case models::CellKind::lstm:
      return 4;
    case models::CellKind::vanilla:
    case models::CellKind::leaky:
    case models::CellKind::leaky_outside:
      break;
  }
  return 1;
}

/// The next odd number of cache lines: rows then spread over all sets of the cache.
Size padded(Size n, Size scalar_bytes) {
  const Size per_line = static_cast<Size>(numerics::kCacheLine) / scalar_bytes;
  return ((n + per_line - 1) / per_line | 1) * per_line;
}

}  // namespace

Shape::Shape(const models::Network& network, Size n_lanes, Size scalar_bytes)
    : cell(network.cell),
      relu(network.activation == models::Activation::relu),
      reset_after(network.reset == models::Reset::after),
      forget_bias(network.forget_bias),
      n_units(network.n_units()),
      n_inputs(network.n_inputs()),
      n_outputs(network.n_outputs()),
      lanes(n_lanes),
      n_vectors((n_units + n_lanes - 1) / n_lanes),
      units(n_vectors * n_lanes),
      gates(gates_of_main_product(cell, reset_after)),
      panel_vectors(gates == 3 ? 3 : kMaxPanelVectors),
      columns(n_vectors * gates * n_lanes),
      k(units + n_inputs + 1),
      // Products read whole vectors of a state row, so the padding covers the last one.
      state_stride(padded(k + n_lanes - 1, scalar_bytes)),
      gates_stride(padded(columns, scalar_bytes)),
      d_gates_stride(padded(columns + n_outputs, scalar_bytes)),
      unit_stride(padded(units, scalar_bytes)),
      output_stride((n_outputs + n_lanes - 1) / n_lanes * n_lanes) {}

}  // namespace nullcline::training::internal
