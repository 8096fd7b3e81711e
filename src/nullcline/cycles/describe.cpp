// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <vector>

#include "nullcline/cycles/collocation.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::cycles {

namespace {

constexpr int kSamples = 9;  // of each interval, where extrema are looked for
constexpr int kBisections = 50;

// Extrema lie where the slope of a coordinate changes its sign.
void find_extrema(const Profile& profile, Cycle& cycle) {
  cycle.minimum = profile.states.colwise().minCoeff().transpose();
  cycle.maximum = profile.states.colwise().maxCoeff().transpose();
  for (Index i = 0; i < profile.n_intervals(); ++i)
    for (int k = 0; k + 1 < kSamples; ++k) {
      const double a = profile.mesh(i) + profile.width(i) * (k + 1e-9) / (kSamples - 1);
      const double b = profile.mesh(i) + profile.width(i) * (k + 1 - 1e-9) / (kSamples - 1);
      const Vector first = profile.slope_at(a), last = profile.slope_at(b);
      for (Index j = 0; j < first.size(); ++j) {
        if (first(j) * last(j) > 0) continue;
        double low = a, high = b;
        for (int step = 0; step < kBisections; ++step) {
          const double middle = (low + high) / 2;
          (profile.slope_at(middle)(j) * first(j) > 0 ? low : high) = middle;
        }
        const double value = profile.at(low)(j);
        cycle.minimum(j) = std::min(cycle.minimum(j), value);
        cycle.maximum(j) = std::max(cycle.maximum(j), value);
      }
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

Cycle describe(const dynamics::System& flow, ConstVectorRef input, const Profile& profile) {
  Cycle cycle;
  cycle.period = profile.period;
  cycle.mesh = profile.mesh;
  cycle.states = profile.states;
  const ComplexVector all =
      numerics::eigenvalues(Linearization(flow, input, profile, {}).monodromy());
  std::vector<std::complex<double>> multipliers(all.begin(), all.end());
  const auto trivial = std::min_element(multipliers.begin(), multipliers.end(), [](auto a, auto b) {
    return std::abs(a - 1.0) < std::abs(b - 1.0);
  });
  cycle.trivial_multiplier = trivial->real();
  multipliers.erase(trivial);
  std::sort(multipliers.begin(), multipliers.end(), [](auto a, auto b) {
    return std::pair(-std::abs(a), -a.imag()) < std::pair(-std::abs(b), -b.imag());
  });
  cycle.multipliers =
      Eigen::Map<const ComplexVector>(multipliers.data(), static_cast<Index>(multipliers.size()));
  cycle.n_unstable = static_cast<int>(std::count_if(multipliers.begin(), multipliers.end(),
                                                    [](auto m) { return std::abs(m) > 1; }));
  cycle.is_stable = cycle.n_unstable == 0;
  find_extrema(profile, cycle);
  cycle.residual = residual_between(flow, input, profile);
  return cycle;
}

}  // namespace nullcline::cycles
