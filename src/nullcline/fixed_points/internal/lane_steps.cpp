// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/lane_steps.hpp"

#include <algorithm>
#include <cmath>

namespace nullcline::fixed_points::internal {

namespace {

// Conjugate gradients need one step more than there are singular values below sqrt(mu).
constexpr int kMaxIterations = 12;
constexpr double kTolerance = 1e-5;
// A damped step only shapes the way: near a zero mu vanishes, and the step is that of the LU.
constexpr double kAccepted = 1e-3;
constexpr Index kVectors = 6;  // r, d, y and three of work

std::size_t size(Index n) { return static_cast<std::size_t>(n); }

}  // namespace

LaneSteps::LaneSteps(const Equation& equation, Index capacity)
    : equation_(equation),
      kernels_(numerics::lane_kernels<double>()),
      n_(equation.size()),
      lanes_(kernels_.lanes),
      vectors_(size(kVectors * n_ * lanes_)),
      numbers_(size(2 * lanes_)),
      pivots_(size(n_ * lanes_)),
      dense_(equation) {
  const Index stride = n_ | 1;
  matrices_.resize(size(n_ * stride * lanes_));
  pack_ = {n_, stride, matrices_.data(), pivots_.data()};
  const auto vector = [this](Index k) { return vectors_.data() + k * n_ * lanes_; };
  system_ = {vector(0), numbers_.data(), vector(1),      vector(2),
             vector(3), kTolerance,      kMaxIterations, numbers_.data() + lanes_};
  if (const dynamics::RowScaledJacobian* form = equation.row_scaled_jacobian()) {
    all_scales_.resize(capacity, form->n_terms() * n_);
    scales_.resize(size(form->n_terms() * n_ * lanes_));
    row_scaled_ = {form->n_terms(), form->weights().data(), scales_.data(),
                   equation.jacobian_shift()};
  } else {
    jacobians_.resize(lanes_ * n_, n_);
  }
}

void LaneSteps::solve(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
                      MatrixRef steps, std::span<double> falls) {
  if (const dynamics::RowScaledJacobian* form = equation_.row_scaled_jacobian())
    form->scales(points, equation_.input_row(), all_scales_.topRows(points.rows()));
  for (Index first = 0; first < points.rows(); first += lanes_) {
    const Index count = std::min(lanes_, points.rows() - first);
    load(points, residuals, mu, first, count);
    kernels_.factor(pack_);
    kernels_.solve_damped(pack_, system_);
    for (Index lane = 0; lane < count; ++lane) {
      const Index row = first + lane;
      if (is_solved(lane))
        store(lane, steps.row(row), falls[size(row)]);
      else
        dense_.solve(points.middleRows(row, 1), residuals.middleRows(row, 1),
                     mu.subspan(size(row), 1), steps.middleRows(row, 1),
                     falls.subspan(size(row), 1));
    }
  }
}

// Lanes that are left over get the last row once more.
void LaneSteps::load(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
                     Index first, Index count) {
  for (Index lane = 0; lane < lanes_; ++lane) {
    const Index row = first + std::min(lane, count - 1);
    const double* r = residuals.row(row).data();
    for (Index i = 0; i < n_; ++i) vectors_[size(i * lanes_ + lane)] = r[i];
    numbers_[size(lane)] = mu[size(row)];
  }
  if (row_scaled_.n_terms > 0)
    load_scales(first, count);
  else
    load_jacobians(points, first, count);
}

void LaneSteps::load_scales(Index first, Index count) {
  for (Index lane = 0; lane < lanes_; ++lane) {
    const double* scales = all_scales_.row(first + std::min(lane, count - 1)).data();
    for (Index i = 0; i < all_scales_.cols(); ++i) scales_[size(i * lanes_ + lane)] = scales[i];
  }
  kernels_.assemble(pack_, row_scaled_);
}

void LaneSteps::load_jacobians(ConstMatrixRef points, Index first, Index count) {
  equation_.jacobian(points.middleRows(first, count), jacobians_.topRows(count * n_));
  for (Index lane = 0; lane < lanes_; ++lane) {
    const double* jacobian = jacobians_.data() + std::min(lane, count - 1) * n_ * n_;
    for (Index i = 0; i < n_; ++i)
      for (Index j = 0; j < n_; ++j)
        matrices_[size((i * pack_.stride + j) * lanes_ + lane)] = jacobian[i * n_ + j];
  }
}

bool LaneSteps::is_solved(Index lane) const {
  if (numbers_[size(lane)] == 0) return true;
  for (Index i = 0; i < n_; ++i)
    if (!std::isfinite(system_.d[i * lanes_ + lane])) return false;
  return system_.error[lane] <= kAccepted * kAccepted;
}

// |r|^2 - |r + A d|^2 with y = A d.
void LaneSteps::store(Index lane, Eigen::Ref<Eigen::RowVectorXd> step, double& fall) const {
  fall = 0;
  for (Index i = 0; i < n_; ++i) {
    const Index k = i * lanes_ + lane;
    step(i) = system_.d[k];
    fall -= (2 * system_.r[k] + system_.y[k]) * system_.y[k];
  }
}

}  // namespace nullcline::fixed_points::internal
