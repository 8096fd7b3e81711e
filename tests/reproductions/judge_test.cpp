// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/reproductions/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"

namespace nullcline::reproductions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kText = R"({"n": 3, "whole": true, "none": null, "branches": [
  {"kind": "a", "events": [{"type": "fold", "at": 1.5}, {"type": "hopf", "at": [2, 3]}]},
  {"kind": "b", "events": [{"type": "fold", "at": -1}]}]})";

TEST(Document, PathsSelectInTheOrderOfTheText) {
  const Document document(kText);
  EXPECT_THAT(document.select("n"), ElementsAre(RecipeValue(3.0)));
  EXPECT_THAT(document.select("whole"), ElementsAre(RecipeValue("true")));
  EXPECT_THAT(document.select("none"), ElementsAre(RecipeValue("null")));
  EXPECT_THAT(document.select("branches.events.at"),
              ElementsAre(RecipeValue(1.5), RecipeValue(2.0), RecipeValue(3.0), RecipeValue(-1.0)));
  EXPECT_THAT(document.select("branches.events[type=fold].at"),
              ElementsAre(RecipeValue(1.5), RecipeValue(-1.0)));
  EXPECT_THAT(document.select("branches[kind=a].events[1].at[1]"), ElementsAre(RecipeValue(3.0)));
  EXPECT_THAT(document.select("branches[1].kind"), ElementsAre(RecipeValue("b")));
  EXPECT_THAT(document.select("branches[7].kind"), IsEmpty());
  EXPECT_THAT(document.select("missing.kind"), IsEmpty());
}

TEST(Document, RefusesWhatItCannotRead) {
  EXPECT_THROW(Document("{"), InvalidInput);
  const Document document(kText);
  for (const char* path :
       {"a..b", ".a", "a.", "branches[", "branches[x]", "branches[0]kind", "a.[0]"})
    EXPECT_THROW(document.select(path), InvalidInput) << path;
}

RecipeCheck check(const char* path) {
  RecipeCheck result;
  result.command = "run";
  result.path = path;
  return result;
}

TEST(Judge, NumbersAreComparedWithinTheToleranceAndTextExactly) {
  const Document document(kText);
  RecipeCheck at = check("branches[0].events[0].at");
  at.expect = {1.5 + 1e-9};
  EXPECT_FALSE(judge(at, document).holds);
  at.tolerance = 1e-9;  // relative above 1
  EXPECT_TRUE(judge(at, document).holds);
  at.expect = {1.5, 1.5};
  EXPECT_FALSE(judge(at, document).holds) << "as many as expected";
  RecipeCheck kind = check("branches.kind");
  kind.expect = {"a", "b"};
  EXPECT_TRUE(judge(kind, document).holds);
  kind.expect = {"b", "a"};
  const CheckOutcome outcome = judge(kind, document);
  EXPECT_FALSE(outcome.holds);
  EXPECT_THAT(outcome.complaint, HasSubstr("found a, b, expected b, a"));
  RecipeCheck mixed = check("n");
  mixed.expect = {"3"};
  EXPECT_FALSE(judge(mixed, document).holds);
}

TEST(Judge, BoundsAndCounts) {
  const Document document(kText);
  RecipeCheck bounds = check("branches.events.at");
  bounds.at_least = -1;
  bounds.at_most = 3;
  EXPECT_TRUE(judge(bounds, document).holds);
  bounds.at_most = 2.5;
  EXPECT_FALSE(judge(bounds, document).holds);
  bounds.path = "missing";
  EXPECT_FALSE(judge(bounds, document).holds) << "nothing is within no bounds";
  RecipeCheck count = check("missing");
  count.count = 0;
  EXPECT_TRUE(judge(count, document).holds);
  count.count = 1;
  EXPECT_FALSE(judge(count, document).holds);
}

TEST(Judge, TheSentenceHoldsTheValues) {
  std::map<std::string, Document> documents;
  documents.emplace("run", Document(kText));
  RecipeClaim claim{"the paper", "{0#} folds, the first at {1}", "yes", {}};
  claim.checks = {check("branches.events[type=fold].at"), check("branches[0].events[0].at")};
  claim.checks[0].count = 2;
  claim.checks[1].expect = {1.5};
  const ClaimOutcome outcome = judge(claim, documents);
  EXPECT_TRUE(outcome.holds);
  EXPECT_EQ(outcome.found, "2 folds, the first at 1.5");
  EXPECT_THAT(markdown_table({claim}, {outcome}),
              HasSubstr("| the paper | 2 folds, the first at 1.5 | yes |"));
  claim.found = "{2}";
  EXPECT_THROW(judge(claim, documents), InvalidInput);
  claim.found = "{0";
  EXPECT_THROW(judge(claim, documents), InvalidInput);
  claim.found = "{0}";
  claim.checks[0].count = 3;
  const ClaimOutcome other = judge(claim, documents);
  EXPECT_FALSE(other.holds);
  EXPECT_THAT(markdown_table({claim}, {other}), HasSubstr("NOT REPRODUCED HERE"));
}

}  // namespace
}  // namespace nullcline::reproductions
