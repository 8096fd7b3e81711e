// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/slow.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "nullcline/fixed_points/search.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using testing::PlainSystem;

TEST(SlowPoint, HasTheLifetimeOfASaddleNode) {
  for (const double gap : {1e-2, 1e-4, 1e-8}) {
    const PlainSystem system = testing::saddle_node(gap);
    const auto slow = refine_slow_point(Equation(system, Vector(0)), Vector{{0.05}});
    ASSERT_TRUE(slow.has_value()) << gap;
    EXPECT_NEAR(slow->state(0), 0, 1e-6) << gap;
    EXPECT_NEAR(slow->lifetime * std::sqrt(gap) / std::numbers::pi, 1, 1e-6) << gap;
    EXPECT_NEAR(slow->q / (gap * gap / 2), 1, 1e-6) << gap;
  }
}

TEST(SlowPoint, IsNotWhatPassesQuickly) {
  const PlainSystem fast = testing::saddle_node(0.5);  // q is far above the limit
  EXPECT_FALSE(refine_slow_point(Equation(fast, Vector(0)), Vector{{0.05}}).has_value());
}

// h' = h + (x^2 + gap) along a direction that is no axis, contracting across it.
PlainSystem tilted_ghost(double gap) {
  const Vector along = Vector{{0.6, 0.8}}, across = Vector{{-0.8, 0.6}};
  return {2, dynamics::Time::discrete,
          [=](const Vector& h) {
            const double x = along.dot(h), y = across.dot(h);
            return Vector((x + x * x + gap) * along + (0.5 * y + 0.3 * x) * across);
          },
          [=](const Vector& h) {
            const double x = along.dot(h);
            return Matrix(along * (1 + 2 * x) * along.transpose() +
                          across * (0.5 * across + 0.3 * along).transpose());
          }};
}

// Steps that the map takes from x = -0.5 to x = 0.5 along the ghost.
int steps_to_pass(double gap) {
  double x = -0.5;
  int n = 0;
  for (; x < 0.5; ++n) x += x * x + gap;
  return n;
}

TEST(SlowPoint, PredictsHowLongAMapTakes) {
  const double gap = 1e-6;
  const auto system = tilted_ghost(gap);
  const auto slow = refine_slow_point(Equation(system, Vector(0)), Vector{{0.1, 0.2}});
  ASSERT_TRUE(slow.has_value());
  EXPECT_NEAR(slow->lifetime / steps_to_pass(gap), 1, 0.01);
}

TEST(SlowPoint, AppearsWhereATrainedNetworkLostAPair) {
  // h' = tanh(1.05 h + b) has one point for b = 0.01, and a ghost of the two that left.
  models::Network network =
      nullcline::testing::tanh_network(1.05 * Matrix::Identity(1, 1), Matrix(1, 0));
  network.bias = Vector{{0.01}};
  const auto system = models::make_system(network);
  const auto slow = refine_slow_point(Equation(*system, Vector(0)), Vector{{-0.2}});
  ASSERT_TRUE(slow.has_value());
  EXPECT_NEAR((1 - std::pow(std::tanh(1.05 * slow->state(0) + 0.01), 2)) * 1.05, 1, 1e-8);
}

TEST(SlowPoint, IsReportedBesideTheOneFixedPointOfASingleUnit) {
  // h' = tanh(2 h + b) a little past its fold at 1 - tanh^2 = 1/2, with the ghost near sqrt(1/2).
  const double h = std::sqrt(0.5), fold = std::atanh(h) - 2 * h;
  for (const double past : {1e-3, 1e-5}) {
    models::Network network =
        nullcline::testing::tanh_network(2 * Matrix::Identity(1, 1), Matrix(1, 0));
    network.bias = Vector{{fold - past}};
    const auto system = models::make_system(network);
    const FixedPointSet set = find_fixed_points(*system, Vector(0), Matrix(0, 1));
    ASSERT_EQ(set.points.size(), 2U) << past;
    EXPECT_EQ(set.points[1].kind, Kind::slow);
    EXPECT_NEAR(set.points[1].state(0), h, 10 * past);
    // x' = -past/2 - sqrt(2) x^2 there.
    const double expected = std::numbers::pi / std::sqrt(past / 2 * h * 2);
    EXPECT_NEAR(set.points[1].lifetime / expected, 1, 0.02) << past;
  }
}

TEST(DistinctSlowPoints, MergeUnlessABarrierParts) {
  // q of f = (x^2 - 1)^2 + 0.01 has two equal minima with a barrier at 0.
  const PlainSystem two_wells(
      1, dynamics::Time::continuous,
      [](const Vector& x) { return Vector((x.array().square() - 1).square() + 0.01); },
      [](const Vector& x) { return Matrix::Constant(1, 1, 4 * x(0) * (x(0) * x(0) - 1)); });
  const Equation equation(two_wells, Vector(0));
  std::vector<SlowPoint> points;
  for (const double start : {-1.01, 0.98, 1.03, -0.97})
    points.push_back({Vector{{start}}, equation.residual_at(Vector{{start}}).squaredNorm() / 2, 1});
  const auto kept = distinct_slow_points(equation, points);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_LT(kept[0].state(0) * kept[1].state(0), 0);
  EXPECT_LE(kept[0].q, kept[1].q);
}

}  // namespace
}  // namespace nullcline::fixed_points
