// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/branch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/continuation/internal/event_finder.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::continuation {

namespace {

using internal::EventFinder;

constexpr double kRounding = 1e-12;  // of eigenvalues, relative to the largest

// Whether the curve passes `start` again, in its direction, between a and b.
bool passes(const EquilibriumProblem& problem, const CurvePoint& a, const CurvePoint& b,
            const CurvePoint& start) {
  const Vector chord = b.y - a.y;
  const double fraction = chord.dot(start.y - a.y) / chord.squaredNorm();
  if (!(fraction >= 0 && fraction <= 1)) return false;
  if ((a.y + fraction * chord - start.y).norm() > 0.3 * chord.norm()) return false;
  const auto point = point_between(problem, a, b, fraction);
  return point && (point->y - start.y).norm() <= kSameState * (1 + start.y.norm()) &&
         point->tangent.dot(start.tangent) > 0.9;
}

class BranchMonitor {
 public:
  BranchMonitor(const EquilibriumProblem& problem, const CurvePoint& start,
                const std::vector<double>& shares, const StepOptions& options,
                const std::function<bool()>& is_stopped, TracedHalf& half)
      : problem_(problem),
        start_(start),
        shares_(shares),
        options_(options),
        is_stopped_(is_stopped),
        half_(half),
        finder_(problem),
        last_(finder_.at(start)) {
    half_.n_unstable.push_back(last_.spectrum.n_unstable);
    half_.crossings.resize(shares.size());
    for (std::size_t k = 0; k < shares.size(); ++k)
      if (share(start) == shares[k]) keep_crossing(k, start);
  }

  StepVerdict operator()(const CurvePoint& before, CurvePoint& after, bool can_retry) {
    if (is_stopped_()) return {StepVerdict::Action::stop, EndReason::interrupted};
    StepVerdict verdict;
    const double s = share(after);
    if (s <= 0 || s >= 1) {
      auto end = correct_at(problem_, after.y, after.y.size() - 1, s <= 0 ? 0 : 1, after.tangent);
      if (!end || (end->y - before.y).norm() > 2 * (after.y - before.y).norm())
        return {StepVerdict::Action::retry};
      after = std::move(*end);
      verdict = {StepVerdict::Action::stop, EndReason::interval_end};
    } else if (problem_.state(after.y).lpNorm<Eigen::Infinity>() > options_.max_state) {
      verdict = {StepVerdict::Action::stop, EndReason::left_box};
    } else if (++n_steps_ > 10 && passes(problem_, before, after, start_)) {
      after = start_;
      verdict = {StepVerdict::Action::stop, EndReason::closed};
    }
    const internal::EventPoint now = finder_.at(after);
    std::vector<TracedEvent> events;
    if (!finder_.between(last_, now, events) && can_retry) return {StepVerdict::Action::retry};
    keep(before, after, now, std::move(events));
    if (half_.events.size() > 0 && half_.events.back().event.note == internal::kMeetsShorterOrbit)
      verdict = {StepVerdict::Action::stop, EndReason::joined};
    return verdict;
  }

  std::vector<std::string> warnings() const { return finder_.warnings(); }

 private:
  double share(const CurvePoint& point) const { return point.y(point.y.size() - 1); }

  void keep(const CurvePoint& before, const CurvePoint& after, const internal::EventPoint& now,
            std::vector<TracedEvent> events) {
    for (TracedEvent& event : events) {
      event.event.point = static_cast<Index>(half_.n_unstable.size()) - 1;
      half_.events.push_back(std::move(event));
    }
    for (std::size_t k = 0; k < shares_.size(); ++k) {
      const double a = share(before) - shares_[k], b = share(after) - shares_[k];
      if (b == 0) {
        keep_crossing(k, after);
      } else if (a * b < 0) {
        const double f = a / (a - b);
        const auto crossing = correct_at(problem_, before.y + f * (after.y - before.y),
                                         after.y.size() - 1, shares_[k], after.tangent);
        if (crossing) keep_crossing(k, *crossing);
      }
    }
    half_.n_unstable.push_back(now.spectrum.n_unstable);
    last_ = now;
  }

  void keep_crossing(std::size_t k, const CurvePoint& point) {
    const Vector state = problem_.state(point.y);
    Matrix& rows = half_.crossings[k];
    rows.conservativeResize(rows.rows() + 1, state.size());
    rows.row(rows.rows() - 1) = state.transpose();
  }

  const EquilibriumProblem& problem_;
  const CurvePoint start_;
  const std::vector<double>& shares_;
  const StepOptions& options_;
  const std::function<bool()>& is_stopped_;
  TracedHalf& half_;
  EventFinder finder_;
  internal::EventPoint last_;
  int n_steps_ = 0;
};

}  // namespace

Spectrum spectrum_of(const EquilibriumProblem& problem, ConstVectorRef y) {
  const Family& family = problem.family();
  const Vector p = problem.chart().p(y);
  Matrix j = family.jacobian(Family::Form::full, problem.state(y), p);
  const bool is_flow = family.time() == dynamics::Time::continuous;
  if (!is_flow) j.diagonal().array() += 1;
  Spectrum spectrum;
  spectrum.values = numerics::eigenvalues(j);
  // Of a center, where rounding would move the eigenvalues from side to side.
  const double rounding =
      kRounding * (spectrum.values.size() > 0 ? spectrum.values.cwiseAbs().maxCoeff() : 0);
  for (const std::complex<double> value : spectrum.values) {
    if ((is_flow ? value.real() : std::abs(value) - 1) > rounding) ++spectrum.n_unstable;
    if (!is_flow && value.imag() == 0 && value.real() < -1 - rounding) ++spectrum.n_flipped;
  }
  return spectrum;
}

bool is_at_interval_end(ConstVectorRef y) {
  const double share = y(y.size() - 1);
  return std::min(std::abs(share), std::abs(1 - share)) <= kAtIntervalEnd;
}

TracedHalf trace_branch(const EquilibriumProblem& problem, const CurvePoint& start,
                        const std::vector<double>& shares, const StepOptions& options,
                        const std::function<bool()>& is_stopped) {
  TracedHalf half;
  BranchMonitor monitor(problem, start, shares, options, is_stopped, half);
  EquilibriumProblem traced = problem;
  Trace trace = trace_curve(traced, start, options,
                            [&monitor](const CurvePoint& before, CurvePoint& after, bool retry) {
                              return monitor(before, after, retry);
                            });
  half.warnings = monitor.warnings();
  half.points = std::move(trace.points);
  half.end = trace.end;
  // No step reaches a singular point on the end, such as a branch point.
  if (half.end == EndReason::step_too_small && is_at_interval_end(half.points.back().y))
    half.end = EndReason::interval_end;
  // A step that was interrupted is kept by nobody but the trace.
  half.points.resize(half.n_unstable.size());
  return half;
}

double state_distance(const Family& family, ConstVectorRef a, ConstVectorRef b, ConstVectorRef p) {
  const double scale = 1 + a.lpNorm<Eigen::Infinity>();
  Vector rotated = b;
  double least = std::numeric_limits<double>::infinity();
  for (int k = 0; k < family.period(); ++k) {
    if (k > 0) rotated = evaluate_at(family.base_system(p), rotated, family.input_at(p));
    least = std::min(least, (a - rotated).lpNorm<Eigen::Infinity>() / scale);
  }
  return least;
}

}  // namespace nullcline::continuation
