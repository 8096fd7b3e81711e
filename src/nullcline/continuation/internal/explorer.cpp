// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/internal/explorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/continuation/internal/event_finder.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/orbits/periodic.hpp"

namespace nullcline::continuation::internal {

namespace {

constexpr std::size_t kMaxBranches = 2000;
constexpr double kFlipRadius = 1e-3;  // of a flip to the branch point of the doubled orbits

Matrix interval_of(const ParameterRange& range) {
  Matrix interval(1, 2);
  interval << range.from, range.to;
  return interval;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const std::string& text : from)
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
}

}  // namespace

bool Watch::step(const std::string& message, double done, double total) {
  const std::lock_guard lock(mutex_);
  if (!is_stopped_ && !report_progress(progress_, {done, total, message})) is_stopped_ = true;
  return is_stopped_;
}

Explorer::Explorer(const Family& family, const ParameterRange& range,
                   const ContinuationOptions& options, Watch& watch)
    : family_(family),
      range_(range),
      options_(options),
      watch_(watch),
      problem_(family, interval_of(range)) {
  for (int k = 0; k < options.n_searches; ++k)
    shares_.push_back(k == 0 ? 0.0 : static_cast<double>(k) / (options.n_searches - 1));
}

void Explorer::run(Continuation& result) {
  // Both ends before the interior: most of what is found there lies on their branches.
  std::vector<double> order = shares_;
  std::stable_partition(order.begin(), order.end(), [](double s) { return s == 0 || s == 1; });
  for (const double share : order) {
    const std::vector<Vector> starts = search(share, result);
    if (watch_.is_stopped()) break;
    trace_starts(share, starts);
    if (watch_.is_stopped()) break;
  }
  note_branch_points(0);
  follow_branch_points();
  finish(result);
}

void Explorer::run_from_flips(const std::vector<Event>& flips, Continuation& result) {
  for (const Event& flip : flips) {
    if (watch_.is_stopped() || branches_.size() >= kMaxBranches) break;
    if (!is_doubled(flip)) trace_flip(flip);
  }
  note_branch_points(0);
  follow_branch_points();
  finish(result);
}

void Explorer::finish(Continuation& result) {
  for (WorkBranch& work : branches_) {
    for (TracedEvent& event : work.events) work.branch.events.push_back(std::move(event.event));
    result.branches.push_back(std::move(work.branch));
  }
  append(result.warnings, warnings_);
  result.interrupted = watch_.is_stopped();
}

std::vector<Vector> Explorer::search(double share, Continuation& result) {
  const Vector p = Vector::Constant(1, value(share));
  const dynamics::System& system = family_.base_system(p);
  const Vector input = family_.input_at(p);
  const Progress progress = [&](const ProgressUpdate& update) {
    return !watch_.step(fmt::format("searching at {:.6g}", p(0)), update.done, update.total);
  };
  const Matrix visited(0, system.n_states());
  std::vector<Vector> starts;
  fixed_points::Completeness completeness{};
  std::int64_t n_undecided = 0;
  if (family_.period() > 1) {
    const auto found = orbits::find_periodic_orbits(system, input, visited, family_.period(),
                                                    options_.search, progress);
    for (const orbits::Orbit& orbit : found.orbits)
      if (orbit.period == family_.period()) starts.push_back(orbit.points.row(0).transpose());
    completeness = found.audit.completeness;
  } else {
    fixed_points::SearchOptions options = options_.search;
    options.proof_suffices = true;
    const auto found = fixed_points::find_fixed_points(system, input, visited, options, progress);
    for (const fixed_points::FixedPoint& point : found.points)
      if (point.kind == fixed_points::Kind::fixed)
        starts.push_back(point.state);
      else if (point.kind == fixed_points::Kind::undecided)
        ++n_undecided;
    completeness = found.audit.completeness;
  }
  result.search_values.push_back(p(0));
  result.n_found.push_back(static_cast<std::int64_t>(starts.size()));
  result.n_undecided.push_back(n_undecided);
  result.completeness.emplace_back(name_of(completeness));
  return starts;
}

bool Explorer::is_known(std::size_t share_index, ConstVectorRef state) const {
  const Vector p = Vector::Constant(1, value(shares_[share_index]));
  for (const WorkBranch& work : branches_) {
    const Matrix& crossings = work.crossings[share_index];
    for (Index i = 0; i < crossings.rows(); ++i)
      if (state_distance(family_, state, crossings.row(i).transpose(), p) < kSameState) return true;
  }
  return false;
}

void Explorer::trace_starts(double share, const std::vector<Vector>& starts) {
  const auto share_index =
      static_cast<std::size_t>(std::find(shares_.begin(), shares_.end(), share) - shares_.begin());
  const Vector p = Vector::Constant(1, value(share));
  const Index last = problem_.n_unknowns() - 1;
  std::vector<CurvePoint> points;
  for (const Vector& state : starts) {
    if (is_known(share_index, state)) continue;
    const Vector y = problem_.chart().unknowns(family_.restrict_state(state, p), Vector(0), p);
    auto point = correct_at(problem_, y, last, share, Vector::Unit(last + 1, last));
    if (point)
      points.push_back(std::move(*point));
    else
      warnings_.push_back(
          fmt::format("a point at {} = {:.10g} is singular: no branch was followed from it",
                      range_.name, p(0)));
  }
  std::vector<WorkBranch> traced(points.size());
  parallel_for(points.size(), [&](std::size_t i) { traced[i] = trace_start(points[i], share); });
  for (std::size_t i = 0; i < traced.size(); ++i) {
    if (i > 0 && is_known(share_index, problem_.state(points[i].y))) continue;
    accept(std::move(traced[i]), fmt::format("{} = {:.10g}", range_.name, p(0)));
  }
}

CurvePoint Explorer::reversed(CurvePoint point) const {
  point.tangent = -point.tangent;
  point.orientation = -point.orientation;
  return point;
}

WorkBranch Explorer::trace_start(const CurvePoint& start, double share) const {
  const EquilibriumProblem problem = problem_;  // its cache belongs to this thread
  const auto is_stopped = [this] { return watch_.step("tracing"); };
  TracedHalf forward, backward;
  if (share < 1) {
    forward = trace_branch(problem, start, shares_, options_.steps, is_stopped);
  } else {
    forward.points = {start};
    forward.n_unstable = {spectrum_of(problem, start.y).n_unstable};
    forward.crossings.resize(shares_.size());
    forward.end = EndReason::interval_end;
  }
  if (share > 0 && forward.end != EndReason::closed)
    backward = trace_branch(problem, reversed(start), shares_, options_.steps, is_stopped);
  else
    backward.end = share > 0 ? EndReason::closed : EndReason::interval_end;
  return join(problem, std::move(backward), std::move(forward));
}

// Both halves hold the start, the backward one may be empty.
WorkBranch Explorer::join(const EquilibriumProblem& problem, TracedHalf backward,
                          TracedHalf forward) const {
  WorkBranch work;
  Branch& branch = work.branch;
  branch.kind = family_.period() > 1                           ? BranchKind::period_k
                : family_.time() == dynamics::Time::continuous ? BranchKind::equilibrium
                                                               : BranchKind::fixed_point;
  branch.period = family_.period();
  branch.begin = backward.end;
  branch.end = forward.end;
  const Index n_back = std::max<Index>(0, static_cast<Index>(backward.points.size()) - 1);
  const Index n = n_back + static_cast<Index>(forward.points.size());
  branch.states.resize(n, family_.n_states());
  branch.parameters.resize(n, 1);
  for (Index i = 0; i < n; ++i) {
    const bool is_back = i < n_back;
    const auto k = static_cast<std::size_t>(is_back ? n_back - i : i - n_back);
    const Vector& y = (is_back ? backward : forward).points[k].y;
    branch.states.row(i) = problem.state(y).transpose();
    branch.parameters(i, 0) = problem.chart().p(y)(0);
    branch.n_unstable.push_back((is_back ? backward : forward).n_unstable[k]);
  }
  std::reverse(backward.events.begin(), backward.events.end());
  for (TracedEvent& event : backward.events) {
    event.event.point = n_back - 1 - event.event.point;
    work.events.push_back(std::move(event));
  }
  for (TracedEvent& event : forward.events) {
    event.event.point += n_back;
    work.events.push_back(std::move(event));
  }
  work.warnings = std::move(backward.warnings);
  append(work.warnings, forward.warnings);
  work.crossings = std::move(forward.crossings);
  for (std::size_t k = 0; k < backward.crossings.size(); ++k) {
    Matrix both(work.crossings[k].rows() + backward.crossings[k].rows(), family_.n_states());
    if (both.rows() == 0) continue;
    if (work.crossings[k].rows() > 0) both.topRows(work.crossings[k].rows()) = work.crossings[k];
    if (backward.crossings[k].rows() > 0)
      both.bottomRows(backward.crossings[k].rows()) = backward.crossings[k];
    work.crossings[k] = both;
  }
  return work;
}

void Explorer::accept(WorkBranch work, const std::string& origin) {
  work.branch.origin = origin;
  append(warnings_, work.warnings);
  branches_.push_back(std::move(work));
}

// Which of the two lines through each branch point have been traced, by the branches from
// `first_branch` on.
void Explorer::note_branch_points(std::size_t first_branch) {
  for (std::size_t b = first_branch; b < branches_.size(); ++b) {
    const WorkBranch& work = branches_[b];
    for (const TracedEvent& event : work.events) {
      if (event.tangents.size() == 0) continue;
      auto known = std::find_if(branch_points_.begin(), branch_points_.end(), [&](const auto& p) {
        return (p.event.y - event.y).norm() <= kSameState * (1 + event.y.norm());
      });
      if (known == branch_points_.end()) {
        branch_points_.push_back({event, {false, false}, branch_points_.size()});
        known = branch_points_.end() - 1;
      }
      const auto unknowns = [&](Index i) {
        const Vector p = work.branch.parameters.row(i).transpose();
        return problem_.chart().unknowns(
            family_.restrict_state(work.branch.states.row(i).transpose(), p), Vector(0), p);
      };
      const Vector chord = unknowns(event.event.point + 1) - unknowns(event.event.point);
      const Vector along = (known->event.tangents.transpose() * chord).cwiseAbs();
      known->is_traced[along(0) >= along(1) ? 0 : 1] = true;
    }
  }
  for (BranchPoint& point : branch_points_)
    for (std::size_t b = first_branch; b < branches_.size(); ++b) note_end_at(branches_[b], point);
}

// A branch ends at a branch point where that lies on an end of the interval.
void Explorer::note_end_at(const WorkBranch& work, BranchPoint& point) const {
  const Branch& branch = work.branch;
  const Index n = branch.states.rows();
  if (n < 2 || !is_at_interval_end(point.event.y)) return;
  const auto unknowns = [&](Index i) {
    const Vector p = branch.parameters.row(i).transpose();
    return problem_.chart().unknowns(family_.restrict_state(branch.states.row(i).transpose(), p),
                                     Vector(0), p);
  };
  for (const auto& [end, before] : {std::pair<Index, Index>{0, 1}, {n - 1, n - 2}}) {
    const Vector last = unknowns(end);
    if (!((last - point.event.y).norm() <= kAtIntervalEnd * (1 + last.norm()))) continue;
    const Vector along = (point.event.tangents.transpose() * (unknowns(before) - last)).cwiseAbs();
    point.is_traced[along(0) >= along(1) ? 0 : 1] = true;
  }
}

void Explorer::follow_branch_points() {
  for (std::size_t k = 0; k < branch_points_.size() && !watch_.is_stopped(); ++k)
    for (const Index direction : {0, 1})
      if (!branch_points_[k].is_traced[direction] && branches_.size() < kMaxBranches)
        trace_direction(k, direction);
  if (branches_.size() >= kMaxBranches)
    warnings_.push_back(fmt::format("stopped after {} branches", kMaxBranches));
}

// The first point of a branch that leaves the branch point y in this direction.
std::optional<CurvePoint> Explorer::first_point(ConstVectorRef y, ConstVectorRef along) const {
  for (double step = options_.steps.first_step; step > 1e-5; step /= 4) {
    auto start = correct(problem_, y + step * along, along);
    if (!start) continue;
    const double share = start->y(y.size() - 1);
    if (start->tangent.dot(along) >= 0.8 && (start->y - y - step * along).norm() <= 0.3 * step &&
        share >= 0 && share <= 1)
      return start;
  }
  return std::nullopt;
}

// Whether a branch that was traced already shrinks to this flip.
bool Explorer::is_doubled(const Event& flip) const {
  for (const WorkBranch& work : branches_)
    for (const TracedEvent& event : work.events)
      if (event.event.note == kMeetsShorterOrbit &&
          std::abs(event.event.parameters(0) - flip.parameters(0)) <=
              kSameState * (1 + std::abs(flip.parameters(0))) &&
          state_distance(family_, event.event.state, flip.state, flip.parameters) < kSameState)
        return true;
  return false;
}

// The two ways along the branch are the same orbits, half a period apart: one is followed.
void Explorer::trace_flip(const Event& flip) {
  const std::string place = fmt::format("flip at {} = {:.10g}", range_.name, flip.parameters(0));
  const Vector x = family_.restrict_state(flip.state, flip.parameters);
  const auto located = locate_branch_point(
      problem_, problem_.chart().unknowns(x, Vector(0), flip.parameters), kFlipRadius);
  std::optional<CurvePoint> start;
  if (located && located->tangents.cols() == 2) {
    // Along the orbits of half the period both halves of the tangent agree.
    const Index half = (located->y.size() - 1) / 2;
    const auto difference = [&](Index k) {
      const auto tangent = located->tangents.col(k);
      return (tangent.head(half) - tangent.segment(half, half)).norm();
    };
    const Index doubled = difference(0) > difference(1) ? 0 : 1;
    start = first_point(located->y, located->tangents.col(doubled));
  }
  if (!start) {
    warnings_.push_back("the orbits of twice the period that leave the " + place +
                        " could not be followed");
    return;
  }
  const auto is_stopped = [this] { return watch_.step("tracing"); };
  TracedHalf forward = trace_branch(problem_, *start, shares_, options_.steps, is_stopped),
             backward;
  backward.end = EndReason::joined;
  forward.crossings.resize(shares_.size());
  CurvePoint origin;
  origin.y = located->y;
  forward.points.insert(forward.points.begin(), origin);
  forward.n_unstable.insert(forward.n_unstable.begin(), spectrum_of(problem_, origin.y).n_unstable);
  for (TracedEvent& event : forward.events) ++event.event.point;
  accept(join(problem_, std::move(backward), std::move(forward)), place);
}

void Explorer::trace_direction(std::size_t number, Index direction) {
  BranchPoint& origin = branch_points_[number];
  origin.is_traced[direction] = true;
  const Vector y = origin.event.y, tangent = origin.event.tangents.col(direction);
  const auto is_stopped = [this] { return watch_.step("tracing"); };
  TracedHalf halves[2];
  for (const int side : {0, 1}) {
    const Vector along = side == 0 ? Vector(-tangent) : tangent;
    const std::optional<CurvePoint> start = first_point(y, along);
    CurvePoint origin_point;
    origin_point.y = y;
    origin_point.tangent = along;
    halves[side].end = is_at_interval_end(y) ? EndReason::interval_end : EndReason::step_too_small;
    if (start) halves[side] = trace_branch(problem_, *start, shares_, options_.steps, is_stopped);
    halves[side].crossings.resize(shares_.size());
    // The branch point itself, between the two halves.
    halves[side].points.insert(halves[side].points.begin(), origin_point);
    halves[side].n_unstable.insert(halves[side].n_unstable.begin(),
                                   spectrum_of(problem_, y).n_unstable);
    for (TracedEvent& event : halves[side].events) ++event.event.point;
  }
  if (halves[0].points.size() + halves[1].points.size() == 2) {
    warnings_.push_back(
        fmt::format("a branch that leaves the branch point at {} = {:.10g} could "
                    "not be followed",
                    range_.name, origin.event.event.parameters(0)));
    return;
  }
  const auto first = branches_.size();
  accept(
      join(problem_, std::move(halves[0]), std::move(halves[1])),
      fmt::format("branch_point at {} = {:.10g}", range_.name, origin.event.event.parameters(0)));
  note_branch_points(first);
}

}  // namespace nullcline::continuation::internal
