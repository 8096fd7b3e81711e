// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/engine.hpp"

#include <algorithm>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"

namespace nullcline::training::internal {

namespace {

// A slice is so small that its states and gates stay near the second-level cache from the forward
// to the backward pass, and so large that weights in the first level serve several rows.
constexpr Size kSliceTrials = 16;
// Slices that share one sum of gradients; it bounds the memory, and the threads that are of use.
constexpr Size kMaxGroups = 32;

Size group_count(Size n_slices) { return std::min(kMaxGroups, n_slices); }

/// The weight of each entry of the mask: one over their sum.
double entry_weight(const tasks::TrialBatch& batch, const LossKind& kind) {
  double sum = 0;
  for (const double entry : batch.mask) sum += entry;
  NULLCLINE_ASSERT(sum > 0);
  return (kind.error == ErrorKind::squared && kind.half ? 0.5 : 1.0) / sum;
}

}  // namespace

template <class T>
Engine<T>::Engine(const models::Network& network, Index n_steps)
    : kernels_(active_kernels<T>()),
      alpha_(network.alpha),
      shape_(Shape::of(network, kernels_)),
      layout_(network),
      weights_(shape_),
      n_steps_(n_steps) {}

template <class T>
template <class Body>
double Engine<T>::for_each_slice(const std::vector<T>& values, const tasks::TrialBatch& batch,
                                 const LossKind& kind, const std::function<bool()>& goes_on,
                                 Body body) {
  weights_.pack(shape_, layout_, values);
  const ErrorMeasure measure{kind.error, entry_weight(batch, kind)};
  const Size n_slices = (batch.n_trials + kSliceTrials - 1) / kSliceTrials;
  const Size n_groups = group_count(n_slices), n_workers = std::min<Size>(n_groups, n_threads());
  while (static_cast<Size>(workers_.size()) < n_workers)
    workers_.push_back(
        std::make_unique<Unroll<T>>(shape_, kernels_, alpha_, kSliceTrials, n_steps_));
  errors_.resize(static_cast<std::size_t>(n_slices));
  // Which worker takes a group does not change what comes out of it.
  parallel_for(static_cast<std::size_t>(n_workers), [&](std::size_t worker) {
    Unroll<T>& unroll = *workers_[worker];
    for (Size group = static_cast<Size>(worker); group < n_groups; group += n_workers)
      for (Size slice = n_slices * group / n_groups; slice < n_slices * (group + 1) / n_groups;
           ++slice) {
        const Size begin = slice * kSliceTrials;
        unroll.forward(weights_, batch, begin, std::min(kSliceTrials, batch.n_trials - begin));
        errors_[static_cast<std::size_t>(slice)] = unroll.measure(batch, measure);
        body(unroll, static_cast<std::size_t>(group));
        if (worker == 0 && goes_on && !goes_on()) throw Interrupted{};
      }
  });
  double error = 0;
  for (const double slice_error : errors_) error += slice_error;
  return error;
}

template <class T>
double Engine<T>::loss_and_gradient(const std::vector<T>& values, const tasks::TrialBatch& batch,
                                    const LossKind& kind, std::vector<T>& gradient,
                                    const std::function<bool()>& goes_on) {
  const auto n_groups =
      static_cast<std::size_t>(group_count((batch.n_trials + kSliceTrials - 1) / kSliceTrials));
  while (gradients_.size() < n_groups) gradients_.emplace_back(shape_);
  for (std::size_t i = 0; i < n_groups; ++i) gradients_[i].set_zero();
  const double error = for_each_slice(
      values, batch, kind, goes_on,
      [&](Unroll<T>& unroll, std::size_t group) { unroll.backward(weights_, gradients_[group]); });
  for (std::size_t i = 1; i < n_groups; ++i) gradients_[0].add(gradients_[i]);
  gradient.assign(values.size(), T(0));
  gradients_[0].unpack(shape_, layout_, gradient);
  return error;
}

template <class T>
double Engine<T>::loss(const std::vector<T>& values, const tasks::TrialBatch& batch,
                       const LossKind& kind, double* outputs, double* states) {
  return for_each_slice(values, batch, kind, {}, [&](const Unroll<T>& unroll, std::size_t) {
    unroll.copy_results(outputs, states);
  });
}

template class Engine<float>;
template class Engine<double>;

}  // namespace nullcline::training::internal
