// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/provenance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>

namespace nullcline {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::string text(const Attributes& attributes, const std::string& name) {
  return std::get<std::string>(attributes.at(name));
}

TEST(Provenance, SaysWhatAResultWasMadeBy) {
  const Attributes made = provenance();
  EXPECT_EQ(text(made, "nullcline_version"), version());
  EXPECT_THAT(version(), MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(text(made, "git_commit"), MatchesRegex("unknown|[0-9a-zA-Z.-]+"));
  EXPECT_THAT(text(made, "compiler"), MatchesRegex("(GCC|Clang) [0-9]+.*"));
  EXPECT_THAT(text(made, "compiler_flags"), HasSubstr("-ffp-contract=off"));
  EXPECT_THAT(text(made, "blas"), HasSubstr("OpenBLAS"));
  EXPECT_THAT(text(made, "Conventions"), MatchesRegex("CF-1\\.[0-9]+"));
  for (const auto& [name, value] : made) {
    ASSERT_TRUE(std::holds_alternative<std::string>(value)) << name;
    EXPECT_THAT(std::get<std::string>(value), testing::Not(HasSubstr("\n"))) << name;
  }
}

TEST(Provenance, SaysWhereAndWhen) {
  const Attributes made = provenance();
  char name[256] = {};
  ASSERT_EQ(gethostname(name, sizeof name - 1), 0);
  EXPECT_EQ(text(made, "host"), name);
  std::tm parsed{};
  const std::string created = text(made, "created");
  ASSERT_NE(strptime(created.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parsed), nullptr) << created;
  EXPECT_NEAR(static_cast<double>(timegm(&parsed)), static_cast<double>(std::time(nullptr)), 60);
}

}  // namespace
}  // namespace nullcline
