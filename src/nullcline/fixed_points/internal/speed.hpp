// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points::internal {

/// q = 1/2 |F(h) - h|^2 of many states, and its gradient (J - I)^T (F(h) - h).
class Speed {
 public:
  /// For up to `n` states. `map` must outlive it.
  Speed(const dynamics::System& map, ConstVectorRef input, Index n)
      : equation_(map, input, Equation::Form::full),
        residual_(n, map.n_states()),
        gradient_(n, map.n_states()) {}

  const Equation& equation() const { return equation_; }
  const Matrix& gradient() const { return gradient_; }

  Vector of(const Matrix& states);
  /// Sets gradient(), after `of` the same states.
  void differentiate(const Matrix& states);

 private:
  Equation equation_;
  Matrix residual_, gradient_, scales_;
};

}  // namespace nullcline::fixed_points::internal
