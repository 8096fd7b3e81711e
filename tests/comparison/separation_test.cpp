// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/separation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::comparison {
namespace {

const std::vector<std::string> kTwoGroups{"a", "a", "b", "b"};

// Distances within: 1 and 3, ranks 1.5 and 4.5; between: 1, 4, 3, 2, ranks 1.5, 6, 4.5, 3. So
// R = (3.75 - 3) / 3. Of the three ways to make two pairs one is better and one is this.
TEST(Separation, OfAWorkedExampleWithTies) {
  const Matrix distances{{0, 1, 1, 4}, {1, 0, 3, 2}, {1, 3, 0, 3}, {4, 2, 3, 0}};
  const Separation found = separation(distances, kTwoGroups);
  EXPECT_NEAR(found.statistic, 0.25, 1e-15);
  EXPECT_NEAR(found.p_value, 2.0 / 3, 0.05);
  EXPECT_EQ(found.groups, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found.sizes, (std::vector<Index>{2, 2}));
}

// Within: 1 and 3, ranks 1 and 3.5; between: 5, 4, 3, 2, ranks 6, 5, 3.5, 2.
TEST(Separation, OfAWorkedExampleOfTheBestGrouping) {
  const Matrix distances{{0, 1, 5, 4}, {1, 0, 3, 2}, {5, 3, 0, 3}, {4, 2, 3, 0}};
  const Separation found = separation(distances, kTwoGroups);
  EXPECT_NEAR(found.statistic, 0.625, 1e-15);
  EXPECT_NEAR(found.p_value, 1.0 / 3, 0.05);
}

struct Cloud {
  Matrix distances;
  std::vector<std::string> labels;
};

// Two clouds on a line, some way apart.
Cloud cloud(double gap) {
  Rng rng(4, Purpose::tests, 0);
  Vector x(20);
  Cloud result;
  for (Index i = 0; i < 20; ++i) {
    x(i) = rng.normal() + (i % 2 == 0 ? gap : 0);
    result.labels.emplace_back(i % 2 == 0 ? "relu" : "tanh");
  }
  result.distances = (x.replicate(1, 20) - x.transpose().replicate(20, 1)).cwiseAbs();
  return result;
}

TEST(Separation, FarCloudsAreSeparateAndMixedOnesAreNot) {
  const Cloud far = cloud(20), mixed = cloud(0);
  EXPECT_NEAR(separation(far.distances, far.labels).statistic, 1, 1e-12);
  EXPECT_EQ(separation(far.distances, far.labels).p_value, 1e-3);
  EXPECT_LT(std::abs(separation(mixed.distances, mixed.labels).statistic), 0.2);
  EXPECT_GT(separation(mixed.distances, mixed.labels).p_value, 0.05);
  // Only the order of distances counts.
  EXPECT_EQ(separation(far.distances.cwiseAbs2(), far.labels).statistic,
            separation(far.distances, far.labels).statistic);
}

TEST(Separation, IsTheSameForAnyNumberOfThreadsAndDependsOnTheSeed) {
  const Cloud close = cloud(0.7);
  SeparationOptions options;
  options.n_permutations = 500;
  set_n_threads(1);
  const double one = separation(close.distances, close.labels, options).p_value;
  set_n_threads(2);
  EXPECT_EQ(separation(close.distances, close.labels, options).p_value, one);
  set_n_threads(0);
  options.seed = 1;
  EXPECT_NE(separation(close.distances, close.labels, options).p_value, one);
  options.n_permutations = 7;
  const double few = separation(close.distances, close.labels, options).p_value * 8;
  EXPECT_EQ(few, std::round(few));
}

TEST(Separation, RefusesWhatHasNoGroups) {
  const Matrix distances{{0, 1, 2}, {1, 0, 3}, {2, 3, 0}};
  EXPECT_THROW(separation(distances, {"a", "a", "a"}), InvalidInput);
  EXPECT_THROW(separation(distances, {"a", "b", "c"}), InvalidInput);
  EXPECT_THROW(separation(distances, {"a", "b"}), InvalidInput);
  EXPECT_THROW(separation(distances * std::nan(""), {"a", "a", "b"}), InvalidInput);
  Matrix lopsided = distances;
  lopsided(0, 1) = 5;
  EXPECT_THROW(separation(lopsided, {"a", "a", "b"}), InvalidInput);
  EXPECT_THROW(separation(distances, {"a", "a", "b"}, {0, 0}), InvalidInput);
}

}  // namespace
}  // namespace nullcline::comparison
