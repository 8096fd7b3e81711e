// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "nullcline/core/rng.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::continuation {
namespace {

using namespace nullcline::testing;

constexpr double kTight = 1e-10;

TEST(ContinueMap, FindsTheFlipOfTheLogisticMap) {
  const auto system = testing::map(Logistic{}, 1, 1, 2);
  ContinuationOptions options;
  options.n_doublings = 0;
  const auto result =
      continue_branches(system, vec({0}), {"input[0]", 2.5, 3.3}, std::nullopt, options);
  const auto flips = events(result.branches, EventType::flip);
  ASSERT_EQ(flips.size(), 1u);
  EXPECT_NEAR(flips[0].parameters(0), 3, kTight);
  EXPECT_NEAR(flips[0].state(0), 2.0 / 3, kTight);
  EXPECT_NEAR(flips[0].coefficient, 9, 1e-8);  // 1/6 (F''' + 3/2 F''^2) with F'' = -6
  EXPECT_EQ(flips[0].criticality, Criticality::supercritical);
  for (const Branch& branch : result.branches) EXPECT_EQ(branch.kind, BranchKind::fixed_point);
}

TEST(ContinueMap, TracesBranchesOnceThatMeetAtAnEndOfTheInterval) {
  // x = 0 and x = 1 - 1 / r exchange their stability at r = 1.
  const auto system = testing::map(Logistic{}, 1, 1, 2);
  for (const double far : {2.0, 0.5}) {
    for (const bool is_reversed : {false, true}) {
      const ParameterRange range =
          is_reversed ? ParameterRange{"input[0]", far, 1} : ParameterRange{"input[0]", 1, far};
      const auto result = continue_branches(system, vec({0}), range);
      ASSERT_EQ(result.branches.size(), 2u) << far << is_reversed;
      for (const Branch& branch : result.branches) {
        EXPECT_EQ(branch.begin, EndReason::interval_end);
        EXPECT_EQ(branch.end, EndReason::interval_end);
      }
    }
  }
}

TEST(ContinueMap, FollowsOrbitsOfPeriodTwoFromTheirBirthToTheirFlip) {
  const auto system = testing::map(Logistic{}, 1, 1, 2);
  ContinuationOptions options;
  options.period = 2;
  options.n_doublings = 0;
  options.n_searches = 2;
  const auto result =
      continue_branches(system, vec({0}), {"input[0]", 3.5, 2.9}, std::nullopt, options);
  ASSERT_EQ(result.branches.size(), 1u);
  const Branch& branch = result.branches[0];
  EXPECT_EQ(branch.kind, BranchKind::period_k);
  EXPECT_EQ(branch.period, 2);
  EXPECT_EQ(branch.end, EndReason::joined);
  ASSERT_EQ(branch.events.size(), 2u);
  EXPECT_EQ(branch.events[0].type, EventType::flip);
  EXPECT_NEAR(branch.events[0].parameters(0), 1 + std::sqrt(6.0), kTight);
  EXPECT_EQ(branch.events[0].criticality, Criticality::supercritical);
  EXPECT_EQ(branch.events[1].type, EventType::branch_point);
  EXPECT_NEAR(branch.events[1].parameters(0), 3, 1e-9);
}

TEST(ContinueMap, FollowsTheDoublingsOfTheLogisticMap) {
  const auto system = testing::map(Logistic{}, 1, 1, 2);
  ContinuationOptions options;
  options.n_doublings = 2;
  const auto result =
      continue_branches(system, vec({0}), {"input[0]", 2.5, 3.56}, std::nullopt, options);
  std::vector<int> periods;
  for (const Branch& branch : result.branches)
    if (branch.kind == BranchKind::period_k) {
      periods.push_back(branch.period);
      EXPECT_EQ(branch.begin, EndReason::joined);
      EXPECT_EQ(branch.end, EndReason::interval_end);
    }
  EXPECT_EQ(periods, (std::vector{2, 4}));
  const auto flips = events(result.branches, EventType::flip);
  ASSERT_EQ(flips.size(), 3u);
  EXPECT_NEAR(flips[1].parameters(0), 1 + std::sqrt(6.0), kTight);
  EXPECT_NEAR(flips[2].parameters(0), 3.5440903595519228536, kTight);  // of degree 12 in r
  options.n_doublings = 0;
  for (const Branch& branch :
       continue_branches(system, vec({0}), {"input[0]", 2.5, 3.56}, std::nullopt, options).branches)
    EXPECT_EQ(branch.period, 1);
}

// The logistic map at r = 3.2 - p^2.
struct Bubble {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = (S(3.2) - x[0] * x[0]) * h[0] * (S(1) - h[0]);
  }
};

TEST(ContinueMap, FollowsABubbleOfDoubledOrbitsOnce) {
  const auto system = testing::map(Bubble{}, 1, 1, 2);
  const auto result = continue_branches(system, vec({0}), {"input[0]", -1, 1});
  std::vector<Branch> doubled;
  for (const Branch& branch : result.branches)
    if (branch.period == 2) doubled.push_back(branch);
  ASSERT_EQ(doubled.size(), 1u);
  EXPECT_EQ(doubled[0].begin, EndReason::joined);
  EXPECT_EQ(doubled[0].end, EndReason::joined);
  EXPECT_NEAR(doubled[0].parameters.cwiseAbs().maxCoeff(), std::sqrt(0.2), 1e-3);
}

TEST(ContinueMap, FindsTheNeimarkSackerPointOfTheDelayedLogisticMap) {
  const auto system = testing::map(DelayedLogistic{}, 2, 1, 2);
  const auto result = continue_branches(system, vec({0}), {"input[0]", 1.5, 2.2});
  const auto points = events(result.branches, EventType::neimark_sacker);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_NEAR(points[0].parameters(0), 2, kTight);
  EXPECT_NEAR(points[0].state(0), 0.5, kTight);
  EXPECT_NEAR(points[0].period, 6, 1e-9);
  EXPECT_NEAR(points[0].coefficient, -1, 1e-8);
  EXPECT_EQ(points[0].criticality, Criticality::supercritical);
}

TEST(ContinueMap, FindsEquation8WithAStepOfOneElsewhereThanItsFlow) {
  const double k = 1.5;
  const NamedSystem system(Equation8{k, 1.5, true}, 2, Time::discrete, box(2, 1));
  const auto result = continue_branches(system, Vector(0), {"parameter", 1.5, 0.5});
  const auto points = events(result.branches, EventType::neimark_sacker);
  ASSERT_EQ(points.size(), 1u);
  // |k exp(i alpha) + 1| = 2
  EXPECT_NEAR(points[0].parameters(0), std::acos((3 - k * k) / (2 * k)), kTight);
  EXPECT_GT(points[0].parameters(0), std::acos(1 / k) + 0.1);
  EXPECT_TRUE(events(result.branches, EventType::hopf).empty());
}

// A network's branches must hold all points that a search at another input finds.
void expect_all_points(const dynamics::System& system, const Vector& input,
                       const ParameterRange& range, const std::vector<double>& values) {
  ContinuationOptions options;
  options.n_doublings = 0;
  const auto result = continue_branches(system, input, range, std::nullopt, options);
  for (const double value : values) {
    Vector held = input;
    held(0) = value;
    const auto set = fixed_points::find_fixed_points(system, held, Matrix(0, system.n_states()));
    EXPECT_EQ(n_crossings(result.branches, value), set.n_fixed()) << "at " << value;
  }
  for (const Branch& branch : result.branches) {
    EXPECT_EQ(branch.end, EndReason::interval_end);
    EXPECT_EQ(branch.begin, EndReason::interval_end);
  }
}

TEST(ContinueMap, HoldsAllFixedPointsOfAFlipFlop) {
  const auto system = models::make_system(ideal_flip_flop(3));
  const auto result = continue_branches(*system, Vector::Zero(3), {"input[0]", -0.3, 0.3});
  // tanh(2 h + 4 u) = h folds at |u| = (2 h - atanh h) / 4 with 1 - h^2 = 1/2.
  const double h = std::sqrt(0.5), fold = (2 * h - std::atanh(h)) / 4;
  const auto folds = events(result.branches, EventType::fold);
  EXPECT_EQ(folds.size(), 18u);  // two for each of nine states of the other two bits
  for (const Event& each : folds) EXPECT_NEAR(std::abs(each.parameters(0)), fold, kTight);
  expect_all_points(*system, Vector::Zero(3), {"input[0]", -0.3, 0.3}, {-0.21, 0.01, 0.1});
}

TEST(ContinueMap, HoldsAllFixedPointsOfCellsWithGates) {
  for (const auto cell : {models::CellKind::gru, models::CellKind::lstm, models::CellKind::ugrnn}) {
    Rng rng(3, Purpose::tests);
    const auto net =
        random_network(cell, models::Activation::tanh, models::Reset::after, 3, 1, 6.0, rng);
    const auto system = models::make_system(net);
    expect_all_points(*system, Vector::Zero(1), {"input[0]", -1, 1}, {-0.37, 0.21, 0.83});
  }
}

TEST(ContinueMap, FollowsTheGainOfANetworkThroughSimultaneousEvents) {
  const auto system = models::make_system(ideal_flip_flop(1));
  const auto result = continue_branches(*system, Vector::Zero(1), {"gain", 0.2, 1.0});
  const auto points = events(result.branches, EventType::branch_point);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_NEAR(points[0].parameters(0), 0.5, kTight);  // tanh(2 g h) at 2 g = 1
  EXPECT_EQ(points[0].criticality, Criticality::supercritical);
  // Two bits do so at once: said, not followed, and what the search at the end finds is traced.
  const auto twice = models::make_system(ideal_flip_flop(2));
  const auto degenerate = continue_branches(*twice, Vector::Zero(2), {"gain", 0.2, 1.0});
  EXPECT_FALSE(degenerate.warnings.empty());
  EXPECT_EQ(n_crossings(degenerate.branches, 0.9), 9);
}

}  // namespace
}  // namespace nullcline::continuation
