// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/born.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows.hpp"
#include "nullcline/continuation/continue.hpp"

namespace nullcline::cycles {
namespace {

using ::testing::ElementsAre;
using testing::FitzHughNagumo;
using ::testing::HasSubstr;

/// FitzHugh-Nagumo, its current being the input, and as many states at rest as there are besides.
template <Index States>
struct DrivenFitzHughNagumo {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    out[0] = h[0] - h[0] * h[0] * h[0] / 3.0 - h[1] + x[0];
    out[1] = 0.08 * (h[0] + 0.7 - 0.8 * h[1]);
    for (Index i = 2; i < States; ++i) out[i] = -h[i];
  }
};

template <Index States>
class Born {
 public:
  const dynamics::FunctionSystem<DrivenFitzHughNagumo<States>> flow{
      {},
      States,
      1,
      dynamics::Time::continuous,
      dynamics::Box{Vector::Constant(States, -3), Vector::Constant(States, 3)}};
  continuation::Continuation found() const {
    continuation::ContinuationOptions options;
    options.n_searches = 1;
    options.search.n_starts = 10;
    options.search.max_starts = 10;
    return continue_branches(flow, Vector{{0.0}}, {"input[0]", 0.1, 1.6}, std::nullopt, options);
  }
};

TEST(BornCycles, TheCyclesBetweenTwoHopfPointsAreTracedOnce) {
  const Born<2> born;
  const BornBranches result = continue_born_cycles(born.flow, born.found());
  EXPECT_TRUE(result.warnings.empty());
  ASSERT_EQ(result.branches.size(), 1U);
  const CycleBranch& branch = result.branches[0];
  EXPECT_THAT(branch.origin, HasSubstr("hopf at input[0] = 0.3312813375"));
  EXPECT_EQ(branch.begin, BranchEnd::hopf);
  EXPECT_EQ(branch.end, BranchEnd::hopf);
  EXPECT_NEAR(branch.begin_limit.parameter + branch.end_limit.parameter, 1.75, 1e-9);
  // In order along the branch, whichever half of it they were found on.
  ASSERT_EQ(branch.events.size(), 2U);
  EXPECT_LT(branch.events[0].point, branch.events[1].point);
  for (const CycleEvent& event : branch.events) {
    const auto [low, high] =
        std::minmax(branch.cycles[event.point].period, branch.cycles[event.point + 1].period);
    EXPECT_GE(event.cycle.period, 0.99 * low);
    EXPECT_LE(event.cycle.period, 1.01 * high);
  }
}

TEST(BornCycles, OptionsSayWhetherTheyAreFollowed) {
  const Born<2> born;
  const auto found = born.found();
  BornOptions options;
  options.cycles = FollowCycles::never;
  EXPECT_TRUE(continue_born_cycles(born.flow, found, options).branches.empty());
  options.cycles = FollowCycles::automatic;
  const auto stop = [](const ProgressUpdate&) { return false; };
  EXPECT_TRUE(continue_born_cycles(born.flow, found, options, stop).branches.empty());

  const Born<17> large;
  const auto in_large = large.found();
  EXPECT_THAT(continue_born_cycles(large.flow, in_large).warnings,
              ElementsAre(HasSubstr("2 Hopf points in 17 states were not followed")));
  options.cycles = FollowCycles::always;
  options.branch.n_intervals = 20;
  int n_updates = 0;
  const auto soon = [&](const ProgressUpdate&) { return ++n_updates < 4; };
  const BornBranches begun = continue_born_cycles(large.flow, in_large, options, soon);
  ASSERT_EQ(begun.branches.size(), 1U);
  EXPECT_EQ(begun.branches[0].end, BranchEnd::interrupted);
}

}  // namespace
}  // namespace nullcline::cycles
