// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::dynamics {

/// A row-scaled Jacobian, with exactly its weights and diagonal, whose scales can be enclosed over
/// a box of states: n_terms * n_states intervals say all about n_states^2.
class RowScaledEnclosure : public RowScaledJacobian {
 public:
  /// F(box, input) is inside `values` (n_states), and s_k(box, input), one k after the other,
  /// inside `scales` (n_terms * n_states), with directed rounding.
  virtual void enclose(std::span<const numerics::Interval> box, ConstVectorRef input,
                       std::span<numerics::Interval> values,
                       std::span<numerics::Interval> scales) const = 0;
  /// Upper bounds of the row sums of |weights()|.
  virtual const Vector& weight_sums() const = 0;
};

}  // namespace nullcline::dynamics
