// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/shape.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nullcline::results {
namespace {

// The 27 points of a cube, or the 7 of three axes through its center.
Matrix cube(bool axes_only) {
  Matrix states(27, 3);
  Index n = 0;
  for (int x = -1; x <= 1; ++x)
    for (int y = -1; y <= 1; ++y)
      for (int z = -1; z <= 1; ++z)
        if (!axes_only || std::abs(x) + std::abs(y) + std::abs(z) <= 1) states.row(n++) << x, y, z;
  states.conservativeResize(n, Eigen::NoChange);
  return states;
}

TEST(Shape, TellsACubeFromThreeAxes) {
  const Shape whole = shape_of(cube(false), cube(false), Vector());
  EXPECT_EQ(whole.decided, (std::vector<Index>{1, 6, 12, 8}));
  EXPECT_EQ(whole.n_corners, 8);
  EXPECT_NEAR(whole.explained_variance.sum(), 1, 1e-12);
  const Shape axes = shape_of(cube(true), cube(true), Vector());
  EXPECT_EQ(axes.decided, (std::vector<Index>{1, 6, 0, 0}));
  EXPECT_EQ(axes.n_corners, 0);
}

TEST(Shape, TheLevelMayBeGiven) {
  EXPECT_EQ(shape_of(cube(false), cube(false), Vector::Constant(3, 3)).decided,
            (std::vector<Index>{27, 0, 0, 0}));
  EXPECT_EQ(shape_of(cube(false), cube(false), Vector()).level, Vector::Ones(3));
}

TEST(Shape, WithoutReadoutOrStatesThereAreNoCorners) {
  const Shape none = shape_of(cube(false), Matrix(27, 0), Vector());
  EXPECT_EQ(none.decided, (std::vector<Index>{27}));
  EXPECT_EQ(none.n_corners, 0);
  EXPECT_EQ(shape_of(Matrix(0, 3), Matrix(0, 3), Vector()).n_states, 0);
}

TEST(Shape, PointsExplainWhatIsNearThem) {
  const Matrix states = cube(false);
  EXPECT_EQ(explained_by_points(states, states), 1);
  EXPECT_NEAR(explained_by_points(states, Matrix::Zero(1, 3)), 0, 1e-12);
  // The nearest corner is one step away for each coordinate that is 0: 27 of 54 squares are left.
  Matrix corners(8, 3);
  Index n = 0;
  for (Index i = 0; i < 27; ++i)
    if (states.row(i).cwiseAbs().sum() == 3) corners.row(n++) = states.row(i);
  EXPECT_NEAR(explained_by_points(states, corners), 0.5, 1e-12);
  EXPECT_LT(explained_by_points(states, Matrix::Constant(1, 3, 10)), 0);
  EXPECT_TRUE(std::isnan(explained_by_points(states, Matrix(0, 3))));
}

Matrix corners_of_box(const Vector& edges) {
  const Index n_channels = edges.size(), n = Index{1} << n_channels;
  Matrix states(n, n_channels);
  for (Index i = 0; i < n; ++i)
    for (Index k = 0; k < n_channels; ++k) states(i, k) = ((i >> k) & 1) != 0 ? edges(k) : 0.0;
  return states;
}

TEST(Shape, CornersOfATesseractAreRootsApart) {
  const Matrix states = corners_of_box(Vector::Constant(4, 3));
  const Matrix signs = states.array() - 1;
  const auto groups = pair_distances(states, signs);
  ASSERT_EQ(groups.size(), 4);
  const std::vector<Index> pairs = {32, 48, 32, 8};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(groups[k].n_differing, static_cast<int>(k) + 1);
    EXPECT_EQ(groups[k].n_pairs, pairs[k]);
    EXPECT_NEAR(groups[k].least, 3 * std::sqrt(static_cast<double>(k + 1)), 1e-12);
    EXPECT_NEAR(groups[k].largest, groups[k].least, 1e-12);
    EXPECT_NEAR(groups[k].mean, groups[k].least, 1e-12);
  }
  const auto uneven =
      pair_distances(corners_of_box(Vector{{1, 2}}), corners_of_box(Vector{{1, 2}}));
  EXPECT_NEAR(uneven[0].least, 1, 1e-12);
  EXPECT_NEAR(uneven[0].largest, 2, 1e-12);
  EXPECT_TRUE(pair_distances(states, Matrix(16, 0)).empty());
}

TEST(Shape, ABoxExtendsAlongOneChannelAfterTheOther) {
  const Matrix states = corners_of_box(Vector{{1, 4, 2}});
  const Matrix expected{{0, 1, 0}, {0, 0, 1}, {1, 0, 0}};
  EXPECT_TRUE(channel_shares(states, states.array() - 0.5).isApprox(expected, 1e-9));
  EXPECT_EQ(channel_shares(Matrix(0, 3), Matrix(0, 3)).rows(), 0);
  // Readouts of the sum and the difference of two coordinates: the first axis has half of each.
  Matrix tilted(4, 2);
  tilted << 2, 0, -2, 0, 0, 1, 0, -1;
  Matrix outputs(4, 2);
  outputs << 2, 2, -2, -2, 1, -1, -1, 1;
  EXPECT_NEAR(channel_shares(tilted, outputs)(0, 0), 0.5, 1e-12);
}

TEST(Shape, StatesCloserThanTheDistanceAreOne) {
  const Matrix states{{0, 0}, {0, 0.01}, {1, 0}};
  EXPECT_EQ(n_distinct(states, 0.1), 2);
  EXPECT_EQ(n_distinct(states, 0.001), 3);
  EXPECT_EQ(n_distinct(Matrix(0, 2), 1), 0);
}

TEST(Shape, AlignmentIsOneForParallelPlanesAndTheCosineForTiltedOnes) {
  Matrix plane(4, 3), tilted(4, 3);
  plane << 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0;
  const double angle = 0.3;
  for (Index i = 0; i < 4; ++i)  // about the x-axis
    tilted.row(i) << plane(i, 0), std::cos(angle) * plane(i, 1), std::sin(angle) * plane(i, 1);
  const Matrix moved = plane.array() + 5;
  EXPECT_NEAR(alignment(plane, moved, 2).minCoeff(), 1, 1e-7);
  const Vector cosines = alignment(plane, tilted, 2);
  ASSERT_EQ(cosines.size(), 2);
  EXPECT_NEAR(cosines(0), 1, 1e-7);
  EXPECT_NEAR(cosines(1), std::cos(angle), 1e-7);
  EXPECT_EQ(alignment(Matrix(0, 3), plane, 2).size(), 0);
}

TEST(Shape, StatesOfASetCanLeaveOutWhatIsNotFixed) {
  fixed_points::FixedPointSet set;
  set.points.resize(2);
  set.points[0].kind = fixed_points::Kind::fixed;
  set.points[0].state = Vector::Ones(3);
  set.points[1].kind = fixed_points::Kind::slow;
  set.points[1].state = Vector::Zero(3);
  EXPECT_EQ(states_of(set, true, 3).rows(), 1);
  EXPECT_EQ(states_of(set, false, 3).rows(), 2);
}

}  // namespace
}  // namespace nullcline::results
