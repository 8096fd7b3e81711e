// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/fixed_points/steps.hpp"

namespace nullcline::fixed_points::internal {

/// LU for mu = 0, Cholesky of the normal equations else. Jacobians are evaluated for as many starts
/// as fit in cache.
class DenseSteps : public StepEngine {
 public:
  explicit DenseSteps(const Equation& equation);

  void solve(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
             MatrixRef steps, std::span<double> falls) override;
  /// One row, given its Jacobian, which is overwritten.
  void solve_row(MatrixRef jacobian, ConstVectorRef residual, double mu,
                 Eigen::Ref<Eigen::RowVectorXd> step, double& fall);

 private:
  bool solve_normal_equations(double mu, double& fall);

  const Equation& equation_;
  Matrix jacobians_, normal_, factor_;
  Vector gradient_, step_;
  std::vector<int> pivots_;
};

}  // namespace nullcline::fixed_points::internal
