// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/verify.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/orbits/cyclic_system.hpp"

namespace nullcline::orbits {

namespace {

using fixed_points::Doubt;
using fixed_points::Equation;

// sign det(I - DF^k), by the product of the Jacobians along the orbit.
int index_of(const dynamics::System& map, ConstVectorRef input, const Matrix& points) {
  Matrix product = Matrix::Identity(map.n_states(), map.n_states());
  for (Index i = 0; i < points.rows(); ++i)
    product = jacobian_at(map, points.row(i).transpose(), input) * product;
  return dynamics::fixed_point_index(dynamics::Time::discrete, product);
}

std::string doubt_of(const dynamics::System& map, ConstVectorRef input, const Orbit& orbit) {
  if (orbit.kind != Kind::periodic || orbit.period < 2 || orbit.points.rows() != orbit.period)
    return "a proof of an orbit that is not periodic";
  if (!orbit.points.allFinite()) return "states that are not finite";
  const CyclicSystem cyclic(map, orbit.period);
  const Equation equation(cyclic, input);
  const Vector point = Eigen::Map<const Vector>(orbit.points.data(), orbit.points.size());
  const fixed_points::Certificate fresh = certify(equation, point, false);
  const double distance = zero_distance(equation, point, fresh.radius);
  if (!(distance <= orbit.radius))
    return fmt::format("an orbit of period {} within {:.3g}", orbit.period, orbit.radius);
  if (!std::isfinite(zero_distance(equation, point, orbit.uniqueness_radius)))
    return fmt::format("exactly one such orbit within {:.3g}", orbit.uniqueness_radius);
  const int index = index_of(map, input, orbit.points);
  if (index != orbit.index) return fmt::format("index {:+d}: found {:+d}", orbit.index, index);
  return "";
}

}  // namespace

std::vector<Doubt> verify(const dynamics::System& map, const OrbitSet& set) {
  std::vector<Doubt> doubts;
  for (std::size_t i = 0; i < set.orbits.size(); ++i) {
    const Orbit& orbit = set.orbits[i];
    if (orbit.verdict != fixed_points::Verdict::proven) continue;
    if (orbit.points.cols() != map.n_states())
      throw InvalidInput(fmt::format("orbit: found states of {} numbers, expected {}",
                                     orbit.points.cols(), map.n_states()));
    const std::string claim = doubt_of(map, set.input, orbit);
    if (!claim.empty()) doubts.push_back({-1, fmt::format("orbit {}: {}", i, claim)});
  }
  return doubts;
}

}  // namespace nullcline::orbits
