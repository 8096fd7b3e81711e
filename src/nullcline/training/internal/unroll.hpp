// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/tasks/task.hpp"
#include "nullcline/training/internal/packing.hpp"

namespace nullcline::training::internal {

enum class ErrorKind { squared, logistic };

/// What the outputs are compared with: each entry of the mask counts mask * weight.
struct ErrorMeasure {
  ErrorKind kind = ErrorKind::squared;
  double weight = 1;
};

/// Some trials of a batch, unrolled in time: states and gates of every step, then gradients.
///
/// Forward, step t: one product of the state rows [h | x | 1] with the packed weights, the gates
/// applied panel by panel while the product is still in the cache.
/// Backward, last step first: gradients of the pre-activations, one product with [W; C] for
/// dL/dh_t, and every few steps one deep product for the weights.
template <class T>
class Unroll {
 public:
  /// `alpha`: leaks of the leaky cells, else empty.
  Unroll(const Shape& shape, const Kernels<T>& kernels, const Vector& alpha, Size max_trials,
         Size n_steps);

  /// Runs trials [first, first + n) of the batch forward.
  void forward(const PackedWeights<T>& weights, const tasks::TrialBatch& batch, Size first, Size n);

  /// The error of the outputs: the sum of mask * weight * error, and what backward() starts from.
  double measure(const tasks::TrialBatch& batch, const ErrorMeasure& error);

  /// Adds to `gradients`.
  void backward(const PackedWeights<T>& weights, PackedGradients<T>& gradients);

  /// Writes outputs into a (trials, steps, outputs) array of the whole batch; states likewise,
  /// after each step. Either may be null.
  void copy_results(double* outputs, double* states) const;

 private:
  void load(const PackedWeights<T>& weights, const tasks::TrialBatch& batch);
  void forward_step(const PackedWeights<T>& weights, Size step);
  void backward_step(const PackedWeights<T>& weights, Size step, Size slot);
  void accumulate_block(Size first_step, Size n_steps, PackedGradients<T>& gradients);
  CellStep<T> cell_step(Size step);
  T* state_row(Size step) { return state_.data() + step * n_trials_ * shape_.state_stride; }
  T* reset_row(Size step) { return reset_state_.data() + step * n_trials_ * shape_.state_stride; }
  T* gate_row(Size step) { return gates_.data() + step * n_trials_ * shape_.gates_stride; }
  T* extra_row(Size step) { return extra_.data() + step * n_trials_ * shape_.unit_stride; }

  const Shape shape_;
  const Kernels<T>& kernels_;
  const Size max_trials_, n_steps_, block_steps_;
  Size first_trial_ = 0, n_trials_ = 0;

  AlignedVector<T> state_;  ///< (n_steps + 1, trials, state_stride)
  AlignedVector<T>
      reset_state_;           ///< GRU, reset before: [r h | x | 1], (n_steps, trials, state_stride)
  AlignedVector<T> gates_;    ///< (n_steps, trials, gates_stride)
  AlignedVector<T> extra_;    ///< (n_steps + 1, trials, unit_stride)
  AlignedVector<T> outputs_;  ///< (n_steps, trials, output_stride)
  AlignedVector<T> d_outputs_;              ///< (n_steps, trials, n_outputs)
  AlignedVector<T> d_state_, d_extra_;      ///< (trials, unit_stride)
  AlignedVector<T> d_gates_, d_candidate_;  ///< of a block: (block_steps, trials, stride)
  AlignedVector<T> alpha_;
};

}  // namespace nullcline::training::internal
