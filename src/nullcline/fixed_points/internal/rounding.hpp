// SPDX-License-Identifier: BSD-3-Clause
// Upper bounds of sums that were computed in floating point.
#pragma once

#include <cstddef>
#include <limits>

namespace nullcline::fixed_points::internal {

/// One unit in the last place of 1, twice the unit round-off.
inline constexpr double kUlp = std::numeric_limits<double>::epsilon();

/// An upper bound of a sum of n products of numbers that are not negative, whose value in floating
/// point is `sum`, in whatever order it was added: gamma_n < (n + 4) kUlp, and underflow, for which
/// a number stands that is no subnormal one.
inline double rounded_up(double sum, std::size_t n) {
  constexpr double kSlack = 1e-290;
  const auto k = static_cast<double>(n + 4);
  return sum * (1 + k * kUlp) + k * kSlack;
}

}  // namespace nullcline::fixed_points::internal
