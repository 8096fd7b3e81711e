// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/error.hpp"

#include <gtest/gtest.h>

namespace nullcline {
namespace {

TEST(ValidUtf8, KeepsCharactersAndReplacesOtherBytes) {
  EXPECT_EQ(valid_utf8(""), "");
  const std::string good = "a \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf \xf4\x8f\xbf\xbf";
  EXPECT_EQ(valid_utf8(good), good);
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(valid_utf8("sadd\xec"
                       "e"),
            "sadd" + mark + "e");
  EXPECT_EQ(valid_utf8("\xc3"), mark);             // cut off
  EXPECT_EQ(valid_utf8("\x80"), mark);             // nothing to continue
  EXPECT_EQ(valid_utf8("\xc0\x80"), mark + mark);  // too long for its value
  EXPECT_EQ(valid_utf8("\xe0\x80\x80"), mark + mark + mark);
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), mark + mark + mark);             // half of a pair
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), mark + mark + mark + mark);  // beyond the last one
}

TEST(ValidUtf8, MessagesAre) {
  EXPECT_STREQ(FormatError("x\xff").what(), "x\xef\xbf\xbd");
  EXPECT_STREQ(InvalidInput("x\xff").what(), "x\xef\xbf\xbd");
}

}  // namespace
}  // namespace nullcline
