// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/periodic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/orbits/cyclic_system.hpp"

namespace nullcline::orbits {

namespace {

using fixed_points::Certificate;
using fixed_points::Equation;
using fixed_points::Stability;

// Above so many unknowns an orbit is solved as a fixed point of F^k: those orbits come from
// trajectories that end on them, so that F^k contracts.
constexpr Index kMaxUnknowns = 1536;
// What counts as one state there: samples of D(F^k) say little about where it is alone.
constexpr double kSameState = 1e-6;
constexpr Index kMaxWindows = 512;  // visited states whose orbits start a search

Matrix as_rows(const Vector& stacked, Index period) {
  return Eigen::Map<const Matrix>(stacked.data(), period, stacked.size() / period);
}

double distance(const Matrix& a, const Matrix& b, Index rotation) {
  double largest = 0;
  for (Index i = 0; i < a.rows(); ++i)
    largest =
        std::max(largest, (a.row(i) - b.row((i + rotation) % b.rows())).cwiseAbs().maxCoeff());
  return largest;
}

// The least d for which the orbit, moved on by d steps, lies in its own uniqueness box: then both
// are the same zero of the same equation.
int least_period(const Matrix& points, double uniqueness_radius) {
  const auto period = static_cast<int>(points.rows());
  for (int d = 1; d < period; ++d)
    if (period % d == 0 && distance(points, points, d) <= uniqueness_radius) return d;
  return period;
}

// Starts the orbit at its first state by coordinates, so that it does not depend on the start of
// the search. A grid keeps rounding from deciding.
Matrix canonical(const Matrix& points) {
  constexpr double kGrid = 1e9;
  const auto comes_before = [&](Index a, Index b) {
    for (Index i = 0; i < points.cols(); ++i) {
      const double x = std::round(points(a, i) * kGrid), y = std::round(points(b, i) * kGrid);
      if (x != y) return x < y;
    }
    return false;
  };
  Index first = 0;
  for (Index i = 1; i < points.rows(); ++i)
    if (comes_before(i, first)) first = i;
  Matrix result(points.rows(), points.cols());
  for (Index i = 0; i < points.rows(); ++i) result.row(i) = points.row((first + i) % points.rows());
  return result;
}

void set_multipliers(const Matrix& product, Orbit& orbit) {
  orbit.index = dynamics::fixed_point_index(dynamics::Time::discrete, product);
  ComplexVector values = numerics::eigenvalues(product);
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return std::abs(a) > std::abs(b); });
  orbit.multipliers = values;
  bool degenerate = false;
  orbit.n_unstable = 0;
  for (const std::complex<double>& value : values) {
    const double excess = std::abs(value) - 1;
    if (excess > fixed_points::kDegenerateMargin) ++orbit.n_unstable;
    if (!(std::abs(excess) > fixed_points::kDegenerateMargin)) degenerate = true;
  }
  if (degenerate)
    orbit.stability = Stability::degenerate;
  else if (orbit.n_unstable == 0)
    orbit.stability = Stability::stable;
  else
    orbit.stability = orbit.n_unstable == values.size() ? Stability::unstable : Stability::saddle;
}

Orbit describe(const dynamics::System& map, ConstVectorRef input, const Matrix& points,
               const Certificate& certificate) {
  Orbit orbit;
  orbit.kind = Kind::periodic;
  orbit.period = static_cast<int>(points.rows());
  orbit.points = canonical(points);
  orbit.verdict = certificate.verdict;
  orbit.radius = certificate.radius;
  orbit.uniqueness_radius = certificate.uniqueness_radius;
  orbit.residual = 0;
  for (Index i = 0; i < orbit.points.rows(); ++i) {
    const Vector image = evaluate_at(map, orbit.points.row(i).transpose(), input);
    const auto next = orbit.points.row((i + 1) % orbit.points.rows());
    orbit.residual = std::max(orbit.residual, (image.transpose() - next).cwiseAbs().maxCoeff());
  }
  Matrix product = Matrix::Identity(map.n_states(), map.n_states());
  for (Index i = 0; i < orbit.points.rows(); ++i)
    product = Matrix(jacobian_at(map, orbit.points.row(i).transpose(), input) * product);
  set_multipliers(product, orbit);
  for (Index i = 0; map.has_kinks() && i < orbit.points.rows(); ++i)
    orbit.at_kink = orbit.at_kink || map.kink_distance(orbit.points.row(i).transpose(), input) <=
                                         fixed_points::kKinkMargin;
  orbit.evidence =
      orbit.verdict == fixed_points::Verdict::proven
          ? fmt::format("proven to exist within {:.1e} of these states", orbit.radius)
          : fmt::format("closes after {} steps up to {:.1e}", orbit.period, orbit.residual);
  if (orbit.at_kink) orbit.evidence += "; a relu is at its kink: multipliers hold on one side";
  return orbit;
}

bool comes_before(const Orbit& a, const Orbit& b) {
  if (a.period != b.period) return a.period < b.period;
  if (a.n_unstable != b.n_unstable) return a.n_unstable < b.n_unstable;
  return std::lexicographical_compare(a.points.data(), a.points.data() + a.points.size(),
                                      b.points.data(), b.points.data() + b.points.size());
}

// A zero of the shooting equation: its orbit, and how far it is alone.
struct Solution {
  Matrix points;
  Certificate certificate;
};

// An attracting orbit that is too long for dense shooting: Newton on F^k.
std::optional<Solution> solve_iterated(const dynamics::System& map, ConstVectorRef input,
                                       ConstVectorRef state, int period) {
  const IteratedSystem iterate(map, period);
  const Equation equation(iterate, input, Equation::Form::full);
  const fixed_points::Polished polished = fixed_points::polish(equation, state);
  Certificate certificate = fixed_points::certify(equation, polished.point, false);
  if (!certificate.exists) return std::nullopt;
  certificate.uniqueness_radius = kSameState * (1 + polished.point.cwiseAbs().maxCoeff());
  const CyclicSystem cyclic(map, period);
  return Solution{as_rows(cyclic.unroll(polished.point, input), period), certificate};
}

std::optional<Solution> solve(const dynamics::System& map, ConstVectorRef input,
                              ConstVectorRef state, int period) {
  if (period * map.n_states() > kMaxUnknowns) return solve_iterated(map, input, state, period);
  const CyclicSystem cyclic(map, period);
  const Equation equation(cyclic, input);
  const fixed_points::Polished polished =
      fixed_points::polish(equation, cyclic.unroll(state, input));
  const Certificate certificate = fixed_points::certify(equation, polished.point);
  if (!certificate.exists || !equation.in_box(polished.point)) return std::nullopt;
  return Solution{as_rows(polished.point, period), certificate};
}

}  // namespace

std::optional<Orbit> refine_periodic_orbit(const dynamics::System& map, ConstVectorRef input,
                                           ConstVectorRef state, int period) {
  if (state.size() != map.n_states())
    throw InvalidInput(
        fmt::format("state: found {} values, expected {}", state.size(), map.n_states()));
  std::optional<Solution> solution = solve(map, input, state, period);
  if (!solution) return std::nullopt;
  const int least = least_period(solution->points, solution->certificate.uniqueness_radius);
  if (least == 1) return std::nullopt;
  if (least < period)
    return refine_periodic_orbit(map, input, Vector(solution->points.row(0)), least);
  return describe(map, input, solution->points, solution->certificate);
}

bool is_same_orbit(const Orbit& a, const Orbit& b) {
  if (a.kind != Kind::periodic || b.kind != Kind::periodic || a.period != b.period) return false;
  const double radius = std::max(a.uniqueness_radius, b.uniqueness_radius);
  for (Index rotation = 0; rotation < a.period; ++rotation)
    if (distance(a.points, b.points, rotation) <= radius) return true;
  return false;
}

PeriodicOrbits find_periodic_orbits(const dynamics::System& map, ConstVectorRef input,
                                    ConstMatrixRef visited, int period,
                                    const fixed_points::SearchOptions& options,
                                    const Progress& progress) {
  const CyclicSystem cyclic(map, period);
  if (visited.rows() > 0 && visited.cols() != map.n_states())
    throw InvalidInput(fmt::format("visited states: found {} values per state, expected {}",
                                   visited.cols(), map.n_states()));
  const Index n_windows = std::min(visited.rows(), kMaxWindows);
  Matrix windows(n_windows, cyclic.n_states());
  for (Index i = 0; i < n_windows; ++i)
    windows.row(i) =
        cyclic.unroll(visited.row(i * visited.rows() / n_windows).transpose(), input).transpose();
  const fixed_points::FixedPointSet set =
      find_fixed_points(cyclic, input, windows, options, progress);

  PeriodicOrbits result;
  result.audit.period = period;
  result.audit.index_expected = set.audit.index_expected;
  std::vector<std::int64_t> hits;
  std::vector<Orbit> fixed;  // fixed points of the map itself, as orbits of one state
  for (const fixed_points::FixedPoint& point : set.points) {
    if (point.kind == fixed_points::Kind::undecided) ++result.audit.n_undecided;
    if (point.kind != fixed_points::Kind::fixed) continue;
    const Matrix points = as_rows(point.state, period);
    const int least = least_period(points, point.uniqueness_radius);
    Certificate certificate{true, point.verdict, point.radius, point.uniqueness_radius};
    Orbit orbit = describe(map, input, points.topRows(least), certificate);
    std::vector<Orbit>& known = least == 1 ? fixed : result.orbits;
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const Orbit& other) { return is_same_orbit(orbit, other); });
    if (same != known.end()) continue;
    // Each of its states is a fixed point of F^period, with the index of I - (DF^least)^(period /
    // least).
    result.audit.index_sum += least * point.index;
    if (least == period) ++result.audit.n_orbits;
    known.push_back(std::move(orbit));
  }
  std::sort(result.orbits.begin(), result.orbits.end(), comes_before);
  result.audit.completeness = set.audit.completeness;
  if (set.audit.index_expected && result.audit.index_sum != *set.audit.index_expected)
    result.audit.completeness = fixed_points::Completeness::incomplete;
  return result;
}

}  // namespace nullcline::orbits
