// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/slow_manifold.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "support.hpp"

namespace nullcline::orbits {
namespace {

using fixed_points::FixedPointSet;

/// x' = x + slow * x (1 - x^2) / 10, y' = y / 2 + (x^2) / 4: fixed points at x = -1, 0, 1 on the
/// parabola-like curve y(x), along which the map drifts by slow * x (1 - x^2) / 10 in x.
struct Line {
  double slow = 0.1;

  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    const Scalar x = h[0];
    out[0] = x + Scalar(slow / 10) * x * (Scalar(1.0) - x * x);
    out[1] = Scalar(0.5) * h[1] + Scalar(0.25) * x * x;
  }
};

/// A ring of radius 1: r is drawn to 1 by a half, the angle drifts by a sin(4 angle).
struct Ring {
  double drift = 0.01;

  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    const Scalar x = h[0], y = h[1], r2 = x * x + y * y;
    const Scalar radial = Scalar(0.25) * (Scalar(1.0) - r2);
    // On the circle sin(4 angle) = 4 x y (x^2 - y^2); (-y, x) is the tangent.
    const Scalar turn = Scalar(4 * drift) * x * y * (x * x - y * y);
    out[0] = x + radial * x - turn * y;
    out[1] = y + radial * y + turn * x;
  }
};

/// The set of these states, with their linearizations.
FixedPointSet set_of(const dynamics::System& map,
                     const std::vector<std::pair<double, double>>& states) {
  FixedPointSet set;
  set.input = Vector(0);
  for (const auto& [x, y] : states) {
    fixed_points::FixedPoint point;
    point.kind = fixed_points::Kind::fixed;
    point.state.resize(2);
    point.state << x, y;
    linearize(map, set.input, point);
    set.points.push_back(point);
  }
  return set;
}

TEST(TraceSlowManifold, FollowsALineThroughItsThreeFixedPoints) {
  const dynamics::FunctionSystem map(Line{}, 2, 0);
  SlowManifoldOptions options;
  options.max_drift = 0.02;
  const auto curves = trace_slow_manifold(map, set_of(map, {{0, 0}, {1, 0.5}, {-1, 0.5}}), options);
  ASSERT_EQ(curves.size(), 1U);  // all three lie on one curve
  const SlowManifold& line = curves[0];
  EXPECT_EQ(line.point, 0);
  EXPECT_FALSE(line.is_ring);
  EXPECT_EQ(line.fixed_points.size(), 3U);
  EXPECT_EQ(line.first_end, SlowManifoldEnd::too_fast);
  EXPECT_EQ(line.last_end, SlowManifoldEnd::too_fast);
  EXPECT_GT(line.length, 2);
  for (Index i = 0; i < line.states.rows(); ++i) {
    // y = x^2 / 2 up to the slowness, with the slope x.
    const double x = line.states(i, 0), dx = 0.01 * x * (1 - x * x);
    EXPECT_NEAR(std::abs(line.drift(i)), std::abs(dx) * std::sqrt(1 + x * x),
                0.1 * std::abs(dx) + 1e-9);
    EXPECT_NEAR(line.transverse(i), 0.5, 1e-9);
  }
}

TEST(TraceSlowManifold, ClosesARingAndFindsItsEightFixedPoints) {
  const dynamics::FunctionSystem map(Ring{}, 2, 0);
  const auto curves = trace_slow_manifold(map, set_of(map, {{1, 0}}));
  ASSERT_EQ(curves.size(), 1U);
  const SlowManifold& ring = curves[0];
  EXPECT_TRUE(ring.is_ring);
  EXPECT_NEAR(ring.length, 2 * M_PI, 0.01);
  EXPECT_NEAR(static_cast<double>(ring.fixed_points.size()), 8, 1);  // the start may count twice
  EXPECT_NEAR(ring.drift.cwiseAbs().maxCoeff(), 0.01, 1e-3);
  for (Index i = 0; i < ring.states.rows(); ++i) {
    EXPECT_NEAR(ring.states.row(i).norm(), 1, 0.01);
    EXPECT_NEAR(ring.transverse(i), 0.5, 0.05);
  }
}

TEST(TraceSlowManifold, HasNoDriftOnAnExactRing) {
  const dynamics::FunctionSystem map(Ring{0}, 2, 0);
  const auto curves = trace_slow_manifold(map, set_of(map, {{1, 0}}));
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_TRUE(curves[0].is_ring);
  EXPECT_LT(curves[0].drift.cwiseAbs().maxCoeff(), 1e-10);
}

TEST(TraceSlowManifold, StartsOnlyWhereAnEigenvalueIsNearOne) {
  const dynamics::FunctionSystem map(testing::Rotation{0.5, 0.1}, 2, 0);
  EXPECT_TRUE(trace_slow_manifold(map, set_of(map, {{0, 0}})).empty());
  const dynamics::FunctionSystem line(Line{}, 2, 0);
  SlowManifoldOptions options;
  options.slowness = 1e-4;
  EXPECT_TRUE(trace_slow_manifold(line, set_of(line, {{0, 0}}), options).empty());
}

TEST(TraceSlowManifold, ListensToItsOptions) {
  const dynamics::FunctionSystem map(Line{}, 2, 0);
  const FixedPointSet set = set_of(map, {{0, 0}});
  SlowManifoldOptions options;
  options.max_drift = 0.02;
  const SlowManifold usual = trace_slow_manifold(map, set, options).at(0);
  options.step = 0.2;
  EXPECT_LT(trace_slow_manifold(map, set, options).at(0).states.rows(), usual.states.rows());
  options.step = 0.05;
  options.max_drift = 0.002;
  EXPECT_LT(trace_slow_manifold(map, set, options).at(0).length, usual.length);
  options.max_drift = 0.02;
  options.max_steps = 3;
  const SlowManifold cut = trace_slow_manifold(map, set, options).at(0);
  EXPECT_EQ(cut.states.rows(), 7);
  EXPECT_EQ(cut.last_end, SlowManifoldEnd::max_steps);
}

TEST(TraceSlowManifold, RefusesWhatDoesNotFit) {
  const dynamics::FunctionSystem map(Line{}, 2, 0);
  const FixedPointSet set = set_of(map, {{0, 0}});
  const dynamics::FunctionSystem flow(Line{}, 2, 0, dynamics::Time::continuous);
  EXPECT_THROW(trace_slow_manifold(flow, set), InvalidInput);
  SlowManifoldOptions options;
  options.step = 0;
  EXPECT_THROW(trace_slow_manifold(map, set, options), InvalidInput);
  options = {};
  options.max_drift = -1;
  EXPECT_THROW(trace_slow_manifold(map, set, options), InvalidInput);
  const dynamics::FunctionSystem other(testing::Flip{}, 1, 0);
  EXPECT_THROW(trace_slow_manifold(other, set), InvalidInput);
}

}  // namespace
}  // namespace nullcline::orbits
