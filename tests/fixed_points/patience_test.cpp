// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/patience.hpp"

#include <gtest/gtest.h>

namespace nullcline::fixed_points {
namespace {

TEST(Patience, IsWhatItWasToldUntilItHasSeenSomething) { EXPECT_EQ(Patience(50).limit(), 50); }

TEST(Patience, StaysLongWhereMostStartsConvergeLate) {
  Patience patience(50);
  for (int i = 0; i < 100; ++i) patience.observe(30, true);
  EXPECT_EQ(patience.limit(), 32);
}

TEST(Patience, GivesUpEarlyWhereFewConvergeAtAll) {
  Patience patience(50);
  patience.observe(10, true);
  for (int i = 0; i < 99; ++i) patience.observe(50, false);
  EXPECT_EQ(patience.limit(), 12);
}

TEST(Patience, MinimizesTheStepsForEachConvergence) {
  // Half converge in 10 steps, a tenth in 40, the rest never:
  // at 10: (50 * 10 + 10 * 50) / 50 = 20;  at 40: (500 + 400 + 40 * 40) / 60 = 41.7.
  Patience early(50);
  for (int i = 0; i < 50; ++i) early.observe(10, true);
  for (int i = 0; i < 10; ++i) early.observe(40, true);
  for (int i = 0; i < 40; ++i) early.observe(50, false);
  EXPECT_EQ(early.limit(), 12);
  // Now nearly all that miss 10 come in at 12: at 10: (100 + 900) / 10, at 12: (100 + 1080) / 100.
  Patience late(50);
  for (int i = 0; i < 10; ++i) late.observe(10, true);
  for (int i = 0; i < 90; ++i) late.observe(12, true);
  EXPECT_EQ(late.limit(), 14);
}

TEST(Patience, KeepsALeastNumberOfSteps) {
  Patience patience(50);
  patience.observe(50, false);
  EXPECT_GE(patience.limit(), 5);
  EXPECT_LT(patience.limit(), 20);
}

}  // namespace
}  // namespace nullcline::fixed_points
