// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/training/internal/kernels.hpp"
#include "nullcline/training/internal/parameters.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::training::internal {

/// From the gradient of the error to new parameters: penalty, constraints, clipping, update.
template <class T>
class Stepper {
 public:
  Stepper(const TrainOptions& options, const models::Network& network);

  /// l2 * sum of squares over the scope, times 1/2 with l2_half.
  double penalty(const std::vector<T>& values) const;

  /// Adds the penalty's gradient, zeroes what is fixed, and scales to clip_norm.
  /// Returns the norm before scaling; if it is not finite, the gradient is not usable.
  double prepare(const std::vector<T>& values, std::vector<T>& gradient) const;

  /// The update of iteration t = 0, 1, ...:
  ///   Adam (Kingma & Ba 2015, bias-corrected), or v = momentum v + g; values -= eta_t v,
  ///   with eta_t = learning_rate decay^(t / decay_steps). Then signs and masks are enforced.
  void step(int iteration, const std::vector<T>& gradient, std::vector<T>& values);

  std::vector<T>& first_moment() { return first_; }    ///< Adam's mean, or SGD's velocity
  std::vector<T>& second_moment() { return second_; }  ///< Adam alone

 private:
  template <class Visitor>
  void for_each_penalized(Visitor visit) const;

  const TrainOptions options_;
  const ParameterLayout layout_;
  const Constraints constraints_;
  const Kernels<T>& kernels_;
  std::vector<T> first_, second_;
};

}  // namespace nullcline::training::internal
