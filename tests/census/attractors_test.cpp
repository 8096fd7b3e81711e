// SPDX-License-Identifier: BSD-3-Clause
// Attractors with known exponents, periods and numbers.
#include "nullcline/census/attractors.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/census/canonical.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::census {
namespace {

using dynamics::Box;
using dynamics::FunctionSystem;
using dynamics::Time;

struct Lorenz {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = Scalar(10.0) * (h[1] - h[0]);
    out[1] = h[0] * (Scalar(28.0) - h[2]) - h[1];
    out[2] = h[0] * h[1] - Scalar(8.0) / Scalar(3.0) * h[2];
  }
};

/// r' = r (1 - r^2), theta' = 1, z' = z - z^3: two stable cycles of the same period.
struct TwoLevels {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    const Scalar rate = Scalar(1.0) - h[0] * h[0] - h[1] * h[1];
    out[0] = rate * h[0] - h[1];
    out[1] = rate * h[1] + h[0];
    out[2] = h[2] - h[2] * h[2] * h[2];
  }
};

/// theta_1' = 1, theta_2' = sqrt(2), both of radius 1: a torus.
struct TwoTurns {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    for (int k = 0; k < 2; ++k) {
      const Scalar x = h[2 * k], y = h[2 * k + 1];
      const Scalar rate = Scalar(1.0) - x * x - y * y, turn(k == 0 ? 1.0 : std::sqrt(2.0));
      out[2 * k] = rate * x - turn * y;
      out[2 * k + 1] = rate * y + turn * x;
    }
  }
};

/// x' = 1 - a x^2.
struct Quadratic {
  double a;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = Scalar(1.0) - Scalar(a) * h[0] * h[0];
  }
};

SkeletonOptions following(int n_trajectories, double duration) {
  SkeletonOptions options;
  options.n_trajectories = n_trajectories;
  options.duration = duration;
  return options;
}

TEST(Attractors, TheLorenzFlowIsChaotic) {
  const Box box{Vector{{-30, -30, -1}}, Vector{{30, 30, 60}}};
  const FunctionSystem flow(Lorenz{}, 3, 0, Time::continuous, box);
  const Skeleton skeleton = find_skeleton(flow, Vector(0), following(2, 1000));
  ASSERT_EQ(skeleton.verdict, Verdict::decided);
  const Counts counts = count_nodes(skeleton.graph, 3);
  EXPECT_EQ(counts.points, (std::vector<int>{0, 1, 2, 0}));
  EXPECT_EQ(counts.n_chaotic, 1);
  EXPECT_EQ(counts.n_stable_cycles + counts.n_tori, 0);
  // 0.9056: Sprott (2003), Chaos and Time-Series Analysis.
  EXPECT_NEAR(skeleton.exponent, 0.9056, 5 * skeleton.exponent_error + 1e-3);
  EXPECT_LT(skeleton.exponent_error, 0.02);
  EXPECT_EQ(canonical_form(skeleton.graph), "d d2 d2 x /");
}

TEST(Attractors, CyclesOfOnePeriodDifferInTheirPlace) {
  const FunctionSystem flow(TwoLevels{}, 3, 0, Time::continuous,
                            Box{Vector::Constant(3, -2), Vector::Constant(3, 2)});
  const Skeleton skeleton = find_skeleton(flow, Vector(0), following(8, 1000));
  ASSERT_EQ(skeleton.verdict, Verdict::decided);
  const Counts counts = count_nodes(skeleton.graph, 3);
  EXPECT_EQ(counts.points, (std::vector<int>{0, 0, 2, 1}));
  EXPECT_EQ(counts.n_stable_cycles, 2);
  EXPECT_TRUE(std::isnan(skeleton.exponent));
  EXPECT_EQ(topology_name(counts, canonical_form(skeleton.graph)).substr(0, 10), "0-0-2-1+2s");
  const Skeleton points_alone = find_skeleton(flow, Vector(0));
  EXPECT_EQ(count_nodes(points_alone.graph, 3).n_stable_cycles, 0);
}

TEST(Attractors, ATorusIsOneNode) {
  const FunctionSystem flow(TwoTurns{}, 4, 0, Time::continuous,
                            Box{Vector::Constant(4, -2), Vector::Constant(4, 2)});
  const Skeleton skeleton = find_skeleton(flow, Vector(0), following(2, 1000));
  ASSERT_EQ(skeleton.verdict, Verdict::decided);
  const Counts counts = count_nodes(skeleton.graph, 4);
  EXPECT_EQ(counts.n_tori, 1);
  EXPECT_EQ(counts.n_chaotic, 0);
}

TEST(Attractors, TheQuadraticMapDoublesItsPeriodUpToChaos) {
  const auto at = [](double a, int n_trajectories) {
    const FunctionSystem map(Quadratic{a}, 1, 0, Time::discrete,
                             Box{Vector{{-1.1}}, Vector{{1.1}}});
    return find_skeleton(map, Vector(0), following(n_trajectories, 10000));
  };
  // Two bands merge, each conjugate to the tent map under two steps: the exponent is ln 2 / 2.
  constexpr double kMerging = 1.5436890126920763;
  const std::pair<double, const char*> expected[] = {
      {0.5, "s /"}, {1.0, "r S2 /"}, {1.3, "r S4 /"}, {kMerging, "r x /"}};
  for (const auto& [a, form] : expected) {
    const Skeleton skeleton = at(a, 8);
    ASSERT_EQ(skeleton.verdict, Verdict::decided) << a;
    EXPECT_EQ(canonical_form(skeleton.graph), form) << a;
    if (a < kMerging) continue;
    EXPECT_NEAR(skeleton.exponent, std::log(2.0) / 2, 5 * skeleton.exponent_error + 1e-3);
  }
  EXPECT_EQ(canonical_form(at(1.3, 0).graph), "r /");
  EXPECT_THROW(at(1.3, -1), InvalidInput);
}

}  // namespace
}  // namespace nullcline::census
