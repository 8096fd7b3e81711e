// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/packing.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "nullcline/numerics/activations.hpp"

namespace nullcline::training::internal {

namespace {

std::size_t length(Size n) { return static_cast<std::size_t>(n); }

/// The rows of the parameters that one gate of one product uses.
template <class T>
struct GateRows {
  const T* recurrent = nullptr;  ///< (n_units, n_units), or null
  const T* input = nullptr;      ///< (n_units, n_inputs), or null
  const T* bias = nullptr;       ///< (n_units)
  T offset = 0;                  ///< added to the bias
};

template <class T>
GateRows<T> gate_rows(const Shape& shape, const ParameterLayout& layout, const T* values,
                      Size gate) {
  const Size n = shape.n_units;
  GateRows<T> rows{values + layout.recurrent_weights.offset + gate * n * n,
                   values + layout.input_weights.offset + gate * n * shape.n_inputs,
                   values + layout.bias.offset + gate * n, T(0)};
  const bool forgets = (shape.cell == models::CellKind::ugrnn && gate == 0) ||
                       (shape.is_gru() && gate == 1) || (shape.is_lstm() && gate == 1);
  if (forgets) rows.offset = static_cast<T>(shape.forget_bias);
  if (shape.is_gru_after() && gate == 2) {
    rows.input = nullptr;  // r multiplies W h + b_h alone
    rows.bias = values + layout.recurrent_bias.offset;
  }
  return rows;
}

/// One unit of one gate becomes one column of a packed panel: out[row * stride].
template <class T>
void pack_column(const Shape& shape, const GateRows<T>& rows, Size unit, Size stride, T* out) {
  Size row = 0;
  if (rows.recurrent != nullptr) {
    const T* source = rows.recurrent + unit * shape.n_units;
    for (Size i = 0; i < shape.n_units; ++i) out[i * stride] = source[i];
    row = shape.units;
  }
  if (rows.input != nullptr) {
    const T* source = rows.input + unit * shape.n_inputs;
    for (Size i = 0; i < shape.n_inputs; ++i) out[(row + i) * stride] = source[i];
  }
  out[(row + shape.n_inputs) * stride] = rows.bias[unit] + rows.offset;
}

/// Rows of panels over the units: copies `n_rows` rows of a (n_rows, n_units) matrix.
template <class T>
void pack_unit_rows(const Shape& shape, const T* source, Size n_rows, Size panel_rows, T* out) {
  const Size width = shape.unit_panel_width();
  for (Size begin = 0; begin < shape.n_units; begin += width) {
    const Size n = std::min(width, shape.n_units - begin);
    T* panel = out + begin / width * panel_rows * width;
    for (Size i = 0; i < n_rows; ++i)
      std::copy_n(source + i * shape.n_units + begin, n, panel + i * width);
  }
}

}  // namespace

template <class T>
PackedWeights<T>::PackedWeights(const Shape& shape)
    : forward(length(shape.n_panels() * shape.k * shape.panel_vectors * shape.lanes)),
      backward(length(shape.n_unit_panels() * (shape.columns + shape.n_outputs) *
                      shape.unit_panel_width())),
      readout(length(shape.k * shape.output_stride)),
      initial_state(length(2 * shape.units)) {
  const Size panel = shape.n_unit_panels() * shape.unit_panel_width();
  if (shape.is_gru()) candidate_forward.resize(length(shape.candidate_k() * panel));
  if (shape.is_gru_before()) candidate_backward.resize(length(shape.units * panel));
}

template <class T>
void PackedWeights<T>::pack(const Shape& shape, const ParameterLayout& layout,
                            const std::vector<T>& values) {
  const Size n = shape.n_units, lanes = shape.lanes;
  const Size width = shape.panel_vectors * lanes, unit_width = shape.unit_panel_width();
  for (Size gate = 0; gate < shape.gates; ++gate) {
    const GateRows<T> rows = gate_rows(shape, layout, values.data(), gate);
    for (Size unit = 0; unit < n; ++unit) {
      const Size vector = unit / lanes * shape.gates + gate, lane = unit % lanes;
      const Size panel = vector / shape.panel_vectors, inside = vector % shape.panel_vectors;
      pack_column(shape, rows, unit, width,
                  forward.data() + panel * shape.k * width + inside * lanes + lane);
      pack_unit_rows(shape, rows.recurrent + unit * n, 1, shape.columns + shape.n_outputs,
                     backward.data() + (vector * lanes + lane) * unit_width);
    }
  }
  if (shape.is_gru()) {
    GateRows<T> rows{values.data() + layout.recurrent_weights.offset + 2 * n * n,
                     values.data() + layout.input_weights.offset + 2 * n * shape.n_inputs,
                     values.data() + layout.bias.offset + 2 * n, T(0)};
    if (shape.is_gru_before())
      pack_unit_rows(shape, rows.recurrent, n, shape.units, candidate_backward.data());
    else
      rows.recurrent = nullptr;
    for (Size unit = 0; unit < n; ++unit)
      pack_column(shape, rows, unit, unit_width,
                  candidate_forward.data() + unit / unit_width * shape.candidate_k() * unit_width +
                      unit % unit_width);
  }
  const T* weights = values.data() + layout.readout_weights.offset;
  pack_unit_rows(shape, weights, shape.n_outputs, shape.columns + shape.n_outputs,
                 backward.data() + shape.columns * unit_width);
  const T* offsets = values.data() + layout.readout_bias.offset;
  for (Size i = 0; i < shape.n_outputs; ++i) {
    T* column = readout.data() + i;
    for (Size j = 0; j < n; ++j) column[j * shape.output_stride] = weights[i * n + j];
    column[(shape.k - 1) * shape.output_stride] = offsets[i];
  }
  const T* start = values.data() + layout.initial_state.offset;
  std::copy_n(start, n, initial_state.data());
  T* second = initial_state.data() + shape.units;
  if (shape.is_lstm()) std::copy_n(start + n, n, second);
  if (shape.is_leaky_outside()) {
    std::copy_n(start, n, second);
    if (shape.relu)
      for (Size i = 0; i < n; ++i) second[i] = std::max(second[i], T(0));
    else
      numerics::tanh_in_place(std::span<T>(second, length(n)));
  }
}

template <class T>
PackedGradients<T>::PackedGradients(const Shape& shape)
    : main(length(shape.k * shape.columns)),
      candidate(shape.is_gru() ? length(shape.candidate_k() * shape.units) : 0),
      readout(length(shape.n_outputs * shape.state_stride)),
      initial_state(length(2 * shape.units)) {}

template <class T>
void PackedGradients<T>::set_zero() {
  for (auto* array : {&main, &candidate, &readout, &initial_state})
    std::fill(array->begin(), array->end(), T(0));
}

template <class T>
void PackedGradients<T>::add(const PackedGradients& other) {
  const auto accumulate = [](AlignedVector<T>& to, const AlignedVector<T>& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  accumulate(main, other.main);
  accumulate(candidate, other.candidate);
  accumulate(readout, other.readout);
  accumulate(initial_state, other.initial_state);
}

namespace {

/// Adds column `column` of a packed gradient to the row of one unit of one gate.
template <class T>
void unpack_column(const Shape& shape, const T* column, Size stride, T* recurrent, T* input,
                   T* bias) {
  Size row = 0;
  if (recurrent != nullptr) {
    for (Size i = 0; i < shape.n_units; ++i) recurrent[i] += column[i * stride];
    row = shape.units;
  }
  if (input != nullptr)
    for (Size i = 0; i < shape.n_inputs; ++i) input[i] += column[(row + i) * stride];
  *bias += column[(row + shape.n_inputs) * stride];
}

}  // namespace

template <class T>
void PackedGradients<T>::unpack(const Shape& shape, const ParameterLayout& layout,
                                std::vector<T>& gradient) const {
  const Size n = shape.n_units;
  T* recurrent = gradient.data() + layout.recurrent_weights.offset;
  T* input = gradient.data() + layout.input_weights.offset;
  T* bias = gradient.data() + layout.bias.offset;
  for (Size gate = 0; gate < shape.gates; ++gate)
    for (Size unit = 0; unit < n; ++unit) {
      const Size row = gate * n + unit;
      const bool split = shape.is_gru_after() && gate == 2;
      const T* column = main.data() + (unit / shape.lanes * shape.gates + gate) * shape.lanes +
                        unit % shape.lanes;
      unpack_column(shape, column, shape.columns, recurrent + row * n,
                    split ? nullptr : input + row * shape.n_inputs,
                    split ? gradient.data() + layout.recurrent_bias.offset + unit : bias + row);
    }
  if (shape.is_gru())
    for (Size unit = 0; unit < n; ++unit) {
      const Size row = 2 * n + unit;
      unpack_column(shape, candidate.data() + unit, shape.units,
                    shape.is_gru_before() ? recurrent + row * n : nullptr,
                    input + row * shape.n_inputs, bias + row);
    }
  for (Size i = 0; i < shape.n_outputs; ++i) {
    const T* source = readout.data() + i * shape.state_stride;
    T* weights = gradient.data() + layout.readout_weights.offset + i * n;
    for (Size j = 0; j < n; ++j) weights[j] += source[j];
    gradient[length(layout.readout_bias.offset + i)] += source[shape.k - 1];
  }
  T* start = gradient.data() + layout.initial_state.offset;
  for (Size i = 0; i < n; ++i) start[i] += initial_state[length(i)];
  if (shape.is_lstm())
    for (Size i = 0; i < n; ++i) start[n + i] += initial_state[length(shape.units + i)];
}

template struct PackedWeights<float>;
template struct PackedWeights<double>;
template struct PackedGradients<float>;
template struct PackedGradients<double>;

}  // namespace nullcline::training::internal
