// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "support.hpp"

namespace nullcline::continuation {
namespace {

using namespace nullcline::testing;

constexpr double kTight = 1e-10;

TEST(Continue, FindsTheFoldAndItsCoefficient) {
  const auto system = flow(Fold{-1}, 1, 1, 3);
  const auto result = continue_branches(system, vec({0}), {"input[0]", 1, -1});
  ASSERT_EQ(result.branches.size(), 1u);
  const Branch& branch = result.branches[0];
  EXPECT_EQ(branch.kind, BranchKind::equilibrium);
  EXPECT_EQ(branch.begin, EndReason::interval_end);
  EXPECT_EQ(branch.end, EndReason::interval_end);
  EXPECT_DOUBLE_EQ(branch.parameters(0, 0), 1);
  EXPECT_DOUBLE_EQ(branch.parameters(branch.parameters.rows() - 1, 0), 1);
  ASSERT_EQ(branch.events.size(), 1u);
  const Event& fold = branch.events[0];
  EXPECT_EQ(fold.type, EventType::fold);
  EXPECT_NEAR(fold.parameters(0), 0, kTight);
  EXPECT_NEAR(fold.state(0), 0, kTight);
  EXPECT_NEAR(fold.coefficient, -1, 1e-9);
  EXPECT_EQ(fold.criticality, Criticality::unknown);
}

TEST(Continue, FindsHopfPointsOfBothSigns) {
  for (const double s : {-1.0, 0.5}) {
    const auto system = flow(HopfNormalForm{s, 2}, 2, 1, 3);
    const auto result = continue_branches(system, vec({0}), {"input[0]", -0.7, 1});
    const auto hopf = events(result.branches, EventType::hopf);
    ASSERT_EQ(hopf.size(), 1u);
    EXPECT_NEAR(hopf[0].parameters(0), 0, kTight);
    EXPECT_NEAR(hopf[0].period, M_PI, 1e-9);
    // z' = i w z + s z |z|^2 with z = sqrt(2) (coordinate along |q| = 1): l1 = 2 Re c1 / w with
    // c1 = s halved once.
    EXPECT_NEAR(hopf[0].coefficient, 2 * s / 2, 1e-9);
    EXPECT_EQ(hopf[0].criticality, s < 0 ? Criticality::supercritical : Criticality::subcritical);
    EXPECT_TRUE(events(result.branches, EventType::fold).empty());
  }
}

TEST(Continue, SwitchesAtAPitchforkOfEitherSign) {
  for (const double s : {-1.0, 2.0}) {
    const auto system = flow(Pitchfork{s}, 1, 1, 5);
    ContinuationOptions options;
    options.n_searches = 1;
    // Starts where there is only the middle branch.
    const double from = s < 0 ? -0.5 : 0.5;
    const auto result =
        continue_branches(system, vec({0}), {"input[0]", from, -from}, std::nullopt, options);
    ASSERT_EQ(result.branches.size(), 2u);
    const auto points = events(result.branches, EventType::branch_point);
    ASSERT_EQ(points.size(), 1u);
    EXPECT_NEAR(points[0].parameters(0), 0, kTight);
    EXPECT_EQ(points[0].note, "pitchfork");
    EXPECT_NEAR(points[0].coefficient, s, 1e-8);
    EXPECT_EQ(points[0].criticality, s < 0 ? Criticality::supercritical : Criticality::subcritical);
    const Branch& outer = result.branches[1];
    EXPECT_EQ(outer.end, EndReason::interval_end);
    EXPECT_NEAR(std::abs(outer.states(0, 0)), std::sqrt(0.5 / std::abs(s)), 1e-12);
    EXPECT_NEAR(outer.states(0, 0), -outer.states(outer.states.rows() - 1, 0), 1e-12);
  }
}

TEST(Continue, TellsATranscriticalPointAndTracesBothBranchesOnce) {
  const auto system = flow(Transcritical{}, 1, 1, 5);
  const auto result = continue_branches(system, vec({0}), {"input[0]", -1, 1});
  EXPECT_EQ(result.branches.size(), 2u);
  const auto points = events(result.branches, EventType::branch_point);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points[0].note, "transcritical");
  EXPECT_NEAR(points[0].coefficient, -1, 1e-8);
  EXPECT_NEAR(points[0].parameters(0), 0, kTight);
}

TEST(Continue, FindsTheFoldsOfOneGruUnit) {
  struct Case {
    GruUnit unit;
    double folds[2], states[2];
  };
  for (const Case& c : {Case{{6, 0, 0},
                             {-1.30327390800258925, 1.30327390800258925},
                             {0.816496580927726, -0.816496580927726}},
                        Case{{4, 0.5, 0.3},
                             {-1.04210085470016417752, 0.509149883927234308},
                             {0.819408791898025957, -0.632654670724934358}}}) {
    const auto system = flow(c.unit, 1, 1, 1);
    const auto result = continue_branches(system, vec({0}), {"input[0]", -2, 2});
    auto folds = events(result.branches, EventType::fold);
    ASSERT_EQ(folds.size(), 2u);
    for (const Event& fold : folds) {
      const int k = fold.parameters(0) < 0 ? 0 : 1;
      EXPECT_NEAR(fold.parameters(0), c.folds[k], kTight);
      EXPECT_NEAR(fold.state(0), c.states[k], 1e-9);
    }
  }
}

TEST(Continue, FindsTheHopfPointAndFourFoldsOfEquation8) {
  for (const auto& [k, hopf_at, fold_at] :
       {std::tuple{1.5, 0.84106867056793026, 0.14782207067906648},
        std::tuple{3 / (1 + std::exp(-2.0)), 1.18268045464619922, 0.34625351879594776}}) {
    const NamedSystem system(Equation8{k, 1.3}, 2, Time::continuous, box(2, 1));
    const auto result = continue_branches(system, Vector(0), {"parameter", 1.3, 0.1});
    const auto hopf = events(result.branches, EventType::hopf);
    ASSERT_EQ(hopf.size(), 1u);
    EXPECT_NEAR(hopf[0].parameters(0), std::acos(1 / k), kTight);
    EXPECT_NEAR(hopf[0].parameters(0), hopf_at, kTight);
    EXPECT_EQ(hopf[0].criticality, Criticality::supercritical);
    const double omega = 0.5 * std::sqrt(k * k - 1);
    EXPECT_NEAR(hopf[0].period, 2 * M_PI / omega, 1e-9);
    // Re c1 = -k^2/8 with z of |q|^2 = 2.
    EXPECT_NEAR(hopf[0].coefficient, -2 * k * k / 8 / omega, 1e-8);
    const auto folds = events(result.branches, EventType::fold);
    ASSERT_EQ(folds.size(), 4u);
    for (const Event& fold : folds) EXPECT_NEAR(fold.parameters(0), fold_at, kTight);
    EXPECT_EQ(n_crossings(result.branches, fold_at - 0.01), 9);
    EXPECT_EQ(n_crossings(result.branches, fold_at + 0.01), 1);
  }
}

TEST(Continue, FindsAllThreeFoldsOfEquation9) {
  const auto system = flow(Equation9{}, 2, 1, 1);
  const auto result = continue_branches(system, vec({0}), {"input[0]", 0, 0.5});
  const auto hopf = events(result.branches, EventType::hopf);
  ASSERT_EQ(hopf.size(), 1u);
  EXPECT_NEAR(hopf[0].parameters(0), 0.0530093942197543494, kTight);
  EXPECT_NEAR(hopf[0].period, 86.5859514777609492, 1e-8);
  EXPECT_NEAR(hopf[0].coefficient, -9.49746820367, 1e-6);
  EXPECT_EQ(hopf[0].criticality, Criticality::supercritical);
  std::vector<double> folds;
  for (const Event& fold : events(result.branches, EventType::fold))
    folds.push_back(fold.parameters(0));
  std::sort(folds.begin(), folds.end());
  ASSERT_EQ(folds.size(), 3u);
  EXPECT_NEAR(folds[0], 0.026720016045309485195, kTight);
  EXPECT_NEAR(folds[1], 0.095500684327142717027, kTight);
  EXPECT_NEAR(folds[2], 0.41088359023455926054, kTight);
  EXPECT_EQ(n_crossings(result.branches, 0.051), 5);
}

TEST(Continue, GivesTheSameForAnyNumberOfThreads) {
  const auto system = flow(Equation9{}, 2, 1, 1);
  set_n_threads(1);
  const auto one = continue_branches(system, vec({0}), {"input[0]", 0, 0.5});
  set_n_threads(3);
  const auto three = continue_branches(system, vec({0}), {"input[0]", 0, 0.5});
  set_n_threads(0);
  ASSERT_EQ(one.branches.size(), three.branches.size());
  for (std::size_t i = 0; i < one.branches.size(); ++i) {
    EXPECT_EQ(one.branches[i].states, three.branches[i].states);
    EXPECT_EQ(one.branches[i].parameters, three.branches[i].parameters);
  }
}

TEST(Continue, SaysWhyABranchEnds) {
  const auto system = flow(Fold{-1}, 1, 1, 3);
  ContinuationOptions options;
  options.n_searches = 1;
  options.steps.max_state = 0.5;
  const auto left =
      continue_branches(system, vec({0}), {"input[0]", 0.2, 0.9}, std::nullopt, options);
  EXPECT_EQ(left.branches[0].end, EndReason::left_box);
  options.steps = {};
  options.steps.max_points = 5;
  const auto few =
      continue_branches(system, vec({0}), {"input[0]", 0.2, 0.9}, std::nullopt, options);
  EXPECT_EQ(few.branches[0].end, EndReason::max_points);
  EXPECT_EQ(few.branches[0].states.rows(), 5);
}

TEST(Continue, TakesLongerStepsWhereItMay) {
  const auto system = flow(Fold{-1}, 1, 1, 3);
  ContinuationOptions options;
  const ParameterRange range{"input[0]", 1, 2};
  const auto fine = continue_branches(system, vec({0}), range, std::nullopt, options);
  options.steps.max_step = 0.2;
  const auto coarse = continue_branches(system, vec({0}), range, std::nullopt, options);
  EXPECT_LT(3 * coarse.branches[0].states.rows(), 2 * fine.branches[0].states.rows());
}

TEST(Continue, CanBeInterrupted) {
  const auto system = flow(Equation9{}, 2, 1, 1);
  int calls = 0;
  const auto result = continue_branches(system, vec({0}), {"input[0]", 0, 0.5}, std::nullopt, {},
                                        [&](const ProgressUpdate&) { return ++calls < 40; });
  EXPECT_TRUE(result.interrupted);
}

TEST(Continue, RefusesWhatMakesNoSense) {
  const auto system = flow(Fold{-1}, 1, 1, 3);
  EXPECT_THROW(continue_branches(system, vec({0}), {"input[0]", 1, 1}), InvalidInput);
  EXPECT_THROW(continue_branches(system, vec({0}), {"input[1]", 0, 1}), InvalidInput);
  EXPECT_THROW(continue_branches(system, vec({0}), {"input[x]", 0, 1}), InvalidInput);
  EXPECT_THROW(continue_branches(system, vec({0}), {"gain", 0, 1}), InvalidInput);
  EXPECT_THROW(continue_branches(system, vec({0}), {"input[0]", 0, NAN}), InvalidInput);
  EXPECT_THROW(continue_branches(system, vec({0, 0}), {"input[0]", 0, 1}), InvalidInput);
  EXPECT_THROW(
      continue_branches(system, vec({0}), {"input[0]", 0, 1}, ParameterRange{"input[0]", 0, 1}),
      InvalidInput);
  ContinuationOptions options;
  options.period = 2;
  EXPECT_THROW(continue_branches(system, vec({0}), {"input[0]", 0, 1}, std::nullopt, options),
               InvalidInput);
  options = {};
  options.n_searches = 0;
  EXPECT_THROW(continue_branches(system, vec({0}), {"input[0]", 0, 1}, std::nullopt, options),
               InvalidInput);
}

}  // namespace
}  // namespace nullcline::continuation
