// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nullcline::report {
namespace {

using fixed_points::Completeness;
using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;
using fixed_points::Stability;
using testing::HasSubstr;
using testing::Not;

FixedPoint point(Kind kind, Stability stability, bool is_proven) {
  FixedPoint result;
  result.kind = kind;
  result.stability = stability;
  result.verdict = is_proven ? fixed_points::Verdict::proven : fixed_points::Verdict::not_proven;
  return result;
}

FixedPointSet two_wells_and_a_saddle() {
  FixedPointSet set;
  set.points = {point(Kind::fixed, Stability::stable, true),
                point(Kind::fixed, Stability::stable, true),
                point(Kind::fixed, Stability::saddle, true)};
  set.audit.index_sum = 1;
  set.audit.index_expected = 1;
  set.audit.completeness = Completeness::statistical;
  return set;
}

TEST(Verdict, SaysHowManyPointsAndThatEvidenceIsNoProof) {
  EXPECT_EQ(verdict(two_wells_and_a_saddle()),
            "3 fixed points were found (2 stable; all proven to exist); the index sum is +1, as it "
            "must be for a complete set, and no sign of a missing point was seen, which is no "
            "proof.");
}

TEST(Verdict, CountsWhatIsProvenAndWhatIsNotFixed) {
  FixedPointSet set = two_wells_and_a_saddle();
  set.points[1].verdict = fixed_points::Verdict::not_proven;
  set.points.push_back(point(Kind::slow, Stability::stable, true));
  set.points.push_back(point(Kind::undecided, Stability::stable, true));
  set.points.push_back(point(Kind::undecided, Stability::stable, true));
  EXPECT_THAT(verdict(set), HasSubstr("3 fixed points were found (2 stable; 2 proven to exist), "
                                      "besides 1 slow point and 2 undecided points;"));
}

TEST(Verdict, SaysThatAPointIsMissingOnlyWhereTheIndexProvesIt) {
  FixedPointSet set = two_wells_and_a_saddle();
  set.audit.completeness = Completeness::incomplete;
  EXPECT_THAT(verdict(set), HasSubstr("points may be missing."));
  set.audit.index_sum = -1;
  EXPECT_THAT(verdict(set), HasSubstr("the index sum is \u22121 instead of +1, so at least 2 "
                                      "points are missing."));
}

TEST(Verdict, ClaimsCompletenessOnlyWhereProven) {
  FixedPointSet set = two_wells_and_a_saddle();
  for (const auto& [completeness, name] : EnumNames<Completeness>::values) {
    set.audit.completeness = completeness;
    const bool claims = verdict(set).find("proven complete") != std::string::npos;
    EXPECT_EQ(claims, completeness == Completeness::proven) << name;
  }
}

TEST(Verdict, KnowsWhereTheoryIsSilent) {
  FixedPointSet set = two_wells_and_a_saddle();
  set.audit.index_sum = 0;
  set.audit.index_expected.reset();
  set.audit.completeness = Completeness::not_auditable;
  EXPECT_THAT(verdict(set), HasSubstr("the index sum is 0, for which theory has no value here, so "
                                      "whether points are missing is not known."));
}

TEST(Verdict, AnEmptySetIsNotPraised) {
  FixedPointSet set;
  set.audit.index_expected = 1;
  set.audit.completeness = Completeness::incomplete;
  EXPECT_EQ(verdict(set),
            "No fixed point was found; the index sum is 0 instead of +1, so at least one point is "
            "missing.");
  set.audit.index_sum = 4;
  EXPECT_THAT(verdict(set), HasSubstr("+4 instead of +1, so at least 3 points are missing."));
}

TEST(Verdict, OnePointIsSingular) {
  FixedPointSet set = two_wells_and_a_saddle();
  set.points.resize(1);
  EXPECT_THAT(verdict(set), HasSubstr("1 fixed point was found (1 stable; all proven to exist);"));
}

TEST(Verdict, SumsUpSeveralInputs) {
  FixedPointSet complete = two_wells_and_a_saddle(), incomplete = complete;
  incomplete.audit.completeness = Completeness::incomplete;
  incomplete.points.resize(1);
  EXPECT_EQ(verdict(std::vector{complete}), verdict(complete));
  EXPECT_EQ(verdict(std::vector{complete, incomplete, complete}),
            "For 3 inputs, 3, 1 and 3 fixed points were found; of the sets, 2 show no sign of a "
            "missing point (which is no proof) and 1 is incomplete.");
  std::vector<FixedPointSet> many(9, complete);
  EXPECT_THAT(verdict(many), HasSubstr("For 9 inputs, 3 fixed points each were found;"));
  many.push_back(incomplete);
  EXPECT_THAT(verdict(many),
              HasSubstr("For 10 inputs, between 1 and 3 fixed points each were found, 28 in all;"));
  EXPECT_EQ(verdict(std::vector<FixedPointSet>{}), "Fixed points were not searched for.");
}

TEST(Verdict, SaysWhereTrajectoriesEnd) {
  const FixedPointSet set = two_wells_and_a_saddle();
  orbits::OrbitSet ends;
  EXPECT_EQ(verdict(set, &ends), verdict(set));  // nothing was followed
  ends.n_trajectories = 64;
  ends.n_at_points = 20;
  ends.note = "44 of 64 trajectories end at no fixed point: 44 on a stable orbit of period 2";
  EXPECT_EQ(verdict(set, &ends), verdict(set) +
                                     " 44 of 64 trajectories end at no fixed point: 44 on "
                                     "a stable orbit of period 2.");
  EXPECT_THAT(verdict(std::vector{set, set}, {ends, ends}),
              HasSubstr(" 88 of 128 trajectories end at no fixed point."));
  ends.n_at_points = 64;
  EXPECT_THAT(verdict(std::vector{set, set}, {ends, ends}),
              HasSubstr(" All 128 trajectories end at fixed points."));
}

}  // namespace
}  // namespace nullcline::report
