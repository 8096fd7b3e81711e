// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/projection.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::dynamics {
namespace {

// Points on known axes with known spread: variances 9 : 4 : 0 around (1, 2, 3).
TEST(PrincipalComponents, FindTheAxesOfAKnownCloud) {
  Matrix states(4, 3);
  states << 1 + 3, 2, 3, 1 - 3, 2, 3, 1, 2 + 2, 3, 1, 2 - 2, 3;
  const Projection pca = principal_components(states, 3);
  ASSERT_EQ(pca.axes.rows(), 2);  // the third direction is empty
  EXPECT_NEAR((pca.origin - Vector{{1, 2, 3}}).norm(), 0, 1e-14);
  EXPECT_NEAR(pca.axes(0, 0), 1, 1e-14);
  EXPECT_NEAR(pca.axes(1, 1), 1, 1e-14);
  EXPECT_NEAR(pca.explained_variance(0), 9.0 / 13, 1e-14);
  EXPECT_EQ(pca.labels[0], "PC 1 (69.2 %)");
  EXPECT_NEAR(pca.project(states)(1, 0), -3, 1e-14);
}

TEST(PrincipalComponents, OneStateHasNoDirection) {
  EXPECT_EQ(principal_components(Matrix::Ones(1, 4), 3).axes.rows(), 0);
  EXPECT_THROW(principal_components(Matrix(0, 4), 3), InvalidInput);
  EXPECT_THROW(principal_components(Matrix::Ones(2, 4), 0), InvalidInput);
}

}  // namespace
}  // namespace nullcline::dynamics
