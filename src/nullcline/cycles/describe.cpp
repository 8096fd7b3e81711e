// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "nullcline/cycles/collocation.hpp"
#include "nullcline/cycles/internal/basis.hpp"
#include "nullcline/dynamics/flow.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::cycles {

namespace {

constexpr Index kSamples = 9;  // of each interval, where extrema are looked for
constexpr int kMostSecants = 50;
constexpr double kExtremumTolerance = 1e-13;

struct Extremum {
  double value, s;  // at the place s of the cycle
};

// The polynomials are exact to order 5 of the mesh's width, and at its points to order 8: the flow
// is followed from there. At an extremum the rate of the coordinate vanishes.
double refined(const dynamics::System& flow, ConstVectorRef input, const Profile& profile,
               Index coordinate, const Extremum& extremum) {
  const double* begin = profile.mesh.data();
  const Index interval = std::clamp<Index>(
      std::upper_bound(begin, begin + profile.mesh.size(), extremum.s) - begin - 1, 0,
      profile.n_intervals() - 1);
  const Vector node = profile.states.row(interval * kDegree).transpose();
  double time = (extremum.s - profile.mesh(interval)) * profile.period;
  double value = extremum.value;
  for (int i = 0; i < 4; ++i) {
    const Vector state =
        time > 0 ? Vector(dynamics::integrate(flow, input, node, Vector{{time}}, kExtremumTolerance)
                              .row(0)
                              .transpose())
                 : node;
    const Vector rate = dynamics::evaluate_at(flow, state, input);
    const double acceleration = dynamics::jacobian_at(flow, state, input).row(coordinate).dot(rate);
    value = state(coordinate);
    const double step = -rate(coordinate) / acceleration;
    if (!std::isfinite(step) || std::abs(step) > profile.width(interval) * profile.period) break;
    time = std::max(0.0, time + step);
  }
  return value;
}

// The Illinois variant of the false position.
double root_of_slope(const Profile& profile, Index coordinate, std::pair<double, double> a,
                     std::pair<double, double> b) {
  const double smallest = 1e-13 * std::abs(b.first - a.first);
  for (int step = 0; step < kMostSecants; ++step) {
    const double middle = (a.first * b.second - b.first * a.second) / (b.second - a.second);
    if (!std::isfinite(middle) || std::abs(b.first - a.first) <= smallest) break;
    const double slope = profile.slope_at(middle)(coordinate);
    if (slope * b.second < 0)
      a = b;
    else
      a.second /= 2;
    b = {middle, slope};
    if (slope == 0) break;
  }
  return b.first;
}

// du/ds at even distances within an interval.
Matrix sampled_slopes(const Profile& profile, Index interval) {
  static const Matrix basis = [] {
    Matrix rows(kSamples, internal::kNodes);
    for (Index k = 0; k < kSamples; ++k) {
      const auto at =
          internal::basis_slopes_at(static_cast<double>(k) / static_cast<double>(kSamples - 1));
      rows.row(k) = Eigen::Map<const Eigen::RowVectorXd>(at.data(), internal::kNodes);
    }
    return rows;
  }();
  const Index first = interval * kDegree;
  const Matrix sum =
      basis.leftCols(kDegree).lazyProduct(profile.states.middleRows(first, kDegree)) +
      basis.col(kDegree).lazyProduct(profile.states.row((first + kDegree) % profile.n_points()));
  return sum / profile.width(interval);
}

// Extrema lie where the slope of a coordinate changes its sign.
void find_extrema(const dynamics::System& flow, ConstVectorRef input, const Profile& profile,
                  Extrema extrema, Cycle& cycle) {
  const Index n = profile.states.cols();
  std::vector<Extremum> low, high;
  for (Index j = 0; j < n; ++j) {
    low.push_back({profile.states.col(j).minCoeff(), -1});
    high.push_back({profile.states.col(j).maxCoeff(), -1});
  }
  const auto consider = [&](Index j, double s) {
    const double value = profile.at(s)(j);
    Extremum& least = low[static_cast<std::size_t>(j)];
    Extremum& most = high[static_cast<std::size_t>(j)];
    if (value <= least.value) least = {value, s};
    if (value >= most.value) most = {value, s};
  };
  for (Index i = 0; i < profile.n_intervals(); ++i) {
    const Matrix slopes = sampled_slopes(profile, i);
    for (Index k = 0; k + 1 < kSamples; ++k)
      for (Index j = 0; j < n; ++j) {
        if (slopes(k, j) * slopes(k + 1, j) > 0) continue;
        const auto place = [&](double share) {
          return profile.mesh(i) + profile.width(i) * share / static_cast<double>(kSamples - 1);
        };
        // Off the ends of the interval, where its neighbor's polynomials begin.
        consider(j, root_of_slope(profile, j, {place(static_cast<double>(k) + 1e-9), slopes(k, j)},
                                  {place(static_cast<double>(k) + 1 - 1e-9), slopes(k + 1, j)}));
      }
  }
  cycle.minimum.resize(n);
  cycle.maximum.resize(n);
  for (Index j = 0; j < n; ++j) {
    const auto exact = [&](const Extremum& extremum) {
      const bool is_known = extremum.s < 0 || extrema == Extrema::of_polynomials;
      return is_known ? extremum.value : refined(flow, input, profile, j, extremum);
    };
    cycle.minimum(j) = exact(low[static_cast<std::size_t>(j)]);
    cycle.maximum(j) = exact(high[static_cast<std::size_t>(j)]);
  }
}

// Between the Gauss points, where the residual is largest.
double residual_between(const dynamics::System& flow, ConstVectorRef input,
                        const Profile& profile) {
  const Index count = profile.n_intervals() * 3;
  Matrix states(count, profile.states.cols()), slopes = states, rates = states;
  for (Index i = 0; i < profile.n_intervals(); ++i)
    for (Index k = 0; k < 3; ++k) {
      const double s = profile.mesh(i) + profile.width(i) * (static_cast<double>(k) + 0.02) / 2.04;
      states.row(3 * i + k) = profile.at(s).transpose();
      slopes.row(3 * i + k) = profile.slope_at(s).transpose() / profile.period;
    }
  flow.evaluate(states, input.transpose(), rates);
  return (slopes - rates).cwiseAbs().maxCoeff() / rates.cwiseAbs().maxCoeff();
}

}  // namespace

Profile profile_of(const Cycle& cycle) { return {cycle.period, cycle.mesh, cycle.states}; }

Cycle describe(const dynamics::System& flow, ConstVectorRef input, const Profile& profile,
               Extrema extrema, Monodromy monodromy) {
  Cycle cycle;
  cycle.period = profile.period;
  cycle.mesh = profile.mesh;
  cycle.states = profile.states;
  if (monodromy.matrix.size() == 0) monodromy = Linearization(flow, input, profile, {}).monodromy();
  const ComplexVector all = numerics::eigenvalues(monodromy.matrix);
  std::vector<std::complex<double>> multipliers(all.begin(), all.end());
  const auto trivial = std::min_element(multipliers.begin(), multipliers.end(), [](auto a, auto b) {
    return std::abs(a - 1.0) < std::abs(b - 1.0);
  });
  cycle.trivial_multiplier = trivial->real();
  multipliers.erase(trivial);
  std::sort(multipliers.begin(), multipliers.end(), [](auto a, auto b) {
    return std::pair(-std::abs(a), -a.imag()) < std::pair(-std::abs(b), -b.imag());
  });
  // Of two multipliers the other is the determinant.
  if (multipliers.size() == 1) multipliers[0] = monodromy.determinant;
  cycle.multipliers =
      Eigen::Map<const ComplexVector>(multipliers.data(), static_cast<Index>(multipliers.size()));
  cycle.n_unstable = static_cast<int>(std::count_if(multipliers.begin(), multipliers.end(),
                                                    [](auto m) { return std::abs(m) > 1; }));
  cycle.is_stable = cycle.n_unstable == 0;
  find_extrema(flow, input, profile, extrema, cycle);
  cycle.residual = residual_between(flow, input, profile);
  return cycle;
}

}  // namespace nullcline::cycles
