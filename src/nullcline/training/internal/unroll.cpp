// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/unroll.hpp"

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::training::internal {

namespace {

// So many rows of gate gradients make one product for the weights: deep enough to amortize reading
// and writing the sums, small enough that the rows are still in the second-level cache.
constexpr Size kBlockRows = 256;

std::size_t length(Size n) { return static_cast<std::size_t>(n); }

CellStage main_stage(const Shape& shape) {
  switch (shape.cell) {
    case models::CellKind::vanilla:
      return CellStage::vanilla;
    case models::CellKind::leaky:
      return CellStage::leaky;
    case models::CellKind::leaky_outside:
      return CellStage::leaky_outside;
    case models::CellKind::ugrnn:
      return CellStage::ugrnn;
    case models::CellKind::gru:
      return shape.reset_after ? CellStage::gru_after : CellStage::gru_before_gates;
    case models::CellKind::lstm:
      break;
  }
  return CellStage::lstm;
}

template <class T>
auto forward_kernel(const Kernels<T>& kernels, const Shape& shape, CellStage stage) {
  return kernels.forward[static_cast<int>(stage)][shape.relu ? 1 : 0];
}

template <class T>
auto backward_kernel(const Kernels<T>& kernels, const Shape& shape, CellStage stage) {
  return kernels.backward[static_cast<int>(stage)][shape.relu ? 1 : 0];
}

/// Asks for memory that will be read soon, so that its way from the outer caches overlaps
/// arithmetic.
template <class T>
void prefetch(const T* begin, Size n) {
  constexpr Size kStep = static_cast<Size>(kCacheLine / sizeof(T));
  for (Size i = 0; i < n; i += kStep) __builtin_prefetch(begin + i, 0, 2);
}

}  // namespace

template <class T>
Unroll<T>::Unroll(const Shape& shape, const Kernels<T>& kernels, const Vector& alpha,
                  Size max_trials, Size n_steps)
    : shape_(shape),
      kernels_(kernels),
      max_trials_(max_trials),
      n_steps_(n_steps),
      block_steps_(std::min(n_steps, std::max<Size>(1, kBlockRows / max_trials))) {
  const Size rows = n_steps * max_trials;
  state_.resize(length((rows + max_trials) * shape.state_stride));
  if (shape.is_gru_before()) reset_state_.resize(length(rows * shape.state_stride));
  if (shape.has_gates()) gates_.resize(length(rows * shape.gates_stride));
  if (shape.is_gru() || shape.is_lstm() || shape.is_leaky_outside())
    extra_.resize(length((rows + max_trials) * shape.unit_stride));
  outputs_.resize(length(rows * shape.output_stride));
  d_outputs_.resize(length(rows * shape.n_outputs));
  d_state_.resize(length(max_trials * shape.unit_stride));
  d_extra_.resize(length(max_trials * shape.unit_stride));
  d_gates_.resize(length(block_steps_ * max_trials * shape.d_gates_stride));
  if (shape.is_gru()) d_candidate_.resize(length(block_steps_ * max_trials * shape.unit_stride));
  alpha_.resize(length(shape.units));
  std::copy_n(alpha.data(), alpha.size(), alpha_.data());
}

/// Inputs, ones and initial states into the rows that the products read.
template <class T>
void Unroll<T>::load(const PackedWeights<T>& weights, const tasks::TrialBatch& batch) {
  const Size stride = shape_.state_stride, n_inputs = shape_.n_inputs;
  for (Size step = 0; step <= n_steps_; ++step)
    for (Size trial = 0; trial < n_trials_; ++trial) {
      T* row = state_row(step) + trial * stride + shape_.units;
      if (step < n_steps_) {
        const double* inputs =
            batch.inputs.data() + ((first_trial_ + trial) * n_steps_ + step) * n_inputs;
        for (Size i = 0; i < n_inputs; ++i) row[i] = static_cast<T>(inputs[i]);
      }
      row[n_inputs] = T(1);
      if (shape_.is_gru_before() && step < n_steps_)
        std::copy_n(row, n_inputs + 1, reset_row(step) + trial * stride + shape_.units);
    }
  const T* first = weights.initial_state.data();
  const T* second = first + shape_.units;
  for (Size trial = 0; trial < n_trials_; ++trial) {
    std::copy_n(shape_.is_leaky_outside() ? second : first, shape_.units,
                state_row(0) + trial * stride);
    if (shape_.is_lstm() || shape_.is_leaky_outside())
      std::copy_n(shape_.is_lstm() ? second : first, shape_.units,
                  extra_row(0) + trial * shape_.unit_stride);
  }
}

template <class T>
CellStep<T> Unroll<T>::cell_step(Size step) {
  CellStep<T> cell;
  cell.n_rows = n_trials_;
  cell.v_end = shape_.n_vectors;
  if (shape_.has_gates()) cell.gates = gate_row(step);
  cell.gates_stride = shape_.gates_stride;
  cell.state = state_row(step);
  cell.next = state_row(step + 1);
  cell.state_stride = shape_.state_stride;
  if (!extra_.empty()) {
    cell.extra = extra_row(step);
    cell.extra_next = extra_row(step + 1);
  }
  cell.extra_stride = shape_.unit_stride;
  cell.alpha = alpha_.data();
  cell.d_state = d_state_.data();
  cell.d_extra = d_extra_.data();
  cell.d_state_stride = shape_.unit_stride;
  cell.d_gates_stride = shape_.d_gates_stride;
  cell.d_candidate_stride = shape_.unit_stride;
  return cell;
}

template <class T>
void Unroll<T>::forward_step(const PackedWeights<T>& weights, Size step) {
  const Size lanes = shape_.lanes;
  CellStep<T> cell = cell_step(step);
  Product<T> candidate;
  candidate.m = n_trials_;
  candidate.k = shape_.candidate_k();
  candidate.a_stride = shape_.state_stride;
  candidate.b = weights.candidate_forward.data();
  candidate.b_stride = shape_.unit_panel_width();
  candidate.b_panel = candidate.k * candidate.b_stride;
  candidate.n_vectors = shape_.n_vectors;
  candidate.c = cell.extra;
  candidate.c_stride = shape_.unit_stride;
  if (shape_.is_gru_after()) {
    candidate.a = cell.state + shape_.units;
    kernels_.multiply(candidate);
  }
  Product<T> product;
  product.m = n_trials_;
  product.k = shape_.k;
  product.a = cell.state;
  product.a_stride = shape_.state_stride;
  product.b_stride = product.b_panel = shape_.panel_vectors * lanes;
  product.panel_vectors = shape_.panel_vectors;
  product.c_stride = shape_.has_gates() ? shape_.gates_stride : shape_.state_stride;
  T* out = shape_.has_gates() ? cell.gates : cell.next;
  if (shape_.is_gru_before()) cell.extra_next = reset_row(step);
  if (shape_.is_gru_before()) cell.extra_stride = shape_.state_stride;
  const auto apply_gates = forward_kernel(kernels_, shape_, main_stage(shape_));
  const Size units_per_panel = shape_.panel_vectors / shape_.gates;
  for (Size panel = 0; panel < shape_.n_panels(); ++panel) {
    cell.v_begin = panel * units_per_panel;
    cell.v_end = std::min(cell.v_begin + units_per_panel, shape_.n_vectors);
    product.n_vectors = (cell.v_end - cell.v_begin) * shape_.gates;
    product.b = weights.forward.data() + panel * shape_.k * product.b_stride;
    product.c = out + cell.v_begin * shape_.gates * lanes;
    kernels_.multiply(product);
    apply_gates(cell);
  }
  if (!shape_.is_gru_before()) return;
  candidate.a = reset_row(step);
  kernels_.multiply(candidate);
  cell.extra_stride = shape_.unit_stride;
  cell.v_begin = 0;
  cell.v_end = shape_.n_vectors;
  forward_kernel(kernels_, shape_, CellStage::gru_before_candidate)(cell);
}

template <class T>
void Unroll<T>::forward(const PackedWeights<T>& weights, const tasks::TrialBatch& batch, Size first,
                        Size n) {
  NULLCLINE_ASSERT(n <= max_trials_ && first + n <= batch.n_trials && batch.n_steps == n_steps_);
  first_trial_ = first;
  n_trials_ = n;
  load(weights, batch);
  for (Size step = 0; step < n_steps_; ++step) forward_step(weights, step);
  Product<T> readout;
  readout.m = n_steps_ * n_trials_;
  readout.k = shape_.k;
  readout.a = state_row(1);
  readout.a_stride = shape_.state_stride;
  readout.b = weights.readout.data();
  readout.b_stride = shape_.output_stride;
  readout.b_panel = shape_.unit_panel_width();
  readout.n_vectors = shape_.output_stride / shape_.lanes;
  readout.c = outputs_.data();
  readout.c_stride = shape_.output_stride;
  kernels_.multiply(readout);
}

template <class T>
double Unroll<T>::measure(const tasks::TrialBatch& batch, const ErrorMeasure& error) {
  const Size n_outputs = shape_.n_outputs;
  double sum = 0;
  for (Size trial = 0; trial < n_trials_; ++trial)
    for (Size step = 0; step < n_steps_; ++step) {
      const Size from = ((first_trial_ + trial) * n_steps_ + step) * n_outputs;
      const Size row = step * n_trials_ + trial;
      for (Size i = 0; i < n_outputs; ++i) {
        const double output = static_cast<double>(outputs_[length(row * shape_.output_stride + i)]);
        const double target = batch.targets[length(from + i)];
        const double weight = batch.mask[length(from + i)] * error.weight;
        double derivative = 0;
        if (error.kind == ErrorKind::squared) {
          const double difference = output - target;
          sum += weight * difference * difference;
          derivative = 2 * difference;
        } else {
          const double label = 0.5 * (1 + target), small = std::exp(-std::abs(output));
          sum += weight * (std::max(output, 0.0) - output * label + std::log1p(small));
          derivative = (output >= 0 ? 1 : small) / (1 + small) - label;
        }
        d_outputs_[length(row * n_outputs + i)] = static_cast<T>(weight * derivative);
      }
    }
  return sum;
}

template <class T>
void Unroll<T>::backward_step(const PackedWeights<T>& weights, Size step, Size slot) {
  CellStep<T> cell = cell_step(step);
  cell.d_gates = d_gates_.data() + slot * n_trials_ * shape_.d_gates_stride;
  if (shape_.is_gru())
    cell.d_candidate = d_candidate_.data() + slot * n_trials_ * shape_.unit_stride;
  Product<T> product;
  product.m = n_trials_;
  product.b_stride = shape_.unit_panel_width();
  product.n_vectors = shape_.n_vectors;
  product.c_stride = shape_.unit_stride;
  if (shape_.is_gru_before()) {
    backward_kernel(kernels_, shape_, CellStage::gru_before_candidate)(cell);
    product.k = shape_.units;
    product.a = cell.d_candidate;
    product.a_stride = shape_.unit_stride;
    product.b = weights.candidate_backward.data();
    product.b_panel = product.k * product.b_stride;
    product.c = d_extra_.data();
    kernels_.multiply(product);
  }
  backward_kernel(kernels_, shape_, main_stage(shape_))(cell);
  if (step > 0)
    for (Size trial = 0; trial < n_trials_; ++trial)
      std::copy_n(d_outputs_.data() + ((step - 1) * n_trials_ + trial) * shape_.n_outputs,
                  shape_.n_outputs, cell.d_gates + trial * shape_.d_gates_stride + shape_.columns);
  product.k = shape_.columns + (step > 0 ? shape_.n_outputs : 0);
  product.a = cell.d_gates;
  product.a_stride = shape_.d_gates_stride;
  product.b = weights.backward.data();
  product.b_panel = (shape_.columns + shape_.n_outputs) * product.b_stride;
  product.c = d_state_.data();
  product.accumulate = shape_.has_direct_gradient();
  if (step > 0) {
    if (shape_.has_gates()) prefetch(gate_row(step - 1), n_trials_ * shape_.gates_stride);
    if (!extra_.empty()) prefetch(extra_row(step - 1), n_trials_ * shape_.unit_stride);
    prefetch(state_row(step - 1), n_trials_ * shape_.state_stride);
  }
  kernels_.multiply(product);
}

/// Weight gradients of steps [first_step, first_step + n_steps), whose gate gradients are in slots.
template <class T>
void Unroll<T>::accumulate_block(Size first_step, Size n_steps, PackedGradients<T>& gradients) {
  Product<T> product;
  product.a_by_column = true;
  product.accumulate = true;
  product.m = product.c_stride = 0;
  product.k = n_steps * n_trials_;
  product.b_panel = shape_.unit_panel_width();

  product.m = shape_.k;
  product.a = state_row(first_step);
  product.a_stride = shape_.state_stride;
  product.n_vectors = shape_.columns / shape_.lanes;
  product.b = d_gates_.data();
  product.b_stride = shape_.d_gates_stride;
  product.c = gradients.main.data();
  product.c_stride = shape_.columns;
  kernels_.multiply(product);

  if (shape_.is_gru()) {
    product.m = shape_.candidate_k();
    product.a = shape_.reset_after ? state_row(first_step) + shape_.units : reset_row(first_step);
    product.n_vectors = shape_.n_vectors;
    product.b = d_candidate_.data();
    product.b_stride = shape_.unit_stride;
    product.c = gradients.candidate.data();
    product.c_stride = shape_.units;
    kernels_.multiply(product);
  }

  product.m = shape_.n_outputs;
  product.a = d_outputs_.data() + first_step * n_trials_ * shape_.n_outputs;
  product.a_stride = shape_.n_outputs;
  product.n_vectors = (shape_.k + shape_.lanes - 1) / shape_.lanes;
  product.b = state_row(first_step + 1);
  product.b_stride = shape_.state_stride;
  product.c = gradients.readout.data();
  product.c_stride = shape_.state_stride;
  kernels_.multiply(product);
}

template <class T>
void Unroll<T>::backward(const PackedWeights<T>& weights, PackedGradients<T>& gradients) {
  std::fill(d_extra_.begin(), d_extra_.end(), T(0));
  Product<T> last;  // the last state feeds the last output alone
  last.m = n_trials_;
  last.k = last.a_stride = shape_.n_outputs;
  last.a = d_outputs_.data() + (n_steps_ - 1) * n_trials_ * shape_.n_outputs;
  last.b_stride = shape_.unit_panel_width();
  last.b_panel = (shape_.columns + shape_.n_outputs) * last.b_stride;
  last.b = weights.backward.data() + shape_.columns * last.b_stride;
  last.n_vectors = shape_.n_vectors;
  last.c = d_state_.data();
  last.c_stride = shape_.unit_stride;
  kernels_.multiply(last);
  for (Size end = n_steps_; end > 0;) {
    const Size begin = std::max<Size>(0, end - block_steps_);
    for (Size step = end; step-- > begin;) backward_step(weights, step, step - begin);
    accumulate_block(begin, end - begin, gradients);
    end = begin;
  }
  for (Size trial = 0; trial < n_trials_; ++trial)
    for (Size i = 0; i < shape_.units; ++i) {
      const Size at = trial * shape_.unit_stride + i;
      T d = d_state_[length(at)];
      if (shape_.is_leaky_outside()) {
        const T phi = state_[length(trial * shape_.state_stride + i)];
        const T slope = shape_.relu ? T(phi > 0 ? 1 : 0) : 1 - phi * phi;
        d = d * slope + d_extra_[length(at)];
      }
      gradients.initial_state[length(i)] += d;
      if (shape_.is_lstm())
        gradients.initial_state[length(shape_.units + i)] += d_extra_[length(at)];
    }
}

template <class T>
void Unroll<T>::copy_results(double* outputs, double* states) const {
  const Size n_outputs = shape_.n_outputs, n = shape_.n_units;
  const Size n_states = shape_.is_lstm() ? 2 * n : n;
  for (Size step = 0; step < n_steps_; ++step)
    for (Size trial = 0; trial < n_trials_; ++trial) {
      const Size to = (first_trial_ + trial) * n_steps_ + step;
      const Size row = step * n_trials_ + trial, next = row + n_trials_;
      if (outputs != nullptr)
        std::copy_n(outputs_.data() + row * shape_.output_stride, n_outputs,
                    outputs + to * n_outputs);
      if (states == nullptr) continue;
      const T* h = state_.data() + next * shape_.state_stride;
      const T* second = extra_.empty() ? nullptr : extra_.data() + next * shape_.unit_stride;
      std::copy_n(shape_.is_leaky_outside() ? second : h, n, states + to * n_states);
      if (shape_.is_lstm()) std::copy_n(second, n, states + to * n_states + n);
    }
}

template class Unroll<float>;
template class Unroll<double>;

}  // namespace nullcline::training::internal
