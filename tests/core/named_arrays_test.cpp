// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/named_arrays.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"

namespace nullcline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

NamedArrays small_set() {
  NamedArrays arrays;
  Matrix matrix(2, 3);
  matrix << 1, 2, 3, 4, 5, 6;
  arrays.set("matrix", matrix, {"step", "unit"}, "a matrix", "Hz");
  arrays.set_scalar("scalar", 0.25, "a number");
  arrays.set_integers("counts", {3, -4}, "step", "integers");
  arrays.set_strings("labels", {"on", "off"}, "step", "names");
  arrays.attributes["title"] = "a set";
  return arrays;
}

TEST(NamedArrays, KeepValuesShapesNamesAndUnits) {
  const NamedArrays arrays = small_set();
  EXPECT_EQ(arrays.matrix("matrix")(1, 0), 4);
  EXPECT_THAT(arrays.at("matrix").shape, ElementsAre(2u, 3u));
  EXPECT_THAT(arrays.at("matrix").dimensions, ElementsAre("step", "unit"));
  EXPECT_EQ(std::get<std::string>(arrays.at("matrix").attributes.at("units")), "Hz");
  EXPECT_EQ(std::get<std::string>(arrays.at("matrix").attributes.at("long_name")), "a matrix");
  EXPECT_EQ(arrays.scalar("scalar"), 0.25);
  EXPECT_THAT(arrays.integers("counts"), ElementsAre(3, -4));
  EXPECT_THAT(arrays.strings("labels"), ElementsAre("on", "off"));
  EXPECT_EQ(arrays.text_attribute("title"), "a set");
}

TEST(NamedArrays, ConvertEveryNumericTypeToDouble) {
  NamedArrays arrays;
  arrays.set("f", {{}, {2}, std::vector<float>{0.5F, -1.5F}, {}});
  arrays.set("b", {{}, {2}, std::vector<std::uint8_t>{1, 255}, {}});
  arrays.set("i", {{}, {2}, std::vector<std::int64_t>{-7, 9}, {}});
  EXPECT_THAT(arrays.values("f"), ElementsAre(0.5, -1.5));
  EXPECT_THAT(arrays.values("b"), ElementsAre(1, 255));
  EXPECT_EQ(arrays.vector("i")(0), -7);
}

TEST(NamedArrays, RefuseDataThatDoNotFillTheShape) {
  NamedArrays arrays;
  EXPECT_THAT(
      [&] {
        arrays.set("a", {{}, {2, 3}, std::vector<double>(5), {}});
      },
      ThrowsMessage<InvalidInput>(HasSubstr("5 values do not fill shape (2, 3)")));
  EXPECT_THAT(
      [&] {
        arrays.set("a", {{"unit"}, {2, 3}, std::vector<double>(6), {}});
      },
      ThrowsMessage<InvalidInput>(HasSubstr("1 dimension names for 2 axes")));
  EXPECT_FALSE(arrays.has("a"));
}

TEST(NamedArrays, NameWhatIsMissingAndWhatIsThere) {
  const NamedArrays arrays = small_set();
  EXPECT_THAT(
      [&] { arrays.at("weights"); },
      ThrowsMessage<FormatError>(HasSubstr("'weights'; found counts, labels, matrix, scalar")));
  EXPECT_THAT([&] { arrays.text_attribute("author"); },
              ThrowsMessage<FormatError>(HasSubstr("'author'")));
}

TEST(NamedArrays, RefuseToReadAnArrayAsSomethingElse) {
  const NamedArrays arrays = small_set();
  EXPECT_THAT([&] { arrays.vector("matrix"); },
              ThrowsMessage<FormatError>(HasSubstr("shape (2, 3), expected 1 axes")));
  EXPECT_THROW(arrays.matrix("scalar"), FormatError);
  EXPECT_THROW(arrays.scalar("counts"), FormatError);
  EXPECT_THROW(arrays.values("labels"), FormatError);
  EXPECT_THROW(arrays.integers("matrix"), FormatError);
  EXPECT_THROW(arrays.strings("counts"), FormatError);
}

TEST(NamedArrays, GroupsGoInAndComeOutUnchanged) {
  NamedArrays inner = small_set();
  inner.set_group("deep", small_set());
  NamedArrays outer;
  outer.set_group("run", inner);
  EXPECT_TRUE(outer.has("run/deep/matrix"));
  EXPECT_TRUE(outer.has_group("run"));
  EXPECT_TRUE(outer.has_group("run/deep"));
  EXPECT_FALSE(outer.has_group("ru"));
  const NamedArrays back = outer.group("run");
  EXPECT_EQ(back.text_attribute("title"), "a set");
  EXPECT_EQ(back.all().size(), inner.all().size());
  EXPECT_EQ(back.group("deep").scalar("scalar"), 0.25);
  EXPECT_EQ(back.group("deep").text_attribute("title"), "a set");
}

TEST(NamedArrays, AGroupEndsAtItsSlash) {
  NamedArrays arrays;
  arrays.set_scalar("run/a", 1, "");
  arrays.set_scalar("running/a", 2, "");
  EXPECT_EQ(arrays.group("run").all().size(), 1u);
  EXPECT_EQ(arrays.group("run").scalar("a"), 1);
}

}  // namespace
}  // namespace nullcline
