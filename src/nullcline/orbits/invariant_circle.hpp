// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits {

struct CircleOptions {
  double target = 1e-10;    ///< invariance error, relative to the size of the circle
  double accepted = 1e-6;   ///< error at which a circle counts, if the target is out of reach
  int max_modes = 256;      ///< Fourier modes
  int max_circles = 4;      ///< circles that the map may permute
  int n_trajectory = 4096;  ///< states from which the first guess is made
};

/// The attracting invariant circle K that the trajectory from `state` is on, and the turn rho:
///
///     F^c(K(theta)) = K(theta + rho),   theta in turns,   c = 1 for one circle
///
/// rho and the Fourier series of K start from weighted Birkhoff averages of the trajectory and are
/// refined by Newton's method on the invariance equation, with modes added until the error between
/// the grid points drops below the target. The phase is held by the mean shift along the curve.
/// Empty if the trajectory lies on no smooth attracting closed curve (or up to max_circles of them,
/// permuted by F).
/// @throws InvalidInput if the map is a flow or sizes do not fit.
/// Reference: Das, Saiki, Sander & Yorke (2017) for the averages; Haro et al. (2016), chapter 5.
std::optional<Orbit> find_invariant_circle(const dynamics::System& map, ConstVectorRef input,
                                           ConstVectorRef state, const CircleOptions& options = {});

/// K at the angles (in turns), given an odd number of states evenly spaced in the angle.
Matrix interpolate_circle(ConstMatrixRef samples, ConstVectorRef angles);

}  // namespace nullcline::orbits
