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

/// A saddle whose rates explain an exponential law: the passage takes -ln(delta) over the smaller
/// of its two slowest rates (Kuznetsov 2004, section 6.2).
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
  limit.expected_law = std::min(unstable, stable);
  // dp/dT from cycle to cycle, as far as it is not rounding.
  std::vector<std::pair<double, double>> changes;
  for (std::size_t i = 0; i < law.periods.size(); ++i) {
    const double slope = std::abs(law.slopes[i]);
    if (slope > kRounding * std::max(1.0, std::abs(law.parameters[i])))
      changes.emplace_back(law.periods[i], std::log(slope));
  }
  if (changes.size() < 3) return false;
  const auto& [time_a, log_a] = changes[changes.size() - 3];
  const auto& [time_b, log_b] = changes.back();
  limit.law = -(log_b - log_a) / (time_b - time_a);
  return std::abs(limit.law - limit.expected_law) <= kAgreement * limit.expected_law;
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
    limit.evidence = fmt::format(
        "the period grows to {:.6g} as -ln(delta) / {:.4g}, the saddle's smaller rate being {:.4g}",
        longest, limit.law, limit.expected_law);
    return BranchEnd::homoclinic;
  }
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
      "saddle-node",
      longest);
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
