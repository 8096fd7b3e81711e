// SPDX-License-Identifier: BSD-3-Clause
// Limit cycles by collocation at Gauss points.
#pragma once

#include <functional>
#include <optional>

#include "nullcline/cycles/types.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::cycles {

/// u'(s) = T f(u(s)), u(0) = u(1): a mesh, the states at its base points, and the period.
struct Profile {
  double period = 0;
  Vector mesh;
  Matrix states;

  Index n_intervals() const { return mesh.size() - 1; }
  Index n_points() const { return states.rows(); }
  double width(Index interval) const { return mesh(interval + 1) - mesh(interval); }
  /// State at s in [0, 1], and du/ds.
  Vector at(double s) const;
  Vector slope_at(double s) const;
  /// Largest distance of a coordinate's values: 0 for an equilibrium.
  double amplitude() const;
};

/// The profile on another mesh.
Profile on_mesh(const Profile& profile, const Vector& mesh);
/// The profile on a mesh of n intervals that share its curvature evenly.
Profile remeshed(const Profile& profile, Index n_intervals);
/// From states at rising times within one period, the first of which is repeated after it.
Profile profile_of(ConstVectorRef times, ConstMatrixRef states, double period, Index n_intervals);

/// A change of profile, period and (in a family) the parameter; also a linear form on them.
struct Direction {
  Matrix states;
  double period = 0, parameter = 0;
};
/// Mean over the cycle of <a.states, b.states>, plus the rest.
double inner(const Profile& profile, const Direction& a, const Direction& b);

/// The product of the transfers over the intervals, and its determinant, which is the product of
/// theirs: in the plane it is the one multiplier that is not trivial, and known where rounding
/// hides it in the matrix.
struct Monodromy {
  Matrix matrix;  ///< empty where it is not known
  double determinant = 0;
};

/// The equations of collocation linearized at a profile, condensed to the ends of its intervals
/// (de Boor & Swartz 1973; Doedel, Keller & Kernevez 1991), and solved with two more conditions.
class Linearization {
 public:
  /// `parameter_slopes`: df/dp at given states (one row each), of a family; empty without one.
  using ParameterSlopes = std::function<Matrix(ConstMatrixRef)>;
  Linearization(const dynamics::System& flow, ConstVectorRef input, const Profile& profile,
                const ParameterSlopes& parameter_slopes);

  /// The direction d with  L d = -residual * `residual_share`,  phase(d) = `phase` relative to the
  /// profile's own slope, and  condition(d) = `value`. False where that is singular.
  bool solve(double residual_share, double phase, const Direction& condition, double value,
             Direction& out) const;
  /// Infinity norm of u' / T - f at the Gauss points.
  double residual() const { return residual_; }
  Monodromy monodromy() const;

 private:
  const Profile& profile_;
  const Index n_, n_intervals_;
  /// Per interval: u_1 ... u_m of its base points as affine functions of u_0: kDegree n rows of
  /// [u_0 | period | parameter | residual].
  Matrix transfers_;
  Direction phase_;
  double residual_ = 0;
};

/// Newton's method from a guess, with remeshing until the period does not change by more than
/// `tolerance`. Nothing if it fails, or falls onto an equilibrium.
std::optional<Cycle> solve_cycle(const dynamics::System& flow, ConstVectorRef input, Profile guess,
                                 double tolerance = 1e-11);

/// How exactly minima and maxima are computed: from the polynomials, to order 5 of the mesh's
/// width, or by the flow from the points of the mesh, to rounding.
enum class Extrema { of_polynomials, of_flow };
/// Multipliers, extrema and residual of a converged profile. An empty `monodromy` is computed.
Cycle describe(const dynamics::System& flow, ConstVectorRef input, const Profile& profile,
               Extrema extrema = Extrema::of_flow, Monodromy monodromy = {});
Profile profile_of(const Cycle& cycle);

}  // namespace nullcline::cycles
