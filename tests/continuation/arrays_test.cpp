// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "support.hpp"

namespace nullcline::continuation {
namespace {

using namespace nullcline::testing;

Continuation example() {
  const auto system = flow(Cusp{}, 1, 2, 3);
  return continue_branches(system, vec({0, 1}), {"input[0]", -1, 1},
                           ParameterRange{"input[1]", -1, 1.5});
}

TEST(ContinuationArrays, ComeBackAsTheyWere) {
  const Continuation before = example();
  const Continuation after = continuation_from_arrays(to_arrays(before));
  ASSERT_EQ(after.branches.size(), before.branches.size());
  ASSERT_EQ(after.curves.size(), before.curves.size());
  EXPECT_EQ(after.parameters, before.parameters);
  EXPECT_EQ(after.intervals, before.intervals);
  EXPECT_EQ(after.n_found, before.n_found);
  for (std::size_t b = 0; b < before.curves.size(); ++b) {
    EXPECT_EQ(after.curves[b].states, before.curves[b].states);
    EXPECT_EQ(after.curves[b].parameters, before.curves[b].parameters);
    EXPECT_EQ(after.curves[b].n_unstable, before.curves[b].n_unstable);
    EXPECT_EQ(after.curves[b].end, before.curves[b].end);
  }
  const Event &was = before.branches[0].events.at(0), &is = after.branches[0].events.at(0);
  EXPECT_EQ(is.type, was.type);
  EXPECT_EQ(is.state, was.state);
  EXPECT_EQ(is.parameters, was.parameters);
  EXPECT_EQ(is.coefficient, was.coefficient);
  EXPECT_EQ(is.point, was.point);
}

TEST(ContinuationArrays, ThatDoNotFitAreRefused) {
  const NamedArrays good = to_arrays(example());
  NamedArrays arrays = good;
  arrays.set_strings("branch_kind", {"equilibrium"}, "branch", "");
  EXPECT_THROW(continuation_from_arrays(arrays), FormatError);
  arrays = good;
  std::vector<std::string> kinds = good.strings("branch_kind");
  kinds[0] = "spiral";
  arrays.set_strings("branch_kind", kinds, "branch", "");
  EXPECT_THROW(continuation_from_arrays(arrays), FormatError);
  arrays = good;
  std::vector<std::int64_t> owners = good.integers("event_branch");
  owners[0] = 99;
  arrays.set_integers("event_branch", owners, "event", "");
  EXPECT_THROW(continuation_from_arrays(arrays), FormatError);
  EXPECT_NO_THROW(continuation_from_arrays(good));
}

}  // namespace
}  // namespace nullcline::continuation
