// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using ::testing::HasSubstr;

constexpr double kState = nullcline::testing::kIdealFlipFlopState;

// A collection with the points -h*, 0, h* of h' = tanh(2 h), or some of them.
class AuditTest : public ::testing::Test {
 protected:
  AuditTest()
      : system_(models::make_system(nullcline::testing::ideal_flip_flop(1))),
        equation_(*system_, Vector::Zero(1)),
        points_(equation_) {
    audit_.index_expected = 1;
    audit_.n_starts = 5000;
    end_.min_hits_wanted = 5;
    end_.n_starts_wanted = 5000;
  }

  void add(double state, int hits) {
    const Collection::Verdict verdict = points_.add(Vector{{state}});
    ASSERT_EQ(verdict.fate, Collection::Fate::found);
    for (int i = 0; i < hits; ++i) points_.count_hit(verdict.id);
  }

  std::unique_ptr<dynamics::System> system_;
  Equation equation_;
  Collection points_;
  SearchEnd end_;
  Audit audit_;
};

TEST_F(AuditTest, PassesACompleteSet) {
  add(0.95, 100);
  add(-0.95, 90);
  add(0.01, 7);
  complete_audit(points_, end_, audit_);
  EXPECT_EQ(audit_.completeness, Completeness::statistical);
  EXPECT_EQ(audit_.index_sum, 1);
  EXPECT_EQ(audit_.min_hits, 7);
  EXPECT_NEAR(audit_.capture_bound, 6.907755 / 5000, 1e-9);
  EXPECT_EQ(audit_.unseen_estimate, 0);
  EXPECT_EQ(audit_.coverage, 1);
}

TEST_F(AuditTest, SaysHowManyAreMissingAtLeast) {
  add(0.95, 100);
  add(-0.95, 90);
  complete_audit(points_, end_, audit_);
  EXPECT_EQ(audit_.completeness, Completeness::incomplete);
  EXPECT_EQ(audit_.index_sum, 2);
  EXPECT_THAT(audit_.completeness_note, HasSubstr("at least 1 fixed point is missing"));
}

TEST_F(AuditTest, WantsHitsAndStarts) {
  add(0.95, 100);
  add(-0.95, 90);
  add(0.01, 4);
  complete_audit(points_, end_, audit_);
  EXPECT_EQ(audit_.completeness, Completeness::incomplete);
  EXPECT_THAT(audit_.completeness_note, HasSubstr("only 4 of 5000 starts"));
  end_.min_hits_wanted = 4;
  complete_audit(points_, end_, audit_);
  EXPECT_EQ(audit_.completeness, Completeness::statistical);
  end_.n_starts_wanted = 5001;
  complete_audit(points_, end_, audit_);
  EXPECT_EQ(audit_.completeness, Completeness::incomplete);
}

TEST_F(AuditTest, GivesTheReasonWhereNoSumIsKnown) {
  add(0.01, 10);
  audit_.index_expected.reset();
  end_.no_box_reason = "relu is unbounded";
  complete_audit(points_, end_, audit_);
  EXPECT_EQ(audit_.completeness, Completeness::not_auditable);
  EXPECT_THAT(audit_.completeness_note, HasSubstr("relu is unbounded"));
}

TEST_F(AuditTest, EstimatesTheUnseenByChao) {
  add(0.95, 1);
  add(-0.95, 1);
  add(0.01, 2);
  audit_.n_starts = 4;
  complete_audit(points_, end_, audit_);
  EXPECT_EQ(unseen_estimate(points_), 2.0 * 1 / (2 * 2));
  EXPECT_EQ(audit_.coverage, 0.5);
  EXPECT_EQ(audit_.capture_bound, 1);
}

TEST_F(AuditTest, CollectionMergesByUniquenessBoxes) {
  add(0.95, 1);
  add(0.96, 1);
  EXPECT_EQ(points_.points().size(), 1U);
  EXPECT_EQ(points_.points()[0].hits, 2);
  EXPECT_NEAR(points_.points()[0].point(0), kState, 1e-15);
  EXPECT_EQ(points_.points()[0].index, 1);
  add(0.001, 0);
  EXPECT_EQ(points_.points().size(), 2U);
  EXPECT_EQ(points_.points()[1].index, -1);
  EXPECT_FALSE(points_.is_proven_unique());
}

TEST(Collection, CountsWhatEndsOutsideTheTrappingBox) {
  // The same map with a box that leaves out the points at +-h*, as a box of a wrong claim would.
  class SmallBox : public testing::PlainSystem {
   public:
    using PlainSystem::PlainSystem;
    std::optional<dynamics::Box> trapping_box() const override {
      return dynamics::Box{Vector{{-0.5}}, Vector{{0.5}}};
    }
  };
  const SmallBox system(
      1, dynamics::Time::discrete, [](const Vector& h) { return Vector((2 * h).array().tanh()); },
      [](const Vector& h) {
        const double y = std::tanh(2 * h(0));
        return Matrix::Constant(1, 1, 2 * (1 - y * y));
      });
  const Equation equation(system, Vector(0));
  Collection points(equation);
  EXPECT_EQ(points.add(Vector{{0.9}}).fate, Collection::Fate::outside);
  EXPECT_EQ(points.add(Vector{{0.1}}).fate, Collection::Fate::found);
  EXPECT_EQ(points.points().size(), 1U);
}

TEST(Collection, RefusesWhatIsNoZero) {
  const testing::PlainSystem ghost = testing::saddle_node(0.1);
  const Equation equation(ghost, Vector(0));
  Collection points(equation);
  EXPECT_EQ(points.add(Vector{{0.3}}).fate, Collection::Fate::not_a_zero);
  EXPECT_TRUE(points.points().empty());
}

}  // namespace
}  // namespace nullcline::fixed_points
