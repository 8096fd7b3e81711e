// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/recursive_least_squares.hpp"

#include <utility>

#include "nullcline/numerics/symmetric_update.hpp"

namespace nullcline::training::internal {

namespace {

std::size_t size(Index n) { return static_cast<std::size_t>(n); }

}  // namespace

RecursiveLeastSquares::RecursiveLeastSquares(Index n, double alpha, double lambda)
    : lower_(size(n) * size(n + 1) / 2, 0.0), lambda_(lambda), k_(Vector::Zero(n)), next_(n) {
  for (std::size_t i = 0; i < size(n); ++i) lower_[i * (i + 1) / 2 + i] = 1 / alpha;
}

void RecursiveLeastSquares::look(ConstVectorRef rates) {
  const std::size_t n = size(k_.size());
  numerics::update_and_multiply(lower_, c_, gain_, {k_.data(), n}, {rates.data(), n},
                                {next_.data(), n});
  std::swap(k_, next_);
  c_ = 1 / (lambda_ + rates.dot(k_));
  gain_ = 1 / lambda_;
}

void RecursiveLeastSquares::learn(ConstVectorRef error, Matrix& weights) {
  for (Index i = 0; i < weights.rows(); ++i) weights.row(i) -= (c_ * error(i)) * k_.transpose();
}

Matrix RecursiveLeastSquares::inverse_correlation() {
  const Index n = k_.size();
  Matrix p(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j)
      p(i, j) = p(j, i) =
          gain_ * (lower_[size(i) * size(i + 1) / 2 + size(j)] - c_ * k_(i) * k_(j));
  return p;
}

}  // namespace nullcline::training::internal
