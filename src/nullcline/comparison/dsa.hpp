// SPDX-License-Identifier: BSD-3-Clause
// Dynamical similarity analysis (Ostrow et al. 2023): a linear operator is fitted to each network's
// trajectories; the distance is that of two operators up to a change of coordinates.
#pragma once

#include <cstdint>

#include "nullcline/comparison/activity.hpp"

namespace nullcline::comparison {

struct DsaOptions {
  int n_delays = 3;  ///< states in one delayed state: x_t, x_(t - delay), ...
  int delay = 1;     ///< steps
  int rank = 6;      ///< leading directions of the delayed states
  double ridge = 0;
};

/// The operator A (rank, rank) of v_(t+1) = A v_t, v_t being the coordinates of the delayed states
/// [x_t, x_(t-delay), ...] along their `rank` leading left singular vectors (not centered), by
/// ridge regression within trials: A^T = (V_-^T V_- + ridge I)^-1 V_-^T V_+. `samples`
/// (n_trials n_steps, n_units) holds trial after trial. An empty matrix where the delayed states
/// have fewer directions than `rank`.
/// @throws InvalidInput if an option is out of range, or trials are too short.
Matrix delay_operator(ConstMatrixRef samples, Index n_trials, const DsaOptions& options = {});

/// Whether trials are long enough for the delays, and two steps more.
bool fits_trials(const Activity& activity, const DsaOptions& options);

struct AlignmentOptions {
  int n_starts = 32;
  std::uint64_t seed = 0;
};

struct OperatorDistance {
  double frobenius = 0;  ///< min_C |A - C B C^T| with |A| = |B| = 1
  double angular = 0;    ///< min_C arccos tr(A^T C B C^T)
  double spread = 0;     ///< angular: the worst minimum found minus the best
  int n_best = 0;        ///< starts that ended in the best minimum, of n_starts
  Matrix rotation;       ///< C
};

/// The distance of two operators of one size (r, r) over all rotations and reflections C in O(r),
/// by Newton's method in a trust region on O(r) (Absil, Mahony & Sepulchre 2008, chapter 7) from
/// n_starts random C, of both determinants in turn. Minima are local: see `spread`. NaN where an
/// operator is 0.
/// @throws InvalidInput
OperatorDistance operator_distance(ConstMatrixRef a, ConstMatrixRef b,
                                   const AlignmentOptions& options = {});

/// Squared 2-Wasserstein distance of the eigenvalues of two operators, as points of equal mass in
/// the complex plane; the shorter list is filled up with zeros.
/// @throws InvalidInput if an operator is empty or not square.
double eigenvalue_distance_squared(ConstMatrixRef a, ConstMatrixRef b);

}  // namespace nullcline::comparison
