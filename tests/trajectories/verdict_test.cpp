// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/trajectories/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "nullcline/core/error.hpp"
#include "systems.hpp"

namespace nullcline::trajectories {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Trajectory classified(const dynamics::System& system, const Vector& start,
                      const TrajectoryOptions& options = {}) {
  return classify_trajectory(system, Vector(0), start, options);
}

TEST(TrajectoryVerdict, ChaosOfFlows) {
  TrajectoryOptions options;
  options.duration = 500;
  const auto lorenz = classified(flow_of<3>(Lorenz{}), Vector{{1, 1, 1}}, options);
  EXPECT_EQ(lorenz.verdict, Verdict::chaos) << lorenz.evidence;
  EXPECT_NEAR(lorenz.kaplan_yorke, 2.06, 0.01);
  // A start on the equilibrium itself: the exponents there are those of a saddle, not of chaos.
  const auto pushed = classified(flow_of<3>(Lorenz{}), Vector{{0, 0, 0}}, options);
  EXPECT_EQ(pushed.verdict, Verdict::chaos);
  EXPECT_NEAR(pushed.spectrum.exponents(0), 0.9056, 0.05);
}

TEST(TrajectoryVerdict, TransientChaosEndsAtAPoint) {
  // Below r = 24.06 the Lorenz system has no chaotic attractor, but long chaotic transients.
  TrajectoryOptions options;
  options.duration = 2000;
  const auto result = classified(flow_of<3>(Lorenz{20}), Vector{{1, 1, 1}}, options);
  EXPECT_EQ(result.verdict, Verdict::fixed_point) << result.evidence;
  EXPECT_NEAR(std::abs(result.point(0)), std::sqrt(8.0 / 3 * 19), 1e-9);
}

TEST(TrajectoryVerdict, AStableFocus) {
  const auto result = classified(flow_of<3>(Lorenz{15}), Vector{{0.1, 0, 3}});
  EXPECT_EQ(result.verdict, Verdict::fixed_point) << result.evidence;
  ASSERT_EQ(result.exact_exponents.size(), 3);
  for (Index i = 0; i < 3; ++i)
    EXPECT_NEAR(result.spectrum.exponents(i), result.exact_exponents(i), 2e-3);
}

TEST(TrajectoryVerdict, TheCycleOfVanDerPol) {
  const auto result = classified(flow_of<2>(VanDerPol{}), Vector{{0.1, 0}});
  EXPECT_EQ(result.verdict, Verdict::cycle) << result.evidence;
  EXPECT_NEAR(result.period, 6.6632868593231, 1e-8);  // Andersen & Geer (1982)
  // ln(multiplier) / period, by collocation, and the mean along the trajectory.
  ASSERT_EQ(result.exact_exponents.size(), 2);
  EXPECT_EQ(result.exact_exponents(0), 0);
  EXPECT_NEAR(result.spectrum.exponents(1), result.exact_exponents(1), 1e-3);
  EXPECT_NEAR(result.exact_exponents.sum(), result.spectrum.mean_divergence, 1e-3);
}

TEST(TrajectoryVerdict, ATorus) {
  const auto result = classified(flow_of<4>(TwoFrequencies{}), Vector{{1, 0.1, 0.5, 0.2}});
  EXPECT_EQ(result.verdict, Verdict::torus) << result.evidence;
  EXPECT_NEAR(result.spectrum.exponents(1), 0, 1e-9);
  EXPECT_NEAR(result.spectrum.exponents(2), -2, 1e-6);
}

TEST(TrajectoryVerdict, AClosedOrbitOfAFamilyIsNoTorus) {
  // Conservative: each orbit returns to itself, and none attracts.
  const auto linear = classified(flow_of<2>(Oscillator{}), Vector{{1, 0}});
  EXPECT_EQ(linear.verdict, Verdict::cycle) << linear.evidence;
  EXPECT_THAT(linear.evidence, HasSubstr("neither attracts nor repels"));
  EXPECT_NEAR(linear.period, 2 * std::numbers::pi, 1e-8);
  EXPECT_NEAR(linear.exact_exponents(1), 0, 1e-9);
  // x'' = -x - x^3 from x = 1: 4 K(1/4) / sqrt(2), by SciPy's ellipk.
  const auto duffing = classified(flow_of<2>(Oscillator{1}), Vector{{1, 0}});
  EXPECT_EQ(duffing.verdict, Verdict::cycle) << duffing.evidence;
  EXPECT_NEAR(duffing.period, 4.768022029, 1e-6);
  // Two exponents vanish and one is negative, and still it is no torus.
  const auto drawn = classified(flow_of<3>(DrawnToAPlane{}), Vector{{1, 0, 1}});
  EXPECT_EQ(drawn.verdict, Verdict::cycle) << drawn.evidence;
  EXPECT_THAT(drawn.evidence, HasSubstr("neither attracts nor repels"));
}

TEST(TrajectoryVerdict, ASlowPassageIsNoAttractor) {
  // One passage takes 44429, twenty times as long as it is followed.
  const Vector start{{std::cos(-1e-4), std::sin(-1e-4)}};
  const auto slow = classified(flow_of<2>(Bottleneck{1e-8}), start);
  EXPECT_EQ(slow.verdict, Verdict::undecided) << slow.evidence;
  EXPECT_THAT(slow.evidence, HasSubstr("too slow to tell a passage from an attractor"));
  const auto seen = classified(flow_of<2>(Bottleneck{1e-2}), start);
  EXPECT_EQ(seen.verdict, Verdict::cycle) << seen.evidence;
  EXPECT_NEAR(seen.period, 2 * std::numbers::pi / std::sqrt(1.01 * 1.01 - 1), 1e-7);
  // And where the passage is closed it is a point.
  const auto closed = classified(flow_of<2>(Bottleneck{-1e-2}), start);
  EXPECT_EQ(closed.verdict, Verdict::fixed_point) << closed.evidence;
}

TEST(TrajectoryVerdict, OfMaps) {
  const Vector start{{0.3, 0.3}};
  EXPECT_EQ(classified(map_of<2>(Henon{}), start).verdict, Verdict::chaos);
  const auto point = classified(map_of<2>(Henon{0.2}), start);
  EXPECT_EQ(point.verdict, Verdict::fixed_point);
  EXPECT_NEAR(point.spectrum.exponents(0), point.exact_exponents(0), 2e-3);
  const auto orbit = classified(map_of<2>(Henon{0.5}), start);
  EXPECT_EQ(orbit.verdict, Verdict::cycle) << orbit.evidence;
  EXPECT_EQ(orbit.period, 2);
  EXPECT_NEAR(orbit.exact_exponents.sum(), std::log(0.3), 1e-9);
  const auto circle = classified(map_of<2>(DelayedLogistic{2.05}), Vector{{0.5, 0.4}});
  EXPECT_EQ(circle.verdict, Verdict::torus) << circle.evidence;
  EXPECT_NEAR(circle.period, 6, 0.3) << "born with six steps a turn at a = 2";
  EXPECT_EQ(classified(map_of<2>(Henon{}), Vector{{3, 0}}).verdict, Verdict::diverged);
}

TEST(TrajectoryVerdict, DivergenceSaysWhen) {
  const auto result = classified(flow_of<1>(BlowUp{}), Vector{{0.0}});
  EXPECT_EQ(result.verdict, Verdict::diverged);
  EXPECT_THAT(result.evidence, HasSubstr("1.57"));
}

TEST(TrajectoryVerdict, OptionsChangeWhatIsDone) {
  TrajectoryOptions options;
  options.n_exponents = 1;
  options.duration = 100;
  options.transient = 7;
  const auto result = classified(flow_of<2>(VanDerPol{}), Vector{{1, 1}}, options);
  EXPECT_EQ(result.spectrum.exponents.size(), 1);
  EXPECT_NEAR(result.spectrum.elapsed, 107, 1e-9);
  const auto arrays = to_arrays(result);
  EXPECT_EQ(arrays.vector("exponents").size(), 1);
  EXPECT_EQ(std::get<std::string>(arrays.attributes.at("verdict")), "cycle");
  options.duration = -1;
  EXPECT_THAT(
      [&] {
        classified(flow_of<2>(VanDerPol{}), Vector{{1, 1}}, options);
      },
      ThrowsMessage<InvalidInput>(HasSubstr("duration: found -1")));
  options.duration = 100;
  options.tolerance = 1;
  EXPECT_THAT(
      [&] {
        classified(flow_of<2>(VanDerPol{}), Vector{{1, 1}}, options);
      },
      ThrowsMessage<InvalidInput>(HasSubstr("tolerance: found 1")));
}

}  // namespace
}  // namespace nullcline::trajectories
