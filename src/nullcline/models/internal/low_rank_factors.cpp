// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/low_rank_factors.hpp"

#include <cmath>

#include "nullcline/core/rng.hpp"

namespace nullcline::models::internal {

namespace {

// Weights that are farther than this from low rank (row sums of |E|) are not treated as such.
constexpr double kLargestRemainder = 1e-5;
// Orthonormal columns that span the range of W, from products with random vectors. Columns in
// which nothing but rounding is left are dropped.
Matrix find_range(const Matrix& w) {
  constexpr double kNothing = 1e-9;
  const Index n = w.rows();
  Rng rng(0, Purpose::perturbations, 0);
  Matrix range(n, 0);
  for (Index k = 0; k < kMaxLatentRank; ++k) {
    Vector probe(w.cols());
    for (double& x : probe) x = rng.normal();
    Vector column = w * probe;
    const double size = column.norm();
    for (int pass = 0; pass < 2; ++pass) column -= range * (range.transpose() * column);
    if (!(column.norm() > kNothing * size)) break;
    range.conservativeResize(n, k + 1);
    range.col(k) = column / column.norm();
  }
  return range;
}

}  // namespace

std::optional<LowRankFactors> low_rank_factors(const Matrix& w) {
  const Index n = w.cols();
  LowRankFactors factors{find_range(w), {}, Vector(w.rows())};
  const Index rank = factors.m.cols();
  if (rank < 1 || rank >= n) return std::nullopt;
  factors.p = factors.m.transpose() * w;
  const Matrix product = factors.m * factors.p;
  const Matrix sizes = factors.m.cwiseAbs() * factors.p.cwiseAbs();
  for (Index i = 0; i < w.rows(); ++i) {
    double sum = 0;
    for (Index j = 0; j < n; ++j)
      sum += std::abs(w(i, j) - product(i, j)) +
             static_cast<double>(rank + 4) * kUlp * (sizes(i, j) + std::abs(w(i, j)));
    factors.remainder(i) = rounded_up(sum, n);
  }
  if (!(factors.remainder.maxCoeff() <= kLargestRemainder)) return std::nullopt;
  return factors;
}

double rounded_up(double sum, Index n) {
  return sum * (1 + static_cast<double>(n + 8) * kUlp) + std::numeric_limits<double>::min();
}

}  // namespace nullcline::models::internal
