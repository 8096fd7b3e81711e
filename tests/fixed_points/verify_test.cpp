// SPDX-License-Identifier: BSD-3-Clause
// A certificate that was tampered with, a point that was moved, a weight whose sign was flipped:
// none of them passes.
#include "nullcline/fixed_points/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using models::CellKind;
using ::testing::HasSubstr;

struct Trained {
  const char* name;
  CellKind cell;
};

class Tampered : public ::testing::TestWithParam<Trained> {
 protected:
  void SetUp() override {
    oracle_ = testing::load_oracle(GetParam().name, GetParam().cell);
    SearchOptions options;
    options.n_starts = 512;
    set_ = find_fixed_points(*oracle_.system, oracle_.input, oracle_.visited, options);
    ASSERT_GT(set_.n_fixed(), 5);
  }

  std::vector<Doubt> doubts() const { return verify(*oracle_.system, set_); }

  // The one point that is doubted.
  void expect_doubt(Index point, const std::string& claim) const {
    const std::vector<Doubt> found = doubts();
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].point, point);
    EXPECT_THAT(found[0].claim, HasSubstr(claim));
    for (const Doubt& doubt : found) EXPECT_EQ(doubt.point, point);
  }

  testing::Oracle oracle_;
  FixedPointSet set_;
};

INSTANTIATE_TEST_SUITE_P(Networks, Tampered,
                         ::testing::Values(Trained{"gru16_seed0", CellKind::gru},
                                           Trained{"lstm16_seed0", CellKind::lstm},
                                           Trained{"vanilla16_seed1", CellKind::vanilla}),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(Tampered, AnHonestResultIsShownAgain) { EXPECT_TRUE(doubts().empty()); }

TEST_P(Tampered, APointMovedByAMillionthIsNoticed) {
  set_.points[2].state(1) += 1e-6;
  expect_doubt(2, "a fixed point within");
}

TEST_P(Tampered, AClaimOfASmallerErrorIsNoticed) {
  set_.points[1].radius /= 1000;
  expect_doubt(1, "a fixed point within");
}

TEST_P(Tampered, AClaimOfALargerUniquenessBoxIsNoticed) {
  set_.points[1].uniqueness_radius = 0.9;  // the other points are nearer
  expect_doubt(1, "exactly one fixed point");
}

TEST_P(Tampered, AWrongIndexIsNoticed) {
  set_.points[3].index = -set_.points[3].index;
  const std::vector<Doubt> found = doubts();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].claim, HasSubstr("index"));
  EXPECT_EQ(found[1].point, -1);
  EXPECT_THAT(found[1].claim, HasSubstr("indices that sum to"));
}

TEST_P(Tampered, AWrongNumberOfUnstableDirectionsIsNoticed) {
  ++set_.points[0].n_unstable;
  expect_doubt(0, "unstable directions");
}

TEST_P(Tampered, AMissingPointIsNoticed) {
  set_.points.erase(set_.points.begin() + 4);
  const std::vector<Doubt> found = doubts();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].point, -1);
}

TEST_P(Tampered, AnInventedPointIsNoticed) {
  FixedPoint invented = set_.points[0];
  invented.state = 0.5 * (set_.points[0].state + set_.points[1].state);
  invented.index = 0;
  set_.points.push_back(invented);
  expect_doubt(static_cast<Index>(set_.points.size()) - 1, "a fixed point within");
}

TEST_P(Tampered, StatesThatAreNotFiniteAreNoticed) {
  set_.points[0].state(0) = std::numeric_limits<double>::quiet_NaN();
  expect_doubt(0, "not finite");
}

TEST(Verify, AWeightOfTheOtherSignIsNoticed) {
  Rng rng(9, Purpose::tests);
  models::Network network = nullcline::testing::random_network(
      CellKind::gru, models::Activation::tanh, models::Reset::after, 6, 1, 4, rng);
  const auto system = models::make_system(network);
  const FixedPointSet set = find_fixed_points(*system, Vector::Zero(1), Matrix(0, 6));
  EXPECT_TRUE(verify(*system, set).empty());
  network.recurrent_weights(13, 2) *= -1;  // of the candidate
  EXPECT_FALSE(verify(*models::make_system(network), set).empty());
}

TEST(Verify, AGhostSoldAsFreeOfPointsIsNoticed) {
  // A little past its fold, and a box that reaches the fixed point beyond.
  const double h = std::sqrt(0.5), fold = std::atanh(h) - 2 * h;
  models::Network network =
      nullcline::testing::tanh_network(2 * Matrix::Identity(1, 1), Matrix(1, 0));
  network.bias = Vector{{fold - 1e-4}};
  const auto system = models::make_system(network);
  FixedPointSet set = find_fixed_points(*system, Vector(0), Matrix(0, 1));
  ASSERT_EQ(set.points.size(), 2U);
  ASSERT_EQ(set.points[1].kind, Kind::slow);
  EXPECT_TRUE(verify(*system, set).empty());
  set.points[1].exclusion_radius = 2;
  ASSERT_EQ(verify(*system, set).size(), 1U);
  EXPECT_EQ(verify(*system, set)[0].point, 1);
}

TEST(Verify, StatesOfAnotherSizeAreRefused) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(2));
  FixedPointSet set;
  set.input = Vector::Zero(2);
  set.points.resize(1);
  set.points[0].state = Vector::Zero(3);
  EXPECT_THROW(verify(*system, set), InvalidInput);
}

}  // namespace
}  // namespace nullcline::fixed_points
