// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/engine.hpp"

#include <algorithm>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"

namespace nullcline::training::internal {

namespace {

constexpr Size kSliceTrials = 16;
// Larger batches run in several rounds, so that memory stays bounded.
constexpr Size kMaxSlices = 16;

/// The weight of each entry of the mask: one over their sum.
double entry_weight(const tasks::TrialBatch& batch, const LossKind& kind) {
  double sum = 0;
  for (const double entry : batch.mask) sum += entry;
  NULLCLINE_ASSERT(sum > 0);
  return (kind.error == ErrorKind::squared && kind.half ? 0.5 : 1.0) / sum;
}

}  // namespace

template <class T>
Engine<T>::Engine(const models::Network& network, Index max_trials, Index n_steps)
    : kernels_(active_kernels<T>()),
      shape_(Shape::of(network, kernels_)),
      layout_(network),
      weights_(shape_) {
  const Size n_slices = std::min(kMaxSlices, (max_trials + kSliceTrials - 1) / kSliceTrials);
  for (Size i = 0; i < n_slices; ++i)
    slices_.push_back(std::make_unique<Unroll<T>>(
        shape_, kernels_, network.alpha, std::min<Size>(kSliceTrials, max_trials), n_steps));
  errors_.resize(slices_.size());
}

template <class T>
template <class Body>
double Engine<T>::for_each_slice(const std::vector<T>& values, const tasks::TrialBatch& batch,
                                 const LossKind& kind, Body body) {
  weights_.pack(shape_, layout_, values);
  const ErrorMeasure measure{kind.error, entry_weight(batch, kind)};
  const Size n_slices = (batch.n_trials + kSliceTrials - 1) / kSliceTrials;
  const Size per_round = static_cast<Size>(slices_.size());
  double error = 0;
  for (Size first = 0; first < n_slices; first += per_round) {
    const Size n = std::min(per_round, n_slices - first);
    parallel_for(static_cast<std::size_t>(n), [&](std::size_t i) {
      const Size begin = (first + static_cast<Size>(i)) * kSliceTrials;
      Unroll<T>& slice = *slices_[i];
      slice.forward(weights_, batch, begin, std::min(kSliceTrials, batch.n_trials - begin));
      errors_[i] = slice.measure(batch, measure);
      body(slice);
    });
    for (Size i = 0; i < n; ++i) error += errors_[static_cast<std::size_t>(i)];
  }
  return error;
}

template <class T>
double Engine<T>::loss_and_gradient(const std::vector<T>& values, const tasks::TrialBatch& batch,
                                    const LossKind& kind, std::vector<T>& gradient) {
  for (auto& slice : slices_) slice->gradients().set_zero();
  const double error =
      for_each_slice(values, batch, kind, [&](Unroll<T>& slice) { slice.backward(weights_); });
  for (std::size_t i = 1; i < slices_.size(); ++i)
    slices_[0]->gradients().add(slices_[i]->gradients());
  gradient.assign(values.size(), T(0));
  slices_[0]->gradients().unpack(shape_, layout_, gradient);
  return error;
}

template <class T>
double Engine<T>::loss(const std::vector<T>& values, const tasks::TrialBatch& batch,
                       const LossKind& kind, double* outputs, double* states) {
  return for_each_slice(values, batch, kind,
                        [&](Unroll<T>& slice) { slice.copy_results(outputs, states); });
}

template class Engine<float>;
template class Engine<double>;

}  // namespace nullcline::training::internal
