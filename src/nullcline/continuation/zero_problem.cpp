// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/zero_problem.hpp"

#include <algorithm>
#include <cmath>

#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::continuation {

namespace {

constexpr int kMaxNewton = 12;
constexpr double kSmallStep = 1e-13;  // ends Newton's method
constexpr double kStagnation = 1e-8;  // steps that no longer shrink below this are rounding errors
constexpr double kNegligible = 1e-16;
constexpr double kMaxTurn = 0.95;    // least cosine between tangents of neighboring points
constexpr double kEasyTurn = 0.995;  // above it steps grow
constexpr int kEasyNewton = 4;
constexpr int kHardNewton = 6;  // beyond it they shrink

// The unit tangent along `row`, with the sign of det [DG; tangent^T].
bool attach_tangent(const ZeroProblem& problem, ConstVectorRef row, CurvePoint& point) {
  Vector t = Vector::Zero(problem.n_unknowns());
  t(t.size() - 1) = 1;
  // det [DG; t^T] and det [DG; row^T] differ by the factor t . row / |t| > 0.
  point.orientation = problem.solve_bordered(point.y, row, t);
  const double norm = t.norm();
  if (point.orientation == 0 || !std::isfinite(norm) || norm == 0) return false;
  point.tangent = t / norm;
  return true;
}

std::optional<CurvePoint> newton(const ZeroProblem& problem, ConstVectorRef guess,
                                 ConstVectorRef row) {
  CurvePoint point;
  point.y = guess;
  const double target = row.dot(guess);
  double last = 0;
  for (point.n_newton = 1; point.n_newton <= kMaxNewton; ++point.n_newton) {
    Vector step(problem.n_unknowns());
    step.head(step.size() - 1) = problem.residual(point.y);
    step(step.size() - 1) = row.dot(point.y) - target;
    if (!step.allFinite()) return std::nullopt;
    if (problem.solve_bordered(point.y, row, step) == 0 || !step.allFinite()) return std::nullopt;
    point.y -= step;
    const double size = step.norm() / (1 + point.y.norm());
    if (size <= kSmallStep) return point;
    if (point.n_newton > 1) {
      if (size <= kStagnation && size > 0.3 * last) return point;
      // Quadratic convergence: the next step would be about size^3 / last^2.
      if (size <= kStagnation && size * size * size <= kNegligible * last * last) return point;
      if (size > 2 * last) return std::nullopt;
    }
    last = size;
  }
  return std::nullopt;
}

}  // namespace

int ZeroProblem::solve_bordered(ConstVectorRef y, ConstVectorRef row, Vector& rhs) const {
  const Index n = n_unknowns();
  Matrix bordered(n, n);
  bordered.topRows(n - 1) = jacobian(y);
  bordered.row(n - 1) = row.transpose();
  if (!bordered.allFinite()) return 0;
  std::vector<int> pivots(static_cast<std::size_t>(n));
  if (!numerics::lu_factor(bordered, pivots)) return 0;
  numerics::lu_solve(bordered, pivots, VectorRef(rhs));
  return numerics::lu_sign(bordered, pivots);
}

std::optional<CurvePoint> correct(const ZeroProblem& problem, ConstVectorRef guess,
                                  ConstVectorRef row) {
  auto point = newton(problem, guess, row);
  if (point && !attach_tangent(problem, row, *point)) return std::nullopt;
  return point;
}

std::optional<CurvePoint> correct_at(const ZeroProblem& problem, Vector guess, Index index,
                                     double value, ConstVectorRef forward) {
  guess(index) = value;
  auto point = newton(problem, guess, Vector::Unit(guess.size(), index));
  if (!point || !attach_tangent(problem, forward, *point)) return std::nullopt;
  point->y(index) = value;
  return point;
}

std::optional<CurvePoint> point_between(const ZeroProblem& problem, const CurvePoint& a,
                                        const CurvePoint& b, double fraction) {
  const Vector chord = b.y - a.y;
  // Hermite interpolation: the chord's own guess is off by the square of its length.
  const double length = chord.norm(), f = fraction;
  const Vector guess =
      a.y + f * chord +
      f * (1 - f) * ((1 - f) * (length * a.tangent - chord) - f * (length * b.tangent - chord));
  return correct(problem, guess, chord / length);
}

std::optional<CurvePoint> locate_zero(const ZeroProblem& problem, const CurvePoint& a,
                                      const CurvePoint& b,
                                      const std::function<double(const CurvePoint&)>& test) {
  double left = 0, right = 1, at_left = test(a), at_right = test(b);
  if (at_left == 0) return a;
  if (at_right == 0) return b;
  std::optional<CurvePoint> best;
  int side = 0;
  for (int i = 0; i < 100 && right - left > 1e-13; ++i) {
    double f = (left * at_right - right * at_left) / (at_right - at_left);
    if (!(f > left && f < right)) f = (left + right) / 2;
    const auto point = point_between(problem, a, b, f);
    if (!point) return std::nullopt;
    const double value = test(*point);
    const bool is_done = best && (point->y - best->y).norm() <= 1e-14 * (1 + point->y.norm());
    best = point;
    if (value == 0 || is_done || !std::isfinite(value)) break;
    if ((value > 0) == (at_left > 0)) {
      left = f;
      at_left = value;
      if (side == -1) at_right /= 2;
      side = -1;
    } else {
      right = f;
      at_right = value;
      if (side == 1) at_left /= 2;
      side = 1;
    }
  }
  return best;
}

Trace trace_curve(ZeroProblem& problem, const CurvePoint& start, const StepOptions& options,
                  const Monitor& monitor) {
  Trace trace;
  trace.points.push_back(start);
  double step = std::min(options.first_step, options.max_step);
  while (trace.end == EndReason::not_run) {
    if (static_cast<int>(trace.points.size()) >= options.max_points) {
      trace.end = EndReason::max_points;
      break;
    }
    const CurvePoint& before = trace.points.back();
    const Vector predicted = before.y + step * before.tangent;
    auto after = correct(problem, predicted, before.tangent);
    StepVerdict verdict{StepVerdict::Action::retry};
    double turn = -1;
    if (after && (after->y - predicted).norm() <= 0.3 * step)
      turn = before.tangent.dot(after->tangent);
    if (turn >= kMaxTurn) verdict = monitor(before, *after, step > 16 * options.min_step);
    if (verdict.action == StepVerdict::Action::retry) {
      step /= 2;
      if (step < options.min_step) trace.end = EndReason::step_too_small;
      continue;
    }
    if (verdict.action == StepVerdict::Action::stop) trace.end = verdict.reason;
    const bool is_easy = after->n_newton <= kEasyNewton && turn >= kEasyTurn;
    const double largest = options.max_step * (1 + after->y.lpNorm<Eigen::Infinity>());
    const double factor = is_easy ? 1.4 : after->n_newton > kHardNewton ? 0.7 : 1.0;
    step = std::min(largest, factor * step);
    problem.accept(after->y);
    trace.points.push_back(std::move(*after));
  }
  return trace;
}

}  // namespace nullcline::continuation
