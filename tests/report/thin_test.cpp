// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/thin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/core/rng.hpp"

namespace nullcline::report {
namespace {

using testing::ElementsAre;

// Dwells at (0, 0), jumps to (1, 0) in three steps, dwells there.
Matrix jump(Index n_dwelling) {
  Matrix path = Matrix::Zero(2 * n_dwelling + 2, 2);
  path(n_dwelling, 0) = 0.25;
  path(n_dwelling + 1, 0) = 0.5;
  path.bottomRows(n_dwelling).col(0).setOnes();
  return path;
}

std::vector<Matrix> random_walks(int n, Index n_steps) {
  Rng rng(5, Purpose::tests);
  std::vector<Matrix> walks;
  for (int k = 0; k < n; ++k) {
    Matrix walk = Matrix::Zero(n_steps, 3);
    for (Index i = 1; i < n_steps; ++i)
      for (Index c = 0; c < 3; ++c) walk(i, c) = walk(i - 1, c) + rng.normal();
    walks.push_back(walk);
  }
  return walks;
}

TEST(ThinTrajectories, KeepsEverythingThatFits) {
  const std::vector<Matrix> paths{jump(3), jump(1)};
  const ThinnedTrajectories thinned = thin_trajectories(paths, 12);
  ASSERT_EQ(thinned.trajectories.size(), 2U);
  EXPECT_EQ(thinned.trajectories[0], paths[0]);
  EXPECT_EQ(thinned.trajectories[1], paths[1]);
  EXPECT_EQ(thinned.n_points, 12);
  EXPECT_EQ(thinned.tolerance, 0);
}

TEST(ThinTrajectories, DropsDwellingBeforePassages) {
  const std::vector<Matrix> paths{jump(100)};
  const ThinnedTrajectories thinned = thin_trajectories(paths, 5);
  ASSERT_EQ(thinned.trajectories.size(), 1U);
  EXPECT_EQ(thinned.trajectories[0],
            (Matrix(5, 2) << 0, 0, 0.25, 0, 0.5, 0, 1, 0, 1, 0).finished());
  EXPECT_LT(thinned.tolerance, 1e-5);  // nothing of the passage was given up
}

TEST(ThinTrajectories, StaysWithinTheToleranceItStates) {
  const std::vector<Matrix> walks = random_walks(4, 2000);
  const ThinnedTrajectories thinned = thin_trajectories(walks, 1000);
  EXPECT_LE(thinned.n_points, 1000);
  EXPECT_GT(thinned.n_points, 900);
  Matrix all(4 * 2000, 3);
  for (Index k = 0; k < 4; ++k) all.middleRows(2000 * k, 2000) = walks[static_cast<std::size_t>(k)];
  const double diagonal = (all.colwise().maxCoeff() - all.colwise().minCoeff()).norm();
  for (std::size_t k = 0; k < 4; ++k) {
    const Matrix& kept = thinned.trajectories[k];
    EXPECT_EQ(kept.row(0), walks[k].row(0));
    EXPECT_EQ(kept.row(kept.rows() - 1), walks[k].row(1999));
    Index next = 0;  // each original row is near the kept one before it
    for (Index i = 0; i < 2000; ++i) {
      if (next + 1 < kept.rows() && walks[k].row(i) == kept.row(next + 1)) ++next;
      EXPECT_LE((walks[k].row(i) - kept.row(next)).norm(),
                thinned.tolerance * diagonal * (1 + 1e-12));
    }
    EXPECT_EQ(next, kept.rows() - 1);
  }
}

TEST(ThinTrajectories, DropsTrajectoriesOnlyWhereEvenTheirEndsAreTooMany) {
  const std::vector<Matrix> walks = random_walks(50, 10);
  EXPECT_EQ(thin_trajectories(walks, 100).trajectories.size(), 50U);
  const ThinnedTrajectories thinned = thin_trajectories(walks, 20);
  EXPECT_EQ(thinned.trajectories.size(), 10U);
  EXPECT_LE(thinned.n_points, 20);
  EXPECT_EQ(thin_trajectories(walks, 0).n_points, 0);
}

TEST(ThinTrajectories, EndsATrajectoryWhereItDiverges) {
  Matrix diverging = jump(3);
  diverging(4, 1) = std::numeric_limits<double>::infinity();
  Matrix lost = jump(1);
  lost(0, 0) = std::nan("");
  const ThinnedTrajectories thinned =
      thin_trajectories(std::vector<Matrix>{diverging, lost, Matrix(0, 2)}, 100);
  ASSERT_EQ(thinned.trajectories.size(), 1U);
  EXPECT_EQ(thinned.trajectories[0], diverging.topRows(4));
}

TEST(ThinTrajectories, PointsInOnePlaceNeedOnlyTheirEnds) {
  const std::vector<Matrix> still{Matrix::Constant(100, 3, 0.5)};
  EXPECT_EQ(thin_trajectories(still, 10).n_points, 2);
}

TEST(ThinCurve, KeepsShortCurvesWhole) {
  EXPECT_THAT(thin_curve(std::vector<double>{3, 1, 2}, 100), ElementsAre(0, 1, 2));
  EXPECT_TRUE(thin_curve({}, 100).empty());
}

TEST(ThinCurve, KeepsEndsAndSpikes) {
  std::vector<double> loss(100'000);
  for (std::size_t i = 0; i < loss.size(); ++i) loss[i] = 1.0 / static_cast<double>(i + 1);
  loss[54'321] = 9;
  loss[54'322] = -9;
  const std::vector<Index> kept = thin_curve(loss, 1000);
  EXPECT_LE(kept.size(), 1000U);
  EXPECT_GT(kept.size(), 900U);
  EXPECT_EQ(kept.front(), 0);
  EXPECT_EQ(kept.back(), 99'999);
  EXPECT_THAT(kept, testing::Contains(54'321));
  EXPECT_THAT(kept, testing::Contains(54'322));
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
}

TEST(ThinCurve, PrefersFiniteValues) {
  std::vector<double> loss(1000, std::nan(""));
  for (std::size_t i = 5; i < loss.size(); i += 10) loss[i] = 1;
  const std::vector<Index> kept = thin_curve(loss, 100);
  ASSERT_GT(kept.size(), 10U);
  for (std::size_t k = 1; k + 1 < kept.size(); ++k) EXPECT_EQ(kept[k] % 10, 5);
}

}  // namespace
}  // namespace nullcline::report
