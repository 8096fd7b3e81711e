// SPDX-License-Identifier: BSD-3-Clause
// Gaussian elimination on few rows, many times: the systems of one interval of a mesh are too small
// for LAPACK.
#pragma once

#include "nullcline/core/matrix.hpp"

namespace nullcline::cycles {

/// The first `n_pivots` columns of the rows, with row interchanges: the first `n_pivots` rows
/// become upper triangular there, the other rows zero. False where a column has no pivot.
bool eliminate(MatrixRef rows, Index n_pivots);

/// Solves the upper triangular first rows of eliminate(): their columns from `n_pivots` on become
/// the solutions.
void substitute(MatrixRef rows, Index n_pivots);

/// u_{i+1} = A_i u_i + B_i q + c_i  for i = 0 ... N-1 with u_N = u_0, and as many linear conditions
/// on all u_i and q as q has entries. Intervals are merged one after the other with pivoting within
/// each pair (Ascher, Mattheij & Russell 1995, chapter 7), so that the work is linear in N.
class CyclicSystem {
 public:
  CyclicSystem(Index n_intervals, Index n, Index n_borders);

  /// Rows of [A_i | B_i | c_i].
  void set_interval(Index interval, ConstMatrixRef transfer);
  /// One row per condition: its coefficients at u_0 ... u_{N-1} and at q, and its right side.
  Matrix& conditions() { return conditions_; }

  /// False where it is singular. `states`: one row per u_i.
  bool solve(Matrix& states, Vector& borders);

 private:
  void start_pair(Index interval, ConstMatrixRef merged, MatrixRef pair) const;
  void reduce_conditions(ConstMatrixRef pivots, Index interval);

  const Index n_intervals_, n_, n_borders_;
  Matrix transfers_;  // of all intervals
  Matrix conditions_;
};

}  // namespace nullcline::cycles
