// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/starts.hpp"

#include <gtest/gtest.h>

#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

TEST(Starts, DependOnSeedAndNumberAlone) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const Equation equation(*system, Vector::Zero(3));
  const Matrix visited = Matrix::Random(20, 3), none(0, 3);
  const Starts a(*system, equation, visited, 1), b(*system, equation, visited, 1);
  const Starts other(*system, equation, visited, 2);
  Vector x(3), y(3), z(3);
  a.draw(5, none, x);
  for (std::int64_t i = 0; i < 5; ++i) b.draw(i, none, y);  // earlier draws do not matter
  b.draw(5, none, y);
  other.draw(5, none, z);
  EXPECT_EQ(x, y);
  EXPECT_NE(x, z);
  EXPECT_EQ(a.path_start(3), b.path_start(3));
  EXPECT_NE(a.path_start(3), a.path_start(4));
}

TEST(Starts, UseTheBoxAsTheirRegion) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const Equation equation(*system, Vector::Zero(3));
  const Starts starts(*system, equation, Matrix::Constant(2, 3, 0.1), 0);
  EXPECT_EQ(starts.lower(), Vector::Constant(3, -1.0));
  EXPECT_EQ(starts.upper(), Vector::Constant(3, 1.0));
  double widest = 0;
  for (std::int64_t i = 0; i < 100; ++i)
    widest = std::max(widest, starts.path_start(i).cwiseAbs().maxCoeff());
  EXPECT_GT(widest, 2);  // paths start farther out
  EXPECT_LE(widest, 3);
}

TEST(Starts, EnlargeWhatWasVisitedWhereThereIsNoBox) {
  const testing::PlainSystem system = testing::linear_map(Matrix::Identity(2, 2));
  const Equation equation(system, Vector(0));
  const Starts starts(system, equation, Matrix{{10, 5}, {14, 5}}, 0);
  EXPECT_NEAR(starts.lower()(0), 9, 1e-12);
  EXPECT_NEAR(starts.upper()(0), 15, 1e-12);
  EXPECT_LT(starts.lower()(1), 5);  // a coordinate that never varied gets some room
  EXPECT_GT(starts.upper()(1), 5);
}

TEST(Starts, MixKnownPointsOnceThereAreTwo) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(2));
  const Equation equation(*system, Vector::Zero(2));
  const Starts starts(*system, equation, Matrix::Zero(1, 2), 0);
  const Matrix known{{0.5, 0.7}, {0.7, 0.5}};  // mixtures lie on x + y = 1.2
  int n_mixtures = 0;
  Vector start(2);
  for (std::int64_t i = 0; i < 1000; ++i) {
    starts.draw(i, known, start);
    n_mixtures += std::abs(start.sum() - 1.2) < 1e-12 ? 1 : 0;
  }
  EXPECT_NEAR(n_mixtures, 200, 50);
}

TEST(Starts, VisitStatesOfTheirOwnWhereNoneAreGiven) {
  const nullcline::testing::FitzHughNagumo flow;
  const Equation of_flow(flow, Vector::Constant(1, 0.5));
  const Starts starts(flow, of_flow, Matrix(0, 2), 0);
  EXPECT_GT(starts.visited().rows(), 100);
  EXPECT_TRUE(starts.visited().allFinite());
  // A map that flies away still leaves states to start from.
  const testing::PlainSystem away = testing::linear_map(10 * Matrix::Identity(2, 2));
  const Starts from_away(away, Equation(away, Vector(0)), Matrix(0, 2), 0);
  EXPECT_GE(from_away.visited().rows(), 32);
  EXPECT_LE(from_away.visited().cwiseAbs().maxCoeff(), 1e6);
}

TEST(Starts, ThinEvenly) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(1));
  Matrix visited(10, 1);
  for (Index i = 0; i < 10; ++i) visited(i, 0) = static_cast<double>(i) / 10;
  const Starts starts(*system, Equation(*system, Vector::Zero(1)), visited, 0);
  EXPECT_EQ(starts.thinned(5), (Matrix{{0.0}, {0.2}, {0.4}, {0.6}, {0.8}}));
  EXPECT_EQ(starts.thinned(50).rows(), 10);
}

}  // namespace
}  // namespace nullcline::fixed_points
