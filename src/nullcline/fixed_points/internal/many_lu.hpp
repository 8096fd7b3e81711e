// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/numerics/aligned.hpp"
#include "nullcline/numerics/lanes.hpp"

namespace nullcline::fixed_points::internal {

/// LU factors of several square matrices of one size: one in each lane of the SIMD registers where
/// they are small, by LAPACK where they are not. Belongs to one thread; allocates once.
class ManyLu {
 public:
  /// How many of this size are factored at once.
  static Index best_count(Index size);

  ManyLu(Index count, Index size);

  /// Matrix k, to be filled before `factor`.
  MatrixRef matrix(Index k) { return matrices_.middleRows(k * size_, size_); }
  /// A singular matrix leads to solutions that are not finite.
  void factor();
  /// Row k of `rows` becomes A_k^-1 row k.
  void solve(MatrixRef rows);

 private:
  bool uses_lanes() const { return pack_.a != nullptr; }

  const Index count_, size_;
  Matrix matrices_;  // (count * size, size)
  std::vector<int> pivots_;
  const numerics::LaneKernels<double>& kernels_;
  numerics::AlignedVector<double> lane_matrices_, lane_vectors_;
  numerics::LanePack<double> pack_;
};

}  // namespace nullcline::fixed_points::internal
