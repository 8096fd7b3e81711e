// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/enum_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/termination.hpp"

namespace nullcline {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(EnumNames, EveryNameReadsBackAsItsValue) {
  for (const auto& [value, name] : EnumNames<Termination>::values) {
    EXPECT_EQ(name_of(value), name);
    EXPECT_EQ(parse_enum<Termination>(name, "key"), value);
  }
}

TEST(EnumNames, AnUnknownNameIsRefusedWithTheKeyAndTheChoices) {
  EXPECT_THAT(
      [] { parse_enum<Termination>("Converged", "--end"); },
      ThrowsMessage<InvalidInput>(AllOf(HasSubstr("--end"), HasSubstr("'Converged'"),
                                        HasSubstr("not_run | converged | max_iterations"))));
  EXPECT_THROW(parse_enum<Termination>("", "--end"), InvalidInput);
}

TEST(EnumNames, AValueOutsideTheListHasNoName) {
  EXPECT_EQ(name_of(static_cast<Termination>(99)), "?");
}

}  // namespace
}  // namespace nullcline
