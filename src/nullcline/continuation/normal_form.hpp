// SPDX-License-Identifier: BSD-3-Clause
// Coefficients of normal forms on the center manifold. A is the Jacobian of the flow or the map,
// B(u, v) and C(u, v, w) the second and third derivatives; q and p are right and left null vectors
// or eigenvectors with <q, q> = 1 and <p, q> = 1.
// Reference: Kuznetsov, Elements of Applied Bifurcation Theory, 3rd ed. (2004), sections 5.4, 8.7.
#pragma once

#include <string>

#include "nullcline/continuation/types.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::continuation {

struct NormalForm {
  /// NaN where the system has no derivatives there (a kink) or eigenvectors are defective.
  double coefficient = std::numeric_limits<double>::quiet_NaN();
  Criticality criticality = Criticality::unknown;
  double period = std::numeric_limits<double>::quiet_NaN();
  std::string note;
};

/// a = 1/2 <p, B(q, q)>: x' = a x^2 + ... in the critical direction. The sign is that of q, whose
/// largest entry is positive.
NormalForm fold_form(const dynamics::System& system, ConstVectorRef state, ConstVectorRef input);

/// First Lyapunov coefficient, omega > 0, A q = i omega q:
///
///     l1 = 1/(2 omega) Re <p, C(q,q,q*) - 2 B(q, A^-1 B(q,q*)) + B(q*, (2 i omega - A)^-1 B(q,q))>
NormalForm hopf_form(const dynamics::System& system, ConstVectorRef state, ConstVectorRef input,
                     double omega);

/// A q = -q:  b = 1/6 <p, C(q,q,q) + 3 B(q, (I - A)^-1 B(q,q))>; supercritical for b > 0.
NormalForm flip_form(const dynamics::System& map, ConstVectorRef state, ConstVectorRef input);

/// A q = exp(i theta) q, 0 < theta < pi; the real part of
///
///     d = 1/2 exp(-i theta) <p, C(q,q,q*) + 2 B(q, (I - A)^-1 B(q,q*))
///                                         + B(q*, (exp(2 i theta) - A)^-1 B(q,q))>
///
/// supercritical for d < 0. A note says where theta is a strong resonance (2 pi / 3, pi / 2).
NormalForm neimark_sacker_form(const dynamics::System& map, ConstVectorRef state,
                               ConstVectorRef input, double theta);

/// A simple branch point: transcritical where a = 1/2 <p, B(q, q)> is not small, else a pitchfork
/// with c = 1/6 <p, C(q,q,q) - 3 B(q, A+ B(q,q))> (of a map A - I stands for A): supercritical for
/// c < 0. The note names which.
NormalForm branch_point_form(const dynamics::System& system, ConstVectorRef state,
                             ConstVectorRef input);

/// Unit null vectors of a singular matrix. Their product vanishes where the eigenvalue is double:
/// at Bogdanov-Takens points and 1:1 and 1:2 resonances.
struct NullVectors {
  Vector right, left;
};
/// With the signs of `reference`, unless that is empty, so that neighbors agree.
NullVectors null_vectors(ConstMatrixRef a, const NullVectors& reference);

/// 1/2 <left, B(right, right)>, finite also where their product vanishes; 0 at a cusp.
double quadratic_form(const dynamics::System& system, ConstVectorRef state, ConstVectorRef input,
                      const NullVectors& null);

}  // namespace nullcline::continuation
