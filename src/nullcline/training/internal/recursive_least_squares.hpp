// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::training::internal {

/// Recursive least squares with a symmetric P, which begins as I / alpha:
///
///     k = P r,  c = 1 / (lambda + r^T k),  P <- (P - c k k^T) / lambda,  W <- W - c e k^T.
///
/// P is updated when the next product with it is asked for, in the same pass.
class RecursiveLeastSquares {
 public:
  RecursiveLeastSquares(Index n, double alpha, double lambda);

  /// k and c for these rates.
  void look(ConstVectorRef rates);
  /// W <- W - c e k^T with the k and c of `look`.
  void learn(ConstVectorRef error, Matrix& weights);
  /// P, with nothing left to do: (n, n).
  Matrix inverse_correlation();

 private:
  std::vector<double> lower_;
  double lambda_;
  Vector k_, next_;
  double c_ = 0, gain_ = 1;  // of the update that waits
};

}  // namespace nullcline::training::internal
