// SPDX-License-Identifier: BSD-3-Clause
// Curves that are the zeros of n equations in n + 1 unknowns, followed by pseudo-arclength. Knows
// nothing of what the equations mean: equilibria, fold curves and cycles are all traced by it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nullcline/continuation/types.hpp"
#include "nullcline/core/matrix.hpp"

namespace nullcline::continuation {

/// G(y) = 0: n equations in n + 1 unknowns, in units in which a step of 1 is long.
class ZeroProblem {
 public:
  virtual ~ZeroProblem() = default;
  virtual Index n_unknowns() const = 0;  ///< n + 1
  virtual Vector residual(ConstVectorRef y) const = 0;
  virtual Matrix jacobian(ConstVectorRef y) const = 0;  ///< DG: (n, n + 1)

  /// Solves the bordered system
  ///
  ///     | DG(y)  | s = rhs
  ///     | row^T  |
  ///
  /// in place; returns the sign of its determinant, 0 if it is singular. Dense LU; override it
  /// where DG has structure.
  virtual int solve_bordered(ConstVectorRef y, ConstVectorRef row, Vector& rhs) const;
  /// Told of each point of the curve that is kept, in order.
  virtual void accept(ConstVectorRef /*y*/) {}
};

struct CurvePoint {
  Vector y;
  Vector tangent;       ///< unit 2-norm, DG tangent = 0
  int orientation = 0;  ///< sign det [DG; tangent^T]: changes at branch points alone
  int n_newton = 0;     ///< steps of the corrector
};

/// Newton's method for G(y) = 0, row . y = row . guess from `guess`; empty unless it converges.
/// The new tangent has a positive product with `row`.
std::optional<CurvePoint> correct(const ZeroProblem& problem, ConstVectorRef guess,
                                  ConstVectorRef row);
/// The same with one unknown held: y(index) = value. The tangent points along `forward`.
std::optional<CurvePoint> correct_at(const ZeroProblem& problem, Vector guess, Index index,
                                     double value, ConstVectorRef forward);
/// The point of the curve between a and b at this fraction of their chord.
std::optional<CurvePoint> point_between(const ZeroProblem& problem, const CurvePoint& a,
                                        const CurvePoint& b, double fraction);

/// A zero of `test` between a and b, where it has different signs, to about 1e-13 of their
/// distance; empty if the corrector fails. Illinois variant of the false position.
std::optional<CurvePoint> locate_zero(const ZeroProblem& problem, const CurvePoint& a,
                                      const CurvePoint& b,
                                      const std::function<double(const CurvePoint&)>& test);

/// What is to be done after a step: keep the point and go on, try a smaller step, or keep the point
/// (which may have been replaced) and stop.
struct StepVerdict {
  enum class Action { keep, retry, stop } action = Action::keep;
  EndReason reason = EndReason::not_run;
};
/// Looks at a step from `before` to `after`; `can_retry` is false where the step is as small as it
/// may get.
using Monitor =
    std::function<StepVerdict(const CurvePoint& before, CurvePoint& after, bool can_retry)>;

struct Trace {
  std::vector<CurvePoint> points;
  EndReason end = EndReason::not_run;
};

/// Follows the curve from `start` along its tangent. Steps grow and shrink with the effort of
/// Newton's method and the turn of the tangent. Reference: Keller (1977); Allgower and Georg
/// (2003).
Trace trace_curve(ZeroProblem& problem, const CurvePoint& start, const StepOptions& options,
                  const Monitor& monitor);

}  // namespace nullcline::continuation
