// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "nullcline/training/internal/unroll.hpp"

namespace nullcline::training::internal {

struct LossKind {
  ErrorKind error = ErrorKind::squared;
  bool half = false;  ///< an extra factor 1/2 in the squared error
};

/// Thrown out of a gradient whose `goes_on` returned false.
struct Interrupted {};

/// Loss and gradient of one network architecture. A batch is cut into slices of fixed size,
/// whatever the number of threads, and sums run over the slices in order: the result is always the
/// same.
template <class T>
class Engine {
 public:
  /// The shapes, masks and constants are those of `network`; its weights are not read.
  Engine(const models::Network& network, Index n_steps);

  /// The mean error over all entries of the mask, and its gradient, which is overwritten.
  /// `goes_on`, if it is not empty, is asked after slices, by one thread at a time. @throws
  /// Interrupted
  double loss_and_gradient(const std::vector<T>& values, const tasks::TrialBatch& batch,
                           const LossKind& kind, std::vector<T>& gradient,
                           const std::function<bool()>& goes_on = {});

  /// The same loss. `outputs` and `states` receive (trials, steps, .) arrays, or are null.
  double loss(const std::vector<T>& values, const tasks::TrialBatch& batch, const LossKind& kind,
              double* outputs, double* states);

 private:
  template <class Body>
  double for_each_slice(const std::vector<T>& values, const tasks::TrialBatch& batch,
                        const LossKind& kind, const std::function<bool()>& goes_on, Body body);

  const Kernels<T>& kernels_;
  const Vector alpha_;
  const Shape shape_;
  const ParameterLayout layout_;
  PackedWeights<T> weights_;
  const Index n_steps_;
  std::vector<std::unique_ptr<Unroll<T>>> workers_;  ///< one per thread, reused from slice to slice
  std::vector<PackedGradients<T>> gradients_;        ///< one per group of slices
  std::vector<double> errors_;
};

}  // namespace nullcline::training::internal
