// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/dense_steps.hpp"

#include <algorithm>
#include <limits>

#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/numerics/normal_equations.hpp"

namespace nullcline::fixed_points::internal {

namespace {

// Jacobians of this many starts stay in cache.
Index chunk_size(Index n) {
  constexpr Index kNumbers = Index{1} << 17;
  return std::clamp<Index>(kNumbers / std::max<Index>(1, n * n), 1, 64);
}

}  // namespace

DenseSteps::DenseSteps(const Equation& equation)
    : equation_(equation),
      jacobians_(chunk_size(equation.size()) * equation.size(), equation.size()),
      normal_(equation.size(), equation.size()),
      factor_(equation.size(), equation.size()),
      gradient_(equation.size()),
      step_(equation.size()),
      pivots_(static_cast<std::size_t>(equation.size())) {}

void DenseSteps::solve(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
                       MatrixRef steps, std::span<double> falls) {
  const Index n = equation_.size(), chunk = chunk_size(n);
  for (Index first = 0; first < points.rows(); first += chunk) {
    const Index count = std::min(chunk, points.rows() - first);
    equation_.jacobian(points.middleRows(first, count), jacobians_.topRows(count * n));
    for (Index b = 0; b < count; ++b) {
      const auto k = static_cast<std::size_t>(first + b);
      solve_row(jacobians_.middleRows(b * n, n), residuals.row(first + b).transpose(), mu[k],
                steps.row(first + b), falls[k]);
    }
  }
}

void DenseSteps::solve_row(MatrixRef jacobian, ConstVectorRef residual, double mu,
                           Eigen::Ref<Eigen::RowVectorXd> step, double& fall) {
  if (mu == 0) {
    numerics::lu_factor(jacobian, pivots_);
    step_ = -residual;
    numerics::lu_solve(jacobian, pivots_, VectorRef(step_));
    fall = residual.squaredNorm();
  } else {
    numerics::gram(jacobian, normal_);
    gradient_.noalias() = jacobian.transpose() * residual;
    if (!solve_normal_equations(mu, fall)) step_.setConstant(std::nan(""));
  }
  step = step_.transpose();
}

// Rounding may take away what makes the matrix definite; a larger mu brings it back.
bool DenseSteps::solve_normal_equations(double mu, double& fall) {
  for (int attempt = 0;; ++attempt) {
    factor_ = normal_;
    factor_.diagonal().array() += mu;
    if (numerics::cholesky_factor(factor_)) break;
    if (attempt == 20) return false;
    mu = std::max(100 * mu, 1e-16 * factor_.diagonal().cwiseAbs().maxCoeff());
  }
  step_ = -gradient_;
  numerics::cholesky_solve(factor_, step_);
  fall = -gradient_.dot(step_) + mu * step_.squaredNorm();
  return true;
}

}  // namespace nullcline::fixed_points::internal
