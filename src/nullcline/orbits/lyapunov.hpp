// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/dynamics/system.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits {

/// The largest Lyapunov exponents of a trajectory, in falling order, per step.
struct LyapunovSpectrum {
  Vector exponents;
  Vector errors;  ///< standard errors, from 20 blocks of the trajectory
  Matrix states;  ///< (n, n_states): the trajectory, some of it if it is long
  Vector end;     ///< its last state
  bool finite = false;
};

/// Follows `state` and n_exponents tangent vectors for n_steps (and a tenth more before, to align
/// the vectors), by Q R = DF(h) Q at each step: exponent i is the mean of ln R_ii.
/// @throws InvalidInput if the map is a flow or a number is out of range.
/// Reference: Benettin et al. (1980); Eckmann & Ruelle (1985).
LyapunovSpectrum lyapunov_spectrum(const dynamics::System& map, ConstVectorRef input,
                                   ConstVectorRef state, Index n_exponents, int n_steps);

/// What the exponents of a trajectory that did not come back to a state say:
/// chaotic: the first is above 5 standard errors; invariant_circle: the first is zero within 3, the
/// second negative; torus: the second is zero too, the next one negative; else undecided.
Kind classify(const LyapunovSpectrum& spectrum);

}  // namespace nullcline::orbits
