// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/internal/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "nullcline/continuation/problems.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::cycles::internal {

namespace {

using continuation::Family;
using continuation::Singularity;

constexpr int kMaxNewtonSteps = 50;
constexpr double kSearchRadius = 0.3;  // in unknowns of the chart
constexpr double kAgreement = 0.05;    // of a fitted rate with an eigenvalue, relative
constexpr double kRounding = 1e-13;    // of dp/dT
constexpr double kLeastFall = 2.3;     // of ln|dp/dT|, for a law to be read from it
constexpr double kPassage = 0.1;       // distance of a passage from the saddle, in amplitudes
constexpr double kNear = 0.2;          // of the saddle-node to the slowest state of the cycle

Vector one(double value) { return Vector::Constant(1, value); }
Matrix interval(double from, double to) { return Matrix{{std::min(from, to), std::max(from, to)}}; }

/// The state of the cycle that moves slowest.
Vector slowest_state(const Family& family, const BranchPoint& point) {
  Matrix rates(point.profile.n_points(), point.profile.states.cols());
  const Vector p = one(point.parameter);
  family.base_system(p).evaluate(point.profile.states, family.input_at(p).transpose(), rates);
  Index slowest = 0;
  rates.rowwise().squaredNorm().minCoeff(&slowest);
  return point.profile.states.row(slowest).transpose();
}

std::optional<Vector> equilibrium_near(const Family& family, Vector state, double parameter) {
  const Vector p = one(parameter);
  const Vector start = state;
  for (int i = 0; i < kMaxNewtonSteps; ++i) {
    Matrix jacobian = family.jacobian(Family::Form::full, state, p);
    Vector step = -family.residual(Family::Form::full, state, p);
    std::vector<int> pivots(static_cast<std::size_t>(state.size()));
    if (!numerics::lu_factor(MatrixRef(jacobian), pivots)) return std::nullopt;
    numerics::lu_solve(jacobian, pivots, VectorRef(step));
    if (!step.allFinite() || (state + step - start).norm() > 0.5 * (1 + start.norm()))
      return std::nullopt;
    state += step;
    if (step.norm() <= 1e-13 * (1 + state.norm())) return state;
  }
  return std::nullopt;
}

void set_equilibrium(const Family& family, const Vector& state, double parameter, Limit& limit) {
  limit.parameter = parameter;
  limit.equilibrium = state;
  limit.eigenvalues =
      numerics::eigenvalues(family.jacobian(Family::Form::full, state, one(parameter)));
}

/// A cycle of a branch: its period and parameter p, and dp/dT there.
struct Change {
  double period, parameter, slope;
  double log() const { return std::log(std::abs(slope)); }
};

/// p where T is infinite: that of the cycle from which on it changes least, or, if there is none
/// after this one, what the law says.
double limit_of(const std::vector<Change>& changes, std::size_t end, double rate) {
  double limit = changes[end].parameter + changes[end].slope / rate;
  double least = std::abs(changes[end].slope / rate);
  for (std::size_t i = end; i + 1 < changes.size(); ++i) {
    const double change = std::abs(changes[i + 1].parameter - changes[i].parameter);
    if (change >= least) continue;
    least = change;
    limit = changes[i].parameter;
  }
  return limit;
}

/// The fall of ln|dp/dT| over cycles on which it falls by a factor of ten or more, the last for
/// which it agrees with the expected rate: what comes after may be rounding.
bool follows(const std::vector<Change>& changes, Limit& limit) {
  const double rate = limit.expected_law;
  for (std::size_t end = changes.size(); end-- > 2;) {
    const Change& b = changes[end];
    if (std::abs(b.slope) <= kRounding * std::max(1.0, std::abs(b.parameter))) continue;
    std::size_t begin = end - 2;
    while (begin > 0 && rate * (b.period - changes[begin].period) < kLeastFall) --begin;
    const Change& a = changes[begin];
    if (rate * (b.period - a.period) < kLeastFall) continue;
    limit.law = -(b.log() - a.log()) / (b.period - a.period);
    if (!(std::abs(limit.law - rate) <= kAgreement * rate)) continue;
    limit.parameter = limit_of(changes, end, rate);
    return true;
  }
  return false;
}

/// How often a turn comes near to the equilibrium: twice on both loops of a figure-eight.
int count_passages(const Profile& profile, const Vector& equilibrium) {
  const double near = kPassage * profile.amplitude();
  const auto is_inside = [&](Index point) {
    return (profile.states.row(point).transpose() - equilibrium).norm() <= near;
  };
  int n = 0;
  for (Index i = 0; i < profile.n_points(); ++i)
    if (is_inside(i) && !is_inside((i + 1) % profile.n_points())) ++n;
  return std::max(n, 1);
}

/// A saddle whose rates explain an exponential law: the passage takes -ln(delta) over the smaller
/// of its two slowest rates (Kuznetsov 2004, section 6.2); a turn that passes it n times has n such
/// passages, all as long by symmetry.
bool is_homoclinic(const Family& family, const BranchPoint& last, const PeriodLaw& law,
                   Limit& limit) {
  const std::optional<Vector> saddle =
      equilibrium_near(family, slowest_state(family, last), last.parameter);
  if (!saddle) return false;
  set_equilibrium(family, *saddle, last.parameter, limit);
  double unstable = std::numeric_limits<double>::infinity(), stable = unstable;
  for (const auto& value : limit.eigenvalues)
    (value.real() > 0 ? unstable : stable) =
        std::min(value.real() > 0 ? unstable : stable, std::abs(value.real()));
  if (!std::isfinite(unstable) || !std::isfinite(stable)) return false;
  limit.expected_law = std::min(unstable, stable) / count_passages(last.profile, *saddle);
  std::vector<Change> changes;
  for (std::size_t i = 0; i < law.periods.size(); ++i)
    changes.push_back({law.periods[i], law.parameters[i], law.slopes[i]});
  return follows(changes, limit);
}

/// Whether one of the two slowest rates of the equilibrium belongs to a rotation.
bool is_saddle_focus(const ComplexVector& eigenvalues) {
  double unstable = std::numeric_limits<double>::infinity(), stable = unstable;
  bool rotates[2] = {false, false};
  for (const auto& value : eigenvalues) {
    const bool is_unstable = value.real() > 0;
    double& slowest = is_unstable ? unstable : stable;
    if (std::abs(value.real()) > slowest) continue;
    slowest = std::abs(value.real());
    rotates[is_unstable ? 1 : 0] = value.imag() != 0;
  }
  return std::isfinite(unstable) && std::isfinite(stable) && (rotates[0] || rotates[1]);
}

/// C of  T = T0 + C / sqrt|p - p*|  on the last cycles and on those before, whose periods are
/// shorter by a third each.
struct RootLaw {
  double last = 0, before = 0;
};
RootLaw root_law(const PeriodLaw& law, double limit) {
  double x[3], y[3];
  std::size_t i = law.periods.size() - 1;
  for (int k = 0; k < 3; ++k) {
    x[k] = 1 / std::sqrt(std::abs(law.parameters[i] - limit));
    y[k] = law.periods[i];
    const double next = law.periods[i] / 1.5;
    while (i > 0 && law.periods[i] > next) --i;
  }
  return {(y[0] - y[1]) / (x[0] - x[1]), (y[1] - y[2]) / (x[1] - x[2])};
}

bool is_saddle_node(const Family& family, const BranchPoint& last, const PeriodLaw& law,
                    double from, double to, Limit& limit) {
  const Vector state = slowest_state(family, last);
  try {
    const continuation::SingularityProblem fold(family, interval(from, to), Singularity::fold,
                                                family.restrict_state(state, one(last.parameter)),
                                                one(last.parameter), 0);
    const auto located = continuation::solve_square(fold, kSearchRadius);
    if (!located) return false;
    const double parameter = fold.chart().p(located->y)(0);
    set_equilibrium(family, fold.state(located->y), parameter, limit);
    const RootLaw root = root_law(law, parameter);
    limit.law = root.last;
    limit.expected_law = root.before;
    const double distance = (limit.equilibrium - state).norm();
    return std::abs(root.last - root.before) <= kAgreement * root.last &&
           distance <= kNear * (1 + state.norm());
  } catch (const InvalidInput&) {
    return false;
  }
}

}  // namespace

BranchEnd classify_long_period(const Family& family, const BranchPoint& last, const PeriodLaw& law,
                               double from, double to, Limit& limit) {
  const double longest = last.profile.period;
  if (is_homoclinic(family, last, law, limit)) {
    const int n = count_passages(last.profile, limit.equilibrium);
    limit.evidence = fmt::format(
        "the period grows to {:.6g} as {}-ln(delta) / {:.4g}, the saddle's smaller rate being "
        "{:.4g}{}",
        longest, n > 1 ? fmt::format("{} * ", n) : "", n * limit.law, n * limit.expected_law,
        n > 1 ? fmt::format("; it passes the saddle {} times a turn", n) : "");
    return BranchEnd::homoclinic;
  }
  const bool is_focus = is_saddle_focus(limit.eigenvalues);
  if (is_saddle_node(family, last, law, from, to, limit)) {
    limit.evidence = fmt::format(
        "the period grows to {:.6g} as {:.6g} / sqrt(delta), at a saddle-node on the cycle",
        longest, limit.law);
    return BranchEnd::snic;
  }
  limit = {};
  limit.parameter = last.parameter;
  limit.evidence = fmt::format(
      "the period has grown to {:.6g}; it follows neither the law of a saddle nor that of a "
      "saddle-node{}",
      longest,
      is_focus
          ? ", and the equilibrium on its way is a saddle-focus, at which homoclinic orbits are "
            "not located"
          : "");
  return BranchEnd::long_period;
}

bool find_hopf(const Family& family, const BranchPoint& last, double from, double to,
               Limit& limit) {
  const Vector center = last.profile.states.colwise().mean().transpose();
  const double omega = 2 * std::numbers::pi / last.profile.period;
  try {
    const continuation::SingularityProblem hopf(family, interval(from, to), Singularity::rotation,
                                                center, one(last.parameter), omega * omega);
    const auto located = continuation::solve_square(hopf, kSearchRadius);
    if (!located || !(hopf.kappa(located->y) > 0)) return false;
    set_equilibrium(family, hopf.state(located->y), hopf.chart().p(located->y)(0), limit);
  } catch (const InvalidInput&) {
    return false;
  }
  limit.evidence = "the cycle shrinks to an equilibrium with eigenvalues on the imaginary axis";
  return true;
}

}  // namespace nullcline::cycles::internal
