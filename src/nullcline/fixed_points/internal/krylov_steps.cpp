// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/krylov_steps.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nullcline::fixed_points::internal {

namespace {

constexpr Index kMaxBasis = 40;
constexpr int kMaxIterations = 80;  // of conjugate gradients
// Near a zero each step takes the error down by this factor at least; the last step is below 1e-7.
constexpr float kTolerance = 1e-4f;
// Share of the gradient that a damped step may leave: it only shapes the way.
constexpr float kDampedTolerance = 1e-2f;

std::size_t size(Index n) { return static_cast<std::size_t>(n); }

}  // namespace

KrylovSteps::Jacobians::Jacobians(const Equation& equation, Index capacity)
    : n_terms_(equation.row_scaled_jacobian()->n_terms()),
      shift_(static_cast<float>(equation.jacobian_shift())),
      all_scales_(capacity, n_terms_ * equation.size()),
      weights_(equation.row_scaled_jacobian()->weights().cast<float>()),
      scales_(capacity, n_terms_ * equation.size()),
      products_(capacity, n_terms_ * equation.size()) {}

void KrylovSteps::Jacobians::set(const Equation& equation, ConstMatrixRef points) {
  auto scales = all_scales_.topRows(points.rows());
  equation.row_scaled_jacobian()->scales(points, equation.input_row(), scales);
  scales_.topRows(points.rows()) = scales.cast<float>();
}

void KrylovSteps::Jacobians::apply(std::span<const Index> systems, numerics::ConstFloatMatrixRef in,
                                   numerics::FloatMatrixRef out) {
  auto products = products_.topRows(in.rows());
  numerics::multiply_transposed(in, weights_, products);
  for (Index i = 0; i < in.rows(); ++i) {
    const auto scales = scales_.row(systems[size(i)]).array();
    out.row(i) = shift_ * in.row(i);
    for (Index k = 0; k < n_terms_; ++k)
      out.row(i).array() += scales.segment(k * in.cols(), in.cols()) *
                            products.row(i).segment(k * in.cols(), in.cols()).array();
  }
}

void KrylovSteps::Jacobians::apply_transposed(std::span<const Index> systems,
                                              numerics::ConstFloatMatrixRef in,
                                              numerics::FloatMatrixRef out) {
  auto products = products_.topRows(in.rows());
  for (Index i = 0; i < in.rows(); ++i) {
    const auto scales = scales_.row(systems[size(i)]).array();
    for (Index k = 0; k < n_terms_; ++k)
      products.row(i).segment(k * in.cols(), in.cols()) =
          scales.segment(k * in.cols(), in.cols()) * in.row(i).array();
  }
  numerics::multiply(products, weights_, out);
  out += shift_ * in;
}

KrylovSteps::KrylovSteps(const Equation& equation, Index capacity)
    : equation_(equation),
      jacobians_(equation, capacity),
      krylov_(equation.size(), capacity, std::min(kMaxBasis, equation.size())),
      right_sides_(capacity, equation.size()),
      steps_(capacity, equation.size()),
      gathered_(capacity, equation.size()),
      gathered_steps_(capacity, equation.size()),
      norms_(size(capacity)),
      rows_(size(capacity)),
      errors_(size(capacity)),
      falls_(size(capacity)),
      gathered_mu_(size(capacity)),
      gathered_errors_(size(capacity)),
      gathered_falls_(size(capacity)),
      dense_(equation) {}

void KrylovSteps::solve(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
                        MatrixRef steps, std::span<double> falls) {
  if (n_failed_ > n_solved_) {
    dense_.solve(points, residuals, mu, steps, falls);
    return;
  }
  jacobians_.set(equation_, points);
  solve_undamped(residuals);
  solve_damped(mu.first(size(points.rows())));
  for (Index row = 0; row < points.rows(); ++row) {
    const auto k = size(row);
    if (errors_[k] <= (mu[k] > 0 ? kDampedTolerance : kTolerance)) {
      ++n_solved_;
      steps.row(row) = norms_[k] * steps_.row(row).cast<double>();
      falls[k] = norms_[k] * norms_[k] * static_cast<double>(falls_[k]);
    } else {
      ++n_failed_;
      dense_.solve(points.middleRows(row, 1), residuals.middleRows(row, 1), mu.subspan(k, 1),
                   steps.middleRows(row, 1), falls.subspan(k, 1));
    }
  }
}

// Right sides of norm 1, so that float32 can hold them.
void KrylovSteps::solve_undamped(ConstMatrixRef residuals) {
  const Index count = residuals.rows();
  for (Index row = 0; row < count; ++row) {
    const double norm = residuals.row(row).norm();
    norms_[size(row)] = norm;
    rows_[size(row)] = row;
    right_sides_.row(row) = (residuals.row(row) / -norm).cast<float>();
  }
  krylov_.gmres(jacobians_, {rows_.data(), size(count)}, right_sides_.topRows(count), kTolerance,
                steps_.topRows(count), errors_);
  for (Index row = 0; row < count; ++row)
    falls_[size(row)] = 1 - errors_[size(row)] * errors_[size(row)];
}

// Solves anew where the undamped step is not good enough.
void KrylovSteps::solve_damped(std::span<const double> mu) {
  Index count = 0;
  for (Index row = 0; row < static_cast<Index>(mu.size()); ++row)
    if (mu[size(row)] > 0) rows_[size(count++)] = row;
  if (count == 0) return;
  for (Index i = 0; i < count; ++i) gathered_.row(i) = right_sides_.row(rows_[size(i)]);
  jacobians_.apply_transposed({rows_.data(), size(count)}, gathered_.topRows(count),
                              gathered_steps_.topRows(count));
  Index kept = 0;
  for (Index i = 0; i < count; ++i) {
    const Index row = rows_[size(i)];
    const auto k = size(row);
    const float gradient = gathered_steps_.row(i).norm();
    const auto left = static_cast<float>(mu[k]) * steps_.row(row).norm();
    if (errors_[k] <= kTolerance && left <= kDampedTolerance * gradient) continue;
    rows_[size(kept)] = row;
    gathered_mu_[size(kept)] = static_cast<float>(mu[k]);
    gathered_.row(kept++) = right_sides_.row(row);
  }
  krylov_.least_squares(jacobians_, {rows_.data(), size(kept)}, gathered_.topRows(kept),
                        gathered_mu_, kDampedTolerance, kMaxIterations,
                        gathered_steps_.topRows(kept), gathered_errors_, gathered_falls_);
  for (Index i = 0; i < kept; ++i) {
    const auto k = size(rows_[size(i)]);
    steps_.row(rows_[size(i)]) = gathered_steps_.row(i);
    errors_[k] = gathered_errors_[size(i)];
    falls_[k] = gathered_falls_[size(i)];
  }
}

}  // namespace nullcline::fixed_points::internal
