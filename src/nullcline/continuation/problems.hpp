// SPDX-License-Identifier: BSD-3-Clause
// The equations of branches, and of the points where a branch is singular.
#pragma once

#include <optional>

#include "nullcline/continuation/bordered.hpp"
#include "nullcline/continuation/family.hpp"
#include "nullcline/continuation/zero_problem.hpp"

namespace nullcline::continuation {

/// Unknowns y = (x / s, kappa, (p - from) / (to - from)): parameters in shares of their intervals,
/// states scaled by s = n^(1/4), so that neither many units nor one alone rule the arclength.
class Chart {
 public:
  Chart(Index n, Index n_extra, Matrix intervals);
  Index n() const { return n_; }
  Index n_unknowns() const { return n_ + n_extra_ + intervals_.rows(); }
  Vector x(ConstVectorRef y) const { return scale_ * y.head(n_); }
  Vector p(ConstVectorRef y) const;
  Vector unknowns(ConstVectorRef x, ConstVectorRef extra, ConstVectorRef p) const;
  double scale() const { return scale_; }                                      ///< dx / dy
  double width(Index k) const { return intervals_(k, 1) - intervals_(k, 0); }  ///< dp_k / dy
  const Matrix& intervals() const { return intervals_; }

 private:
  Index n_, n_extra_;
  Matrix intervals_;
  double scale_;
};

/// R(x; p) = 0 of a family of one parameter: its branches.
class EquilibriumProblem : public ZeroProblem {
 public:
  EquilibriumProblem(Family family, Matrix interval, Family::Form form = Family::Form::solved);
  Index n_unknowns() const override { return chart_.n_unknowns(); }
  Vector residual(ConstVectorRef y) const override;
  Matrix jacobian(ConstVectorRef y) const override;

  const Family& family() const { return family_; }
  const Chart& chart() const { return chart_; }
  Vector state(ConstVectorRef y) const { return family_.lift(chart_.x(y), chart_.p(y)); }
  /// Along dy, of DG, by differences.
  Matrix jacobian_derivative(ConstVectorRef y, ConstVectorRef dy) const;

 private:
  Family family_;
  Family::Form form_;
  Chart chart_;
};

/// What is singular: fold: J (map: J - I); flip: J + I; rotation: J^2 + kappa I of a flow, with
/// kappa = omega^2 at a Hopf point, or J^2 - 2 kappa J + I of a map, with kappa = cos theta at a
/// Neimark-Sacker point. J is that of the full form; a fold is solved in the solved form.
enum class Singularity { fold, flip, rotation };

/// R(x; p) = 0 and the vanishing of the bordered matrix's g (see BorderedSolution): with two
/// parameters a curve; with one a point. Rotations have kappa as an additional unknown, and two
/// conditions: g (2 x 2) behaves as (kappa - det) I + trace J2, J2 being J on its null space.
class SingularityProblem : public ZeroProblem {
 public:
  /// Borders are taken from the given point. @throws InvalidInput if J is not finite there.
  SingularityProblem(Family family, Matrix intervals, Singularity kind, ConstVectorRef x,
                     ConstVectorRef p, double kappa);
  Index n_unknowns() const override { return chart_.n_unknowns(); }
  Vector residual(ConstVectorRef y) const override;
  Matrix jacobian(ConstVectorRef y) const override;
  void accept(ConstVectorRef y) override;

  const Family& family() const { return family_; }
  const Chart& chart() const { return chart_; }
  Singularity kind() const { return kind_; }
  Family::Form form() const { return form_; }
  double kappa(ConstVectorRef y) const;
  Vector state(ConstVectorRef y) const;
  /// The start as unknowns.
  const Vector& start() const { return start_; }

 private:
  bool has_kappa() const { return kind_ == Singularity::rotation; }
  Matrix jacobian_of_map(ConstVectorRef x, ConstVectorRef p) const;  // J itself
  Matrix singular_matrix(const Matrix& j, double kappa) const;
  Vector conditions(const Matrix& g) const;
  void set_weights(const Matrix& j);

  Family family_;
  Singularity kind_;
  Family::Form form_;
  Chart chart_;
  Borders borders_;
  Matrix weights_[2];  // condition i is the sum of weights_[i] * g, entry by entry
  Vector start_;
};

struct Located {
  Vector y;
  double error = 0;  ///< the last step, relative to 1 + |y|
};
/// Newton's method on a problem with as many equations as unknowns; empty unless it converges
/// within `radius` of the start.
std::optional<Located> solve_square(const SingularityProblem& problem, double radius);

/// A branch point near y: R(x; p) + e w = 0 and g(y) = 0, where g (1 x 2) is that of the whole
/// DG = [dR/dx dR/dp]; regular at simple branch points. Empty unless it converges with e = 0.
struct LocatedBranchPoint {
  Vector y;
  double error = 0;
  Matrix tangents;  ///< (n_unknowns, 2): of the two branches, unit 2-norm; zero size if not real
};
std::optional<LocatedBranchPoint> locate_branch_point(const EquilibriumProblem& problem,
                                                      ConstVectorRef y, double radius);

}  // namespace nullcline::continuation
