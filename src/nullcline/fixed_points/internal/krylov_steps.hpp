// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/fixed_points/internal/dense_steps.hpp"
#include "nullcline/numerics/krylov.hpp"

namespace nullcline::fixed_points::internal {

/// Inexact steps from products with all Jacobians at once, in float32; residuals stay float64.
///
/// GMRES gives the step of mu = 0. It serves for mu > 0 too where it leaves little of the normal
/// equations: A^T (A d + r) + mu d = mu d. Otherwise conjugate gradients on least squares follow.
/// What neither solves goes to the dense engine; so does all the rest where that happens often.
class KrylovSteps : public StepEngine {
 public:
  /// The equation has a row-scaled Jacobian.
  KrylovSteps(const Equation& equation, Index capacity);

  void solve(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
             MatrixRef steps, std::span<double> falls) override;

 private:
  class Jacobians : public numerics::BatchOperator {
   public:
    Jacobians(const Equation& equation, Index capacity);
    void set(const Equation& equation, ConstMatrixRef points);
    void apply(std::span<const Index> systems, numerics::ConstFloatMatrixRef in,
               numerics::FloatMatrixRef out) override;
    void apply_transposed(std::span<const Index> systems, numerics::ConstFloatMatrixRef in,
                          numerics::FloatMatrixRef out) override;

   private:
    Index n_terms_;
    float shift_;
    Matrix all_scales_;
    numerics::FloatMatrix weights_, scales_, products_;
  };

  void solve_undamped(ConstMatrixRef residuals);
  void solve_damped(std::span<const double> mu);

  const Equation& equation_;
  Jacobians jacobians_;
  numerics::BatchKrylov krylov_;
  numerics::FloatMatrix right_sides_, steps_, gathered_, gathered_steps_;
  std::vector<double> norms_;
  std::vector<Index> rows_;
  std::vector<float> errors_, falls_, gathered_mu_, gathered_errors_, gathered_falls_;
  Index n_solved_ = 0, n_failed_ = 0;
  DenseSteps dense_;
};

}  // namespace nullcline::fixed_points::internal
