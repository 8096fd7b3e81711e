// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/branch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/cycles/internal/limits.hpp"
#include "nullcline/cycles/internal/walk.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::cycles {

namespace {

using continuation::Family;
using internal::BranchPoint;
using internal::Walk;

constexpr double kLargestTurn = 0.9;  // least cosine between the tangents of two steps
constexpr int kFewNewtonSteps = 4;
constexpr double kVanishing = 0.02;          // amplitude, relative to the largest of the branch
constexpr double kReversed = -0.5;           // correlation of a cycle with the one before
constexpr double kLargestCorrection = 1e-3;  // of the cycle to start from
constexpr double kStill = 1e-12;             // change of the parameter that is rounding
constexpr double kGrowing = 1.05;
constexpr double kFarAway = 1e3;
constexpr double kBoxesAway = 5;
constexpr std::size_t kVerticalPoints = 40;  // cycles at the same parameter
constexpr std::size_t kLawPoints = 12;       // cycles that the law of the period is read from

struct Half {
  std::vector<BranchPoint> points;
  std::vector<Cycle> cycles;
  std::vector<CycleEvent> events;
  BranchEnd end = BranchEnd::not_run;
  Limit limit;
};

Cycle describe_point(const Family& family, const BranchPoint& point,
                     Extrema extrema = Extrema::of_polynomials) {
  const Vector p = Vector::Constant(1, point.parameter);
  return describe(family.base_system(p), family.input_at(p), point.profile, extrema,
                  point.monodromy);
}

int count_below_minus_one(const Cycle& cycle) {
  return static_cast<int>(std::count_if(cycle.multipliers.begin(), cycle.multipliers.end(),
                                        [](auto m) { return m.imag() == 0 && m.real() < -1; }));
}
int count_rotating_outside(const Cycle& cycle) {
  return static_cast<int>(std::count_if(cycle.multipliers.begin(), cycle.multipliers.end(),
                                        [](auto m) { return m.imag() != 0 && std::abs(m) > 1; }));
}
int count_real(const Cycle& cycle) {
  return static_cast<int>(std::count_if(cycle.multipliers.begin(), cycle.multipliers.end(),
                                        [](auto m) { return m.imag() == 0; }));
}

/// One direction of a branch.
class Tracer {
 public:
  Tracer(const Walk& walk, double from, double to, const BranchOptions& options,
         const std::function<bool()>& is_stopped)
      : walk_(walk),
        low_(std::min(from, to)),
        high_(std::max(from, to)),
        options_(options),
        is_stopped_(is_stopped) {}

  Half run(const BranchPoint& start) {
    trace(start);
    locate_folds();
    return std::move(half_);
  }

 private:
  void trace(const BranchPoint& start) {
    keep(start);
    const dynamics::System& flow = walk_.family().base_system(Vector::Constant(1, start.parameter));
    box_ = flow.trapping_box() ? flow.trapping_box() : flow.search_box();
    first_period_ = start.profile.period;
    largest_ = start.profile.amplitude();
    double length = options_.max_step / 8;
    while (half_.end == BranchEnd::not_run) {
      if (is_stopped_ && is_stopped_()) return ended(BranchEnd::interrupted);
      if (static_cast<int>(half_.points.size()) >= options_.max_points)
        return ended(BranchEnd::max_points);
      const BranchPoint& here = half_.points.back();
      std::optional<BranchPoint> next = walk_.step(here, length);
      if (!next || cosine(here, *next) < kLargestTurn) {
        length /= 2;
        if (length < options_.min_step) return stalled();
        continue;
      }
      if (has_vanished(here, *next)) return vanished();
      if (next->parameter < low_ || next->parameter > high_) return at_interval_end(*next);
      const double longer = next->n_newton <= kFewNewtonSteps ? 1.5 : 0.8;
      accept(std::move(*next), length);
      length = std::min(options_.max_step, longer * length);
      look_for_end();
    }
  }

  double cosine(const BranchPoint& a, const BranchPoint& b) const {
    BranchPoint sum = a;
    sum.tangent.states += b.tangent.states;
    sum.tangent.period += b.tangent.period;
    sum.tangent.parameter += b.tangent.parameter;
    const double both = walk_.length(a, sum.tangent);
    return both * both / 2 - 1;  // of two unit vectors
  }

  void keep(const BranchPoint& point) {
    half_.cycles.push_back(describe_point(walk_.family(), point));
    half_.points.push_back(point);
  }

  void accept(BranchPoint next, double length) {
    const Cycle before = half_.cycles.back();
    walk_.remesh(next, options_.n_intervals);
    keep(next);
    lengths_.push_back(length);
    largest_ = std::max(largest_, next.profile.amplitude());
    look_for_events(before, half_.cycles.back());
  }

  void look_for_events(const Cycle& before, const Cycle& after) {
    const std::size_t here = half_.points.size() - 2;
    if (is_still(half_.points[here], half_.points[here + 1])) return;  // rounding turns them
    if (before.multipliers.size() < 2) return;  // in the plane there is no other
    if (!knows_multipliers(before) || !knows_multipliers(after)) return;
    if (count_below_minus_one(before) != count_below_minus_one(after) &&
        count_real(before) == count_real(after))
      locate(CycleEventType::period_doubling, here, [](const BranchPoint&, const Cycle& cycle) {
        double product = 1;
        for (const auto& m : cycle.multipliers)
          if (m.imag() == 0) product *= m.real() + 1;
        return product;
      });
    if (count_rotating_outside(before) != count_rotating_outside(after) &&
        count_real(before) == count_real(after))
      locate(CycleEventType::torus, here, [](const BranchPoint&, const Cycle& cycle) {
        double product = 1;
        for (const auto& m : cycle.multipliers)
          if (m.imag() > 0) product *= std::abs(m) - 1;
        return product;
      });
  }

  // Where the largest multiplier is so large that rounding hides the trivial one, it hides others.
  static bool knows_multipliers(const Cycle& cycle) {
    return std::abs(cycle.trivial_multiplier - 1) < 0.01;
  }

  // The parameter turns at folds. Where it stands still, near a homoclinic orbit, rounding turns it
  // too, and so does the error of the mesh: a turn counts if the parameter has changed by more than
  // both before and after it.
  void locate_folds() {
    std::vector<std::size_t> turns;  // between this point and the next
    for (std::size_t i = 0; i < lengths_.size(); ++i)
      if (half_.points[i].tangent.parameter * half_.points[i + 1].tangent.parameter < 0)
        turns.push_back(i);
    for (std::size_t k = 0; k < turns.size();) {
      const std::size_t before = k == 0 ? 0 : turns[k - 1] + 1;
      const std::size_t after = k + 1 < turns.size() ? turns[k + 1] : half_.points.size() - 1;
      if (exceeds_errors(before, turns[k]) && exceeds_errors(turns[k] + 1, after))
        ++k;
      else
        turns.erase(turns.begin() + static_cast<std::ptrdiff_t>(k));
    }
    for (const std::size_t turn : turns)
      locate(CycleEventType::fold_of_cycles, turn,
             [](const BranchPoint& point, const Cycle&) { return point.tangent.parameter; });
  }

  // Whether the parameter changes by more than errors between two points.
  bool exceeds_errors(std::size_t begin, std::size_t end) const {
    const BranchPoint &a = half_.points[begin], &b = half_.points[end];
    if (is_still(a, b)) return false;
    const double change = std::abs(a.parameter - b.parameter);
    return change > 1e-4 * walk_.width() ||
           change > kErrorsOfAMesh * std::max(mesh_error(begin), mesh_error(end));
  }

  // An orbit with long rests is not resolved by the finer mesh either.
  static constexpr double kErrorsOfAMesh = 10;

  // What a mesh twice as fine changes of the parameter at this point of the branch.
  double mesh_error(std::size_t number) const {
    BranchPoint point = half_.points[number];
    walk_.remesh(point, 2 * options_.n_intervals);
    const std::optional<BranchPoint> finer = walk_.step(point, 0);
    return finer ? std::abs(finer->parameter - point.parameter) : 0;
  }

  // A zero of the test between this point and the next, by the Illinois variant of the false
  // position.
  template <class Test>
  void locate(CycleEventType type, std::size_t number, Test test) {
    const BranchPoint& begin = half_.points[number];
    const double length = lengths_[number];
    double low = 0, high = length;
    double test_low = test(begin, half_.cycles[number]);
    double test_high = test(half_.points[number + 1], half_.cycles[number + 1]);
    if (!(test_low * test_high < 0)) return;
    std::optional<BranchPoint> found;
    for (int i = 0; i < 60 && std::abs(high - low) > 1e-12 * length; ++i) {
      const double middle = (low * test_high - high * test_low) / (test_high - test_low);
      found = walk_.step(begin, middle);
      if (!found) return;
      const double value = test(*found, describe_point(walk_.family(), *found));
      if (value == 0) break;
      if (value * test_high < 0) {
        low = high;
        test_low = test_high;
      } else {
        test_low /= 2;
      }
      high = middle;
      test_high = value;
    }
    if (found)
      half_.events.push_back({type, found->parameter,
                              describe_point(walk_.family(), *found, Extrema::of_flow), number});
  }

  // Beyond a Hopf point the same cycles come again, half a period later.
  static bool has_vanished(const BranchPoint& a, const BranchPoint& b) {
    const Matrix first = a.profile.states.rowwise() - a.profile.states.colwise().mean();
    const Matrix next = b.profile.states.rowwise() - b.profile.states.colwise().mean();
    return first.cwiseProduct(next).sum() < kReversed * first.norm() * next.norm();
  }

  void vanished() {
    half_.end = internal::find_hopf(walk_.family(), half_.points.back(), low_, high_, half_.limit)
                    ? BranchEnd::hopf
                    : BranchEnd::step_too_small;
  }

  void stalled() {
    if (half_.points.back().profile.amplitude() < kVanishing * largest_) return vanished();
    ended(BranchEnd::step_too_small);
  }

  void at_interval_end(const BranchPoint& beyond) {
    const BranchPoint& inside = half_.points.back();
    const double end = beyond.parameter > high_ ? high_ : low_;
    const double share = (end - inside.parameter) / (beyond.parameter - inside.parameter);
    BranchPoint guess = beyond;
    guess.profile.states =
        inside.profile.states + share * (beyond.profile.states - inside.profile.states);
    guess.profile.period =
        inside.profile.period + share * (beyond.profile.period - inside.profile.period);
    guess.parameter = end;
    if (const auto last = walk_.settle(std::move(guess))) keep(*last);
    ended(BranchEnd::interval_end);
  }

  void look_for_end() {
    const BranchPoint& here = half_.points.back();
    const std::size_t n = half_.points.size();
    if (is_far_away(here))
      half_.end = BranchEnd::left_box;
    else if (n > kLawPoints &&
             (here.profile.period > options_.longest * first_period_ ||
              (is_still(half_.points[n - 4], here) &&
               here.profile.period > kGrowing * half_.points[n - 4].profile.period)))
      half_.end =
          internal::classify_long_period(walk_.family(), here, law(), low_, high_, half_.limit);
    else if (n > kVerticalPoints && is_still(half_.points[n - kVerticalPoints], here))
      vertical();
    else if (n > 4 && std::abs(here.parameter - half_.points[0].parameter) < 1e-3 * walk_.width() &&
             is_same(half_.cycles.back(), half_.cycles[0]))
      half_.end = BranchEnd::closed;
  }

  // Boxes away from the box of the model, where it has one.
  bool is_far_away(const BranchPoint& point) const {
    const Matrix& states = point.profile.states;
    if (states.cwiseAbs().maxCoeff() > kFarAway) return true;
    if (!box_) return false;
    const Vector margin = kBoxesAway * (box_->upper - box_->lower);
    return ((states.rowwise() - (box_->upper + margin).transpose()).array() > 0).any() ||
           ((states.rowwise() - (box_->lower - margin).transpose()).array() < 0).any();
  }

  void vertical() {
    const BranchPoint& here = half_.points.back();
    const double before = half_.points[half_.points.size() - kVerticalPoints].profile.amplitude();
    half_.end = BranchEnd::vertical;
    half_.limit.parameter = here.parameter;
    half_.limit.evidence = fmt::format(
        "{} cycles at this one value, with amplitudes {:.4g} to {:.4g}: a family of "
        "cycles without a parameter, as where a quantity is conserved",
        kVerticalPoints, before, here.profile.amplitude());
  }

  static bool is_still(const BranchPoint& a, const BranchPoint& b) {
    return std::abs(a.parameter - b.parameter) <= kStill * std::max(1.0, std::abs(a.parameter));
  }

  internal::PeriodLaw law() const {
    internal::PeriodLaw law;
    for (const BranchPoint& point : half_.points) {
      law.periods.push_back(point.profile.period);
      law.parameters.push_back(point.parameter);
      law.slopes.push_back(point.tangent.parameter / point.tangent.period);
    }
    return law;
  }

  void ended(BranchEnd end) { half_.end = end; }

  const Walk& walk_;
  const double low_, high_;
  const BranchOptions& options_;
  const std::function<bool()>& is_stopped_;
  Half half_;
  std::optional<dynamics::Box> box_;
  std::vector<double> lengths_;  // of the steps
  double first_period_ = 0, largest_ = 0;
};

CycleBranch joined(Half backward, Half forward) {
  CycleBranch branch;
  branch.begin = backward.end;
  branch.end = forward.end;
  branch.begin_limit = std::move(backward.limit);
  branch.end_limit = std::move(forward.limit);
  for (std::size_t i = backward.points.size(); i-- > 1;) {
    branch.parameters.push_back(backward.points[i].parameter);
    branch.cycles.push_back(std::move(backward.cycles[i]));
  }
  for (std::size_t i = 0; i < forward.points.size(); ++i) {
    branch.parameters.push_back(forward.points[i].parameter);
    branch.cycles.push_back(std::move(forward.cycles[i]));
  }
  const std::size_t n_back = backward.points.empty() ? 0 : backward.points.size() - 1;
  for (CycleEvent& event : backward.events) event.point = n_back - 1 - event.point;
  for (CycleEvent& event : forward.events) event.point += n_back;
  branch.events.assign(backward.events.rbegin(), backward.events.rend());
  branch.events.insert(branch.events.end(), forward.events.begin(), forward.events.end());
  std::stable_sort(branch.events.begin(), branch.events.end(),
                   [](const CycleEvent& a, const CycleEvent& b) { return a.point < b.point; });
  return branch;
}

// A cycle that the mesh of a branch does not resolve, or that is one of a family.
CycleBranch alone(const Cycle& cycle, double parameter) {
  CycleBranch branch;
  branch.parameters = {parameter};
  branch.cycles = {cycle};
  branch.begin = branch.end = BranchEnd::step_too_small;
  return branch;
}

void check(const Family& family, double parameter, double from, double to,
           const BranchOptions& options) {
  check_options(options);
  if (family.parameters().size() != 1)
    throw InvalidInput("a branch of cycles: expected a family of one parameter");
  if (family.time() != dynamics::Time::continuous)
    throw InvalidInput("time: found a map, expected a flow; cycles of maps are periodic orbits");
  const std::string& name = family.parameters()[0];
  if (!(std::isfinite(from) && std::isfinite(to)) || from == to)
    throw InvalidInput(fmt::format(
        "interval of '{}': found {} to {}, expected two different numbers", name, from, to));
  if (!std::isfinite(to - from))
    throw InvalidInput(fmt::format(
        "interval of '{}': found {} to {}, whose length overflows, expected one below 1.8e308",
        name, from, to));
  if (!(parameter >= std::min(from, to) && parameter <= std::max(from, to)))
    throw InvalidInput(fmt::format(
        "parameter '{}': found {}, where cycles are sought, expected a value within {} to {}", name,
        parameter, from, to));
}

void reverse(Direction& direction) {
  direction.states = -direction.states;
  direction.period = -direction.period;
  direction.parameter = -direction.parameter;
}

double distance(const Walk& walk, const BranchPoint& a, const BranchPoint& b) {
  return walk.length(a, {b.profile.states - a.profile.states, b.profile.period - a.profile.period,
                         b.parameter - a.parameter});
}

double state_size(const Matrix& states) { return 1 + states.rowwise().norm().maxCoeff(); }

}  // namespace

CycleBranch continue_cycle(const Family& family, const Cycle& cycle, double parameter, double from,
                           double to, const BranchOptions& options,
                           const std::function<bool()>& is_stopped) {
  auto branch = try_continue_cycle(family, cycle, parameter, from, to, options, is_stopped);
  if (!branch) throw InvalidInput("the cycle to start from does not solve the equations");
  return std::move(*branch);
}

std::optional<CycleBranch> try_continue_cycle(const Family& family, const Cycle& cycle,
                                              double parameter, double from, double to,
                                              const BranchOptions& options,
                                              const std::function<bool()>& is_stopped) {
  check(family, parameter, from, to, options);
  const Walk walk(family, std::abs(to - from), state_size(cycle.states));
  BranchPoint start{profile_of(cycle), parameter, {}, {}, 0};
  walk.remesh(start, options.n_intervals);
  const Matrix nothing = Matrix::Zero(start.profile.n_points(), start.profile.states.cols());
  const auto has_tangent = [&](BranchPoint& point, double sense) {
    return walk.set_tangent(point, {nothing, 0, sense}) ||
           walk.set_tangent(point, {nothing, sense, 0});
  };
  std::optional<BranchPoint> corrected;
  if (has_tangent(start, 1)) corrected = walk.step(start, 0);
  if (!corrected || distance(walk, start, *corrected) > kLargestCorrection) return std::nullopt;
  Half halves[2];
  for (int side = 0; side < 2; ++side) {
    BranchPoint point = *corrected;
    const bool is_up = (side == 1) == (to > from);
    if ((point.tangent.parameter > 0) != is_up) reverse(point.tangent);
    halves[side] = Tracer(walk, from, to, options, is_stopped).run(point);
    if (halves[side].end == BranchEnd::closed) break;
  }
  return joined(std::move(halves[0]), std::move(halves[1]));
}

bool passes(const CycleBranch& branch, const Family& family, double parameter, const Cycle& cycle) {
  const Vector p = Vector::Constant(1, parameter);
  for (std::size_t i = 0; i + 1 < branch.cycles.size(); ++i) {
    const double a = branch.parameters[i], b = branch.parameters[i + 1];
    if (parameter < std::min(a, b) || parameter > std::max(a, b)) continue;
    const Cycle& nearer =
        branch.cycles[std::abs(parameter - a) < std::abs(parameter - b) ? i : i + 1];
    const auto here = solve_cycle(family.base_system(p), family.input_at(p), profile_of(nearer));
    if (here && is_same(*here, cycle)) return true;
  }
  return false;
}

void check_options(const BranchOptions& options) {
  if (!(options.min_step > 0))
    throw InvalidInput(fmt::format("min_step: found {}, expected more than 0", options.min_step));
  if (!(options.max_step > options.min_step && options.max_step <= 1))
    throw InvalidInput(fmt::format("max_step: found {}, expected more than min_step and at most 1",
                                   options.max_step));
  if (options.max_points < 2)
    throw InvalidInput(
        fmt::format("max_points: found {}, expected at least 2", options.max_points));
  if (options.n_intervals < 5 || options.n_intervals > 1000)
    throw InvalidInput(
        fmt::format("n_intervals: found {}, expected 5 to 1000", options.n_intervals));
  if (!(options.longest > 1))
    throw InvalidInput(fmt::format("longest: found {}, expected above 1", options.longest));
}

void check_interval(const dynamics::System& flow, ConstVectorRef input, const Interval& interval,
                    const BranchOptions& options) {
  const Family family(flow, input, {interval.parameter});
  check(family, family.start(), interval.from, interval.to, options);
}

std::vector<CycleBranch> continue_cycles(const dynamics::System& flow, ConstVectorRef input,
                                         const CycleSet& set, const Interval& interval,
                                         const BranchOptions& options,
                                         const std::function<bool()>& is_stopped) {
  const Family family(flow, input, {interval.parameter});
  const double here = family.start();
  std::vector<CycleBranch> branches;
  for (const Cycle& cycle : set.cycles) {
    const bool is_known =
        std::any_of(branches.begin(), branches.end(),
                    [&](const CycleBranch& branch) { return passes(branch, family, here, cycle); });
    if (is_known || (is_stopped && is_stopped())) continue;
    auto branch =
        try_continue_cycle(family, cycle, here, interval.from, interval.to, options, is_stopped);
    branches.push_back(branch ? std::move(*branch) : alone(cycle, here));
    branches.back().origin = fmt::format("cycle at {} = {:.10g}", interval.parameter, here);
  }
  return branches;
}

}  // namespace nullcline::cycles
