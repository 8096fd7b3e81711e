// SPDX-License-Identifier: BSD-3-Clause
// The Lyapunov spectrum of a trajectory, of a map or of a flow.
#pragma once

#include <limits>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::trajectories {

/// Over how long exponents are averaged.
struct Span {
  double transient = 0;  ///< left out at the beginning
  double duration = 0;   ///< time of a flow, steps of a map
  double tolerance = 0;  ///< of a step of the integrator, absolute and relative; flows
};

/// Exponents per unit of time (flow) or per step (map), in falling order.
struct Spectrum {
  Vector exponents;
  Vector errors;         ///< standard errors of the means of 20 blocks
  Vector running_times;  ///< (20): since the end of the transient
  Matrix running;        ///< (20, n_exponents): the exponents by then
  /// Mean of the divergence of a flow, of ln |det DF| of a map, along the same trajectory: the sum
  /// of all exponents. NaN of a map where fewer exponents than states were asked for.
  double mean_divergence = std::numeric_limits<double>::quiet_NaN();
  Vector begin, end;        ///< states after the transient and at the end
  Vector minimum, maximum;  ///< of each coordinate between them
  double path_length = 0;   ///< of a flow
  double elapsed = 0;       ///< transient and duration, as far as it came
  bool is_finite = true;    ///< false: the states left every bound, and the rest is not to be used
  bool interrupted = false;
};

/// Tangent vectors are carried along the trajectory from `start` and kept orthonormal, and exponent
/// i is the mean of ln R_ii per time, with R of Q R = (derivative) Q (Benettin et al. 1980). A flow
/// and its variational equation are integrated by the Runge-Kutta-Fehlberg method of order 8.
/// @throws InvalidInput if sizes do not fit, or n_exponents is not 1 to n_states.
Spectrum lyapunov_spectrum(const dynamics::System& system, ConstVectorRef input,
                           ConstVectorRef start, Index n_exponents, const Span& span,
                           const Progress& progress = {});

/// Kaplan and Yorke: j + (l_1 + ... + l_j) / |l_(j+1)| for the largest j whose sum is not negative;
/// NaN where the exponents that are known do not reach that far.
double kaplan_yorke_dimension(ConstVectorRef exponents, Index n_states);

}  // namespace nullcline::trajectories
