// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/internal/curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <optional>

#include "nullcline/continuation/normal_form.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::continuation::internal {

namespace {

using dynamics::Time;

constexpr double kNoise = 1e-11;  // of a coefficient: what differences leave of zero

constexpr double kDefective = 1e-9;  // product of unit null vectors: what rounding leaves of zero

// Test functions of the points of codimension two on a curve; each is smooth along it.
struct Tests {
  std::vector<double> values;
  NullVectors null;  // at folds and flips, for the signs at the neighbor
};

struct Kind {
  Singularity singularity;
  BranchKind curve;
};

std::optional<Kind> kind_of(EventType type) {
  switch (type) {
    case EventType::fold:
      return Kind{Singularity::fold, BranchKind::fold_curve};
    case EventType::flip:
      return Kind{Singularity::flip, BranchKind::flip_curve};
    case EventType::hopf:
      return Kind{Singularity::rotation, BranchKind::hopf_curve};
    case EventType::neimark_sacker:
      return Kind{Singularity::rotation, BranchKind::neimark_sacker_curve};
    default:
      return std::nullopt;
  }
}

// Its sign changes where a real eigenvalue passes `value`: the product of lambda - value, each
// factor between -1 and 1. NaN where one stays there, as rounding then decides.
double real_distance(const dynamics::System& system, ConstVectorRef state, ConstVectorRef input,
                     double value) {
  constexpr double kStays = 1e-12;
  std::complex<double> product = 1;
  for (const std::complex<double> each : numerics::eigenvalues(jacobian_at(system, state, input))) {
    const std::complex<double> distance = each - value;
    if (std::abs(distance) <= kStays) return std::numeric_limits<double>::quiet_NaN();
    product *= distance / (1 + std::abs(distance));
  }
  return product.real();
}

// Normal form coefficients, which change their sign at poles too.
bool is_coefficient(EventType type) {
  return type == EventType::generalized_hopf || type == EventType::generalized_flip ||
         type == EventType::chenciner;
}
bool is_of_another_eigenvalue(EventType type) {
  return type == EventType::zero_hopf || type == EventType::fold_flip ||
         type == EventType::fold_neimark_sacker || type == EventType::flip_neimark_sacker;
}

class CurveTracer {
 public:
  CurveTracer(const Family& family, Matrix intervals, BranchKind kind, std::string place,
              const StepOptions& options, Watch& watch)
      : family_(family),
        intervals_(std::move(intervals)),
        kind_(kind),
        place_(std::move(place)),
        options_(options),
        watch_(watch) {}

  /// Both directions from the event, the backward one reversed; empty if it cannot be started.
  std::optional<Branch> trace(const Event& event, double present) const;

 private:
  struct Half {
    std::vector<CurvePoint> points;
    std::vector<Event> events;
    EndReason end = EndReason::not_run;
  };

  bool is_flow() const { return family_.time() == Time::continuous; }
  Singularity singularity() const {
    return kind_ == BranchKind::fold_curve   ? Singularity::fold
           : kind_ == BranchKind::flip_curve ? Singularity::flip
                                             : Singularity::rotation;
  }
  std::vector<EventType> test_types() const;
  Tests tests(const SingularityProblem& problem, ConstVectorRef y, const NullVectors& near) const;
  Half trace_half(SingularityProblem problem, const CurvePoint& start) const;
  StepVerdict step(const SingularityProblem& problem, const CurvePoint& start,
                   const CurvePoint& before, CurvePoint& after, Tests& last, Half& half) const;
  std::optional<CurvePoint> to_interval_end(const SingularityProblem& problem,
                                            const CurvePoint& before,
                                            const CurvePoint& after) const;
  bool find_events(const SingularityProblem& problem, const CurvePoint& before, CurvePoint& after,
                   const Tests& last, const Tests& now, Half& half) const;
  Event event_at(const SingularityProblem& problem, EventType type, const CurvePoint& point,
                 std::size_t index) const;
  int n_unstable(const SingularityProblem& problem, ConstVectorRef y) const;

  Family family_;
  Matrix intervals_;
  BranchKind kind_;
  std::string place_;  // of the event that it starts from
  const StepOptions& options_;
  Watch& watch_;
};

std::vector<EventType> CurveTracer::test_types() const {
  switch (kind_) {
    case BranchKind::fold_curve:
      return {is_flow() ? EventType::bogdanov_takens : EventType::resonance_1_1, EventType::cusp};
    case BranchKind::flip_curve:
      return {EventType::resonance_1_2, EventType::fold_flip, EventType::generalized_flip};
    case BranchKind::hopf_curve:
      return {EventType::bogdanov_takens, EventType::zero_hopf, EventType::generalized_hopf};
    default:
      return {EventType::resonance_1_1, EventType::resonance_1_2, EventType::fold_neimark_sacker,
              EventType::flip_neimark_sacker, EventType::chenciner};
  }
}

Tests CurveTracer::tests(const SingularityProblem& problem, ConstVectorRef y,
                         const NullVectors& near) const {
  const Vector p = problem.chart().p(y), state = problem.state(y);
  const dynamics::System& system = family_.full_system(p);
  const Vector input = family_.input_at(p);
  const double kappa = problem.kappa(y);
  Tests t;
  if (kind_ == BranchKind::hopf_curve) {
    const double omega = std::sqrt(std::max(kappa, 0.0));
    // Times omega^2, so that it stays finite at a Bogdanov-Takens point.
    const double l1 = kappa > 0 ? hopf_form(system, state, input, omega).coefficient * kappa
                                : std::numeric_limits<double>::quiet_NaN();
    t.values = {kappa, real_distance(system, state, input, 0), l1};
  } else if (kind_ == BranchKind::neimark_sacker_curve) {
    const double d = std::abs(kappa) < 1
                         ? neimark_sacker_form(system, state, input, std::acos(kappa)).coefficient
                         : std::numeric_limits<double>::quiet_NaN();
    t.values = {1 - kappa, 1 + kappa, real_distance(system, state, input, 1),
                real_distance(system, state, input, -1), d};
  } else {
    Matrix a = jacobian_at(system, state, input);
    const bool is_flip = kind_ == BranchKind::flip_curve;
    if (!is_flow()) a.diagonal().array() += is_flip ? 1 : -1;
    t.null = null_vectors(a, near);
    const double product = t.null.left.dot(t.null.right);
    t.values = {product};
    if (is_flip) t.values.push_back(real_distance(system, state, input, 1));
    t.values.push_back(is_flip ? flip_form(system, state, input).coefficient
                               : quadratic_form(system, state, input, t.null));
  }
  return t;
}

std::optional<CurvePoint> CurveTracer::to_interval_end(const SingularityProblem& problem,
                                                       const CurvePoint& before,
                                                       const CurvePoint& after) const {
  // The end that is reached first.
  Index index = -1;
  double least = 2, value = 0;
  for (Index i = after.y.size() - 2; i < after.y.size(); ++i)
    for (const double end : {0.0, 1.0}) {
      const double a = before.y(i) - end, b = after.y(i) - end;
      const bool is_beyond = end == 0 ? b < 0 : b > 0;
      if (!is_beyond) continue;
      const double fraction = a / (a - b);
      if (fraction < least) {
        least = fraction;
        index = i;
        value = end;
      }
    }
  if (index < 0) return std::nullopt;
  return correct_at(problem, before.y + least * (after.y - before.y), index, value, after.tangent);
}

int CurveTracer::n_unstable(const SingularityProblem& problem, ConstVectorRef y) const {
  const Vector p = problem.chart().p(y);
  const ComplexVector values = numerics::eigenvalues(
      jacobian_at(family_.full_system(p), problem.state(y), family_.input_at(p)));
  int n = 0;
  for (const std::complex<double> value : values)
    if ((is_flow() ? value.real() : std::abs(value) - 1) > 1e-6) ++n;
  return n;
}

Event CurveTracer::event_at(const SingularityProblem& problem, EventType type,
                            const CurvePoint& point, std::size_t index) const {
  Event event;
  event.type = type;
  event.parameters = problem.chart().p(point.y);
  event.state = problem.state(point.y);
  event.point = static_cast<Index>(index);
  const Vector step = problem.residual(point.y);
  event.error = step.lpNorm<Eigen::Infinity>();
  const double kappa = problem.kappa(point.y);
  if (type == EventType::generalized_hopf || type == EventType::zero_hopf)
    event.period = 2 * std::numbers::pi / std::sqrt(kappa);
  if (type == EventType::chenciner || type == EventType::fold_neimark_sacker ||
      type == EventType::flip_neimark_sacker)
    event.period = 2 * std::numbers::pi / std::acos(kappa);
  return event;
}

// The points of codimension two between two points of the curve. True if it ends at one of them,
// which is then `after`: beyond it the eigenvalues are real, a neutral saddle.
bool CurveTracer::find_events(const SingularityProblem& problem, const CurvePoint& before,
                              CurvePoint& after, const Tests& last, const Tests& now,
                              Half& half) const {
  const std::vector<EventType> types = test_types();
  bool has_pole = false;
  for (std::size_t k = 0; k < types.size(); ++k) {
    const double a = last.values[k], b = now.values[k];
    if (!(a * b < 0)) continue;
    // Two zero eigenvalues all along, as of a plane in which a quantity is conserved: the same.
    if (k == 0 && last.null.left.size() > 0 && std::max(std::abs(a), std::abs(b)) <= kDefective)
      continue;
    // A coefficient that vanishes all along, as where a quantity is conserved: its sign is noise.
    if (is_coefficient(types[k]) && std::max(std::abs(a), std::abs(b)) <= kNoise) continue;
    // Where another eigenvalue becomes critical the coefficient passes through infinity.
    if (is_coefficient(types[k]) && has_pole) continue;
    const NullVectors near = last.null;
    const auto value = [&](const CurvePoint& point) {
      return tests(problem, point.y, near).values[k];
    };
    const auto found = locate_zero(problem, before, after, value);
    if (!found) continue;
    if (is_coefficient(types[k]) &&
        !(std::abs(value(*found)) <= std::max(std::abs(a), std::abs(b))))
      continue;
    half.events.push_back(event_at(problem, types[k], *found, half.points.size() - 1));
    if (is_of_another_eigenvalue(types[k])) {
      has_pole = true;
      continue;
    }
    const bool is_rotation =
        kind_ == BranchKind::hopf_curve || kind_ == BranchKind::neimark_sacker_curve;
    if (is_rotation && !is_coefficient(types[k])) {
      after = *found;
      return true;
    }
  }
  return false;
}

StepVerdict CurveTracer::step(const SingularityProblem& problem, const CurvePoint& start,
                              const CurvePoint& before, CurvePoint& after, Tests& last,
                              Half& half) const {
  using Action = StepVerdict::Action;
  if (watch_.step(fmt::format("{}: point {}", place_, half.points.size())))
    return {Action::stop, EndReason::interrupted};
  StepVerdict verdict;
  const auto beyond = after.y.tail(2);
  if (beyond.minCoeff() < 0 || beyond.maxCoeff() > 1) {
    auto end = to_interval_end(problem, before, after);
    if (!end) return {Action::retry};
    after = std::move(*end);
    verdict = {Action::stop, EndReason::interval_end};
  } else if (problem.state(after.y).lpNorm<Eigen::Infinity>() > options_.max_state) {
    verdict = {Action::stop, EndReason::left_box};
  } else if (half.points.size() > 10 && (after.y - start.y).norm() < (after.y - before.y).norm() &&
             after.tangent.dot(start.tangent) > 0.5 &&
             (start.y - before.y).dot(before.tangent) > 0 &&
             (start.y - after.y).dot(after.tangent) <= 0) {
    after = start;
    verdict = {Action::stop, EndReason::closed};
  }
  Tests now = tests(problem, after.y, last.null);
  if (find_events(problem, before, after, last, now, half))
    verdict = {Action::stop, EndReason::codimension_two};
  last = std::move(now);
  half.points.push_back(after);
  return verdict;
}

CurveTracer::Half CurveTracer::trace_half(SingularityProblem problem,
                                          const CurvePoint& start) const {
  Half half;
  half.points.push_back(start);
  Tests last = tests(problem, start.y, {});
  const Trace trace =
      trace_curve(problem, start, options_, [&](const CurvePoint& before, CurvePoint& after, bool) {
        return step(problem, start, before, after, last, half);
      });
  half.end = trace.end;
  return half;
}

std::optional<Branch> CurveTracer::trace(const Event& event, double present) const {
  Vector p(2);
  p << event.parameters(0), present;
  const double kappa = kind_ == BranchKind::hopf_curve
                           ? std::pow(2 * std::numbers::pi / event.period, 2)
                           : std::cos(2 * std::numbers::pi / event.period);
  const Vector x =
      kind_ == BranchKind::fold_curve ? family_.restrict_state(event.state, p) : event.state;
  const SingularityProblem problem(family_, intervals_, singularity(), x, p, kappa);
  if (!problem.jacobian(problem.start()).allFinite()) return std::nullopt;
  // The first tangent is the null vector of all equations.
  const Borders borders = singular_borders(problem.jacobian(problem.start()), 0, 1);
  auto start = correct(problem, problem.start(), borders.right.col(0));
  if (!start) return std::nullopt;
  CurvePoint back = *start;
  back.tangent = -back.tangent;
  const Half backward = trace_half(problem, back);
  Half forward;
  if (backward.end == EndReason::closed) {
    forward.points = {*start};
    forward.end = EndReason::closed;
  } else {
    forward = trace_half(problem, *start);
  }

  Branch branch;
  branch.kind = kind_;
  branch.period = family_.period();
  branch.begin = backward.end;
  branch.end = forward.end;
  const auto n_back = static_cast<Index>(backward.points.size()) - 1;
  const Index n = n_back + static_cast<Index>(forward.points.size());
  branch.states.resize(n, family_.n_states());
  branch.parameters.resize(n, 2);
  for (Index i = 0; i < n; ++i) {
    const Vector& y = i < n_back ? backward.points[static_cast<std::size_t>(n_back - i)].y
                                 : forward.points[static_cast<std::size_t>(i - n_back)].y;
    branch.states.row(i) = problem.state(y).transpose();
    branch.parameters.row(i) = problem.chart().p(y).transpose();
    branch.n_unstable.push_back(n_unstable(problem, y));
  }
  for (auto each = backward.events.rbegin(); each != backward.events.rend(); ++each) {
    branch.events.push_back(*each);
    branch.events.back().point = n_back - 1 - each->point;
  }
  for (const Event& each : forward.events) {
    branch.events.push_back(each);
    branch.events.back().point += n_back;
  }
  return branch;
}

// Whether the curve passes the event: its points nearest to it are as near as they are to each
// other, and the parameters agree on the line between them.
bool holds(const Branch& curve, const Event& event, double present) {
  for (Index i = 0; i + 1 < curve.parameters.rows(); ++i) {
    const double a = curve.parameters(i, 1) - present, b = curve.parameters(i + 1, 1) - present;
    if (a * b > 0 || a == b) continue;
    const double f = a / (a - b);
    const double length = (curve.states.row(i + 1) - curve.states.row(i)).norm() +
                          (curve.parameters.row(i + 1) - curve.parameters.row(i)).norm();
    const Vector state = ((1 - f) * curve.states.row(i) + f * curve.states.row(i + 1)).transpose();
    const double p = (1 - f) * curve.parameters(i, 0) + f * curve.parameters(i + 1, 0);
    if ((state - event.state).norm() + std::abs(p - event.parameters(0)) <= 0.3 * length)
      return true;
  }
  return false;
}

}  // namespace

void trace_curves(const Family& family, double present, const StepOptions& options, Watch& watch,
                  Continuation& result) {
  for (std::size_t b = 0; b < result.branches.size(); ++b)
    for (const Event& event : result.branches[b].events) {
      const auto kind = kind_of(event.type);
      if (!kind || watch.is_stopped() || !std::isfinite(event.error) || event.error > 1e-6)
        continue;
      // A degenerate one has no frequency to start from.
      if (kind->singularity == Singularity::rotation && !std::isfinite(event.period)) continue;
      const bool is_known =
          std::any_of(result.curves.begin(), result.curves.end(), [&](const Branch& curve) {
            return curve.kind == kind->curve && holds(curve, event, present);
          });
      if (is_known) continue;
      const std::string name = fmt::format("{} at {} = {:.10g}", name_of(event.type),
                                           result.parameters[0], event.parameters(0));
      const CurveTracer tracer(family, result.intervals, kind->curve,
                               "following the curve of the " + name, options, watch);
      auto curve = tracer.trace(event, present);
      if (!curve) {
        result.warnings.push_back("the curve of the " + name + " could not be followed");
        continue;
      }
      curve->origin = name;
      result.curves.push_back(std::move(*curve));
    }
}

}  // namespace nullcline::continuation::internal
