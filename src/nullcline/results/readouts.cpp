// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/readouts.hpp"

#include <algorithm>
#include <cmath>

namespace nullcline::results {

namespace {

/// Readouts of saddles are not exactly at their levels: -1, 0 and 1 first, the raw value after.
std::vector<double> sort_key(const fixed_points::FixedPoint& point) {
  std::vector<double> key{static_cast<double>(point.kind), static_cast<double>(point.n_unstable)};
  for (double y : point.readout) key.push_back(y < -0.5 ? -1 : (y > 0.5 ? 1 : 0));
  key.insert(key.end(), point.readout.begin(), point.readout.end());
  key.insert(key.end(), point.state.begin(), point.state.end());
  return key;
}

}  // namespace

void attach_readouts(fixed_points::FixedPointSet& set, const models::Network& network) {
  if (network.n_outputs() > 0)
    for (fixed_points::FixedPoint& point : set.points)
      point.readout = models::readout(network, Matrix(point.state.transpose())).row(0);
  std::stable_sort(set.points.begin(), set.points.end(),
                   [](const auto& a, const auto& b) { return sort_key(a) < sort_key(b); });
}

void attach_readouts(orbits::OrbitSet& set, const models::Network& network) {
  if (network.n_outputs() == 0) return;
  for (orbits::Orbit& orbit : set.orbits) orbit.readouts = models::readout(network, orbit.points);
}

}  // namespace nullcline::results
