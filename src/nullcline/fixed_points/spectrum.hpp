// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

/// A distance within which every eigenvalue of J lies from one of `point.eigenvalues`, proven for
/// every J = dF/dh in the box point.state +- point.radius; infinity where none could be shown.
///
/// With R the right eigenvectors, L ~ R^-1, Lambda the eigenvalues, G = I - L R and E = J R - R
/// Lambda, the eigenvalues of J are those of Lambda + (I - G)^-1 L E, hence in the union of the
/// discs
///
///     |z - lambda_i| <= ( |L E| 1 )_i + |G| / (1 - |G|) max_k ( |L E| 1 )_k
///
/// of Gershgorin, and each connected part of the union holds as many of them as it has discs. The
/// largest radius is returned. Reference: Rump (2010), section 13.4.
double eigenvalue_radius(const dynamics::System& system, ConstVectorRef input,
                         const FixedPoint& point);

/// Sets point.eigenvalue_radius for a proven fixed point, and n_unstable, stability and
/// stability_verdict: proven where no disc meets the boundary of stability. Where one does, J is
/// split into the diagonal blocks of its block triangular form, and the eigenvalues of each that
/// are beyond the boundary are counted by a form of known inertia (`count_beyond`): proven if that
/// succeeds. Degenerate otherwise, if the discs are small; with wide discs what the eigenvalues say
/// stands, not proven. May make point.radius smaller.
void certify_stability(const dynamics::System& system, ConstVectorRef input, FixedPoint& point);

}  // namespace nullcline::fixed_points
