// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>

namespace nullcline::numerics {

/// P <- gain (P - scale k k^T) and out = P r in one pass over half of P, which is all that is
/// stored: the lower triangle, row after row, n (n + 1) / 2 numbers. k, r and out have n.
void update_and_multiply(std::span<double> lower, double scale, double gain,
                         std::span<const double> k, std::span<const double> r,
                         std::span<double> out);

}  // namespace nullcline::numerics
