// SPDX-License-Identifier: BSD-3-Clause
// Values: oracles computed with Taylor series in many digits, beside the project.
#include "nullcline/cycles/find.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "flows.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/cycles/collocation.hpp"

namespace nullcline::cycles {
namespace {

using testing::flow_of;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const dynamics::Box kUnitBox{Vector{{-1.0, -1.0}}, Vector{{1.0, 1.0}}};

TEST(FindCycles, Equation8sPeriodsAndExtrema) {
  struct Known {
    double alpha, period, maximum;
  };
  for (const auto& [alpha, period, maximum] : {Known{0.82, 11.7264679777382, 0.204127512},
                                               {0.7, 14.9772000398997, 0.517221791},
                                               {0.5, 23.6740263669782, 0.758439031},
                                               {0.3, 46.7691310823491, 0.877108426}}) {
    const auto flow = flow_of(testing::Equation8{alpha});
    const CycleSet set = find_cycles(flow, Vector(0), kUnitBox, {.n_starts = 5});
    ASSERT_EQ(set.cycles.size(), 1U) << alpha;
    EXPECT_NEAR(set.cycles[0].period, period, 1e-8 * period);
    // The oracle has 15 digits.
    EXPECT_LE(std::abs(set.cycles[0].period / period - 1),
              std::max(set.cycles[0].period_error, 5e-15));
    EXPECT_LE(set.cycles[0].period_error, 1e-11);
    EXPECT_NEAR(set.cycles[0].maximum(0), maximum, 2e-9);
    EXPECT_TRUE(set.cycles[0].is_stable);
    EXPECT_GE(set.n_on_cycles, 5);
  }
}

TEST(FindCycles, AHiddenStableCycleAroundAnUnstableOneAroundAStableFocus) {
  const auto flow = flow_of(testing::HalfGatedGru{{{8, 5.2}, {-12.7, -3.9}}, {-0.1, 0.6}});
  const CycleSet set = find_cycles(flow, Vector(0), kUnitBox, {.n_starts = 60});
  ASSERT_EQ(set.cycles.size(), 2U);
  EXPECT_NEAR(set.cycles[0].period, 4.8978, 5e-5);
  EXPECT_FALSE(set.cycles[0].is_stable);
  EXPECT_NEAR(set.cycles[1].period, 6.5529, 5e-5);
  EXPECT_TRUE(set.cycles[1].is_stable);
}

TEST(FindCycles, ACycleTraversedTwiceIsTheCycle) {
  const dynamics::FunctionSystem flow(testing::Roessler{}, 3, 0, dynamics::Time::continuous);
  const dynamics::Box box{Vector{{-15, -15, -1}}, Vector{{15, 15, 30}}};
  const CycleSet set = find_cycles(flow, Vector(0), box, {.n_starts = 12});
  ASSERT_EQ(set.cycles.size(), 1U);
  const Cycle& cycle = set.cycles[0];
  EXPECT_NEAR(cycle.period, 5.7489911832780, 1e-8);  // SciPy, by DOP853
  // Sampled over two turns it is the same cycle.
  const Profile once = profile_of(cycle);
  const Vector times = Vector::LinSpaced(401, 0, 2 * cycle.period).head(400);
  Matrix states(400, 3);
  for (Index i = 0; i < 400; ++i) states.row(i) = once.at(times(i) / cycle.period).transpose();
  const auto twice = solve_cycle(flow, Vector(0), profile_of(times, states, 2 * cycle.period, 40));
  ASSERT_TRUE(twice);
  EXPECT_TRUE(is_same(*twice, cycle)) << twice->period;
}

TEST(FindCycles, ACycleOfTwiceThePeriodStaysOne) {  // c = 3.5: the doubled one attracts
  const dynamics::FunctionSystem flow(testing::Roessler{3.5}, 3, 0, dynamics::Time::continuous);
  const dynamics::Box box{Vector{{-8, -8, -1}}, Vector{{8, 8, 20}}};
  const CycleSet set = find_cycles(flow, Vector(0), box, {.n_starts = 8});
  ASSERT_FALSE(set.cycles.empty());
  EXPECT_NEAR(set.cycles.back().period, 11.545218287763, 1e-7);  // SciPy, by DOP853
  EXPECT_TRUE(set.cycles.back().is_stable);
}

TEST(FindCycles, NoTrajectoryEndsOnACycleThatRepelsIt) {
  // At rho = 28 the cycles in the Lorenz attractor are of saddle type.
  const dynamics::FunctionSystem flow(testing::Lorenz{}, 3, 0, dynamics::Time::continuous);
  const dynamics::Box box{Vector{{-30, -40, -10}}, Vector{{30, 40, 60}}};
  const CycleSet set = find_cycles(flow, Vector(0), box, {.n_starts = 16});
  EXPECT_EQ(set.n_on_cycles, 0);
  EXPECT_GT(set.n_met_cycles, 0);
  ASSERT_FALSE(set.cycles.empty());
  for (const Cycle& cycle : set.cycles) EXPECT_GT(std::abs(cycle.multipliers(0)), 1);
  // The shortest, once around each wing: Viswanath, Physica D 190 (2004), 115.
  EXPECT_NEAR(set.cycles.front().period, 1.5586522107161747, 1e-11);
}

TEST(FindCycles, StopsWhileTrajectoriesAreFollowed) {
  const dynamics::FunctionSystem flow(testing::Lorenz{}, 3, 0, dynamics::Time::continuous);
  const dynamics::Box box{Vector{{-30, -30, 0}}, Vector{{30, 30, 60}}};
  int n_asked = 0;
  const Progress stop = [&](const ProgressUpdate&) { return ++n_asked < 5; };
  const CycleSet set = find_cycles(flow, Vector(0), box, {.n_starts = 16, .max_time = 1e6}, stop);
  EXPECT_EQ(n_asked, 5) << "it is asked within the first trajectories, and never again";
  EXPECT_TRUE(set.cycles.empty());
}

TEST(FindCycles, FitzHughNagumosOne) {
  const dynamics::Box box{Vector{{-3.0, -2.0}}, Vector{{3.0, 3.0}}};
  const CycleSet set =
      find_cycles(flow_of(testing::FitzHughNagumo()), Vector(0), box, {.n_starts = 10});
  ASSERT_EQ(set.cycles.size(), 1U);
  EXPECT_NEAR(set.cycles[0].period, 36.978751673911973, 36.97 * 1e-9);
}

TEST(FindCycles, WhereAllComesToRestThereAreNone) {
  const CycleSet set =
      find_cycles(flow_of(testing::Equation8{0.9}), Vector(0), kUnitBox, {.n_starts = 10});
  EXPECT_TRUE(set.cycles.empty());
  EXPECT_EQ(set.n_at_rest, 10);
  EXPECT_EQ(set.n_on_cycles + set.n_undecided, 0);
}

TEST(FindCycles, TheNumberOfThreadsDoesNotMatter) {
  const auto flow = flow_of(testing::HalfGatedGru{{{8, 5.2}, {-12.7, -3.9}}, {-0.1, 0.6}});
  set_n_threads(1);
  const CycleSet one = find_cycles(flow, Vector(0), kUnitBox, {.n_starts = 20});
  set_n_threads(2);
  const CycleSet two = find_cycles(flow, Vector(0), kUnitBox, {.n_starts = 20});
  set_n_threads(0);
  ASSERT_EQ(one.cycles.size(), two.cycles.size());
  for (std::size_t i = 0; i < one.cycles.size(); ++i)
    EXPECT_EQ(one.cycles[i].states, two.cycles[i].states);
}

TEST(FindCycles, RefusesWhatItCannotFollow) {
  const dynamics::FunctionSystem<testing::Equation8> map({0.5}, 2, 0);
  EXPECT_THAT([&] { find_cycles(map, Vector(0), kUnitBox); },
              ThrowsMessage<InvalidInput>(HasSubstr("found a map, expected a flow")));
  const auto flow = flow_of(testing::Equation8{0.5});
  EXPECT_THROW(find_cycles(flow, Vector(0), {Vector(1), Vector(1)}), InvalidInput);
  EXPECT_THROW(find_cycles(flow, Vector(0), kUnitBox, {.n_starts = 0}), InvalidInput);
  EXPECT_THROW(find_cycles(flow, Vector(0), kUnitBox, {.max_time = -1}), InvalidInput);
  EXPECT_THROW(find_cycles(flow, Vector(0), kUnitBox, {.tolerance = 0}), InvalidInput);
}

}  // namespace
}  // namespace nullcline::cycles
