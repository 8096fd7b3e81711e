// SPDX-License-Identifier: BSD-3-Clause
// Recurrent weights as a product of few columns and few rows, with what is left over.
#pragma once

#include <limits>
#include <optional>

#include "nullcline/core/matrix.hpp"

namespace nullcline::models::internal {

inline constexpr Index kMaxLatentRank = 3;
inline constexpr double kUlp = std::numeric_limits<double>::epsilon();

/// W = M P + E for weights W (rows, cols) of low rank.
struct LowRankFactors {
  Matrix m;          ///< M (rows, rank), orthonormal columns but for rounding
  Matrix p;          ///< P (rank, cols)
  Vector remainder;  ///< e: upper bounds of sum_j |E_ij|, each at most 1e-5
};

/// Empty unless the rank is at least 1, at most kMaxLatentRank and below the number of columns.
std::optional<LowRankFactors> low_rank_factors(const Matrix& w);

/// An upper bound of a sum of n products, or roundings, of numbers that are not negative.
double rounded_up(double sum, Index n);

}  // namespace nullcline::models::internal
