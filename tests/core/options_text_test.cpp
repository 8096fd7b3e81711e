// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/options_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace {
enum class Color { red, green };
}  // namespace

template <>
struct nullcline::EnumNames<Color> {
  static constexpr std::array values{std::pair{Color::red, "red"},
                                     std::pair{Color::green, "green"}};
};

namespace nullcline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Options {
  bool quiet = false;
  int count = 3;
  std::int64_t big = -9'000'000'000;
  std::uint64_t seed = std::numeric_limits<std::uint64_t>::max();
  double rate = 0.1;
  std::string name = "a \"b\"";
  std::vector<double> input{0, -0.5};
  NumberRows rows{{1, 2}, {3, -0.25}};
  Color color = Color::red;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("quiet", self.quiet, "say less");
    field("count", self.count, "how many");
    field("big", self.big, "a long one");
    field("seed", self.seed, "seed");
    field("rate", self.rate, "rate");
    field("name", self.name, "name");
    field("input", self.input, "input");
    field("rows", self.rows, "rows");
    field("color", self.color, "color");
  }
};

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "no error";
}

TEST(OptionsText, JsonHoldsEveryTypeAndReadsBackExactly) {
  Options written;
  written.rate = 0.1 + 0.2;
  const std::string json = fields_to_json(option_fields(written));
  EXPECT_EQ(json, R"({"quiet":false,"count":3,"big":-9000000000,"seed":18446744073709551615,)"
                  R"("rate":0.30000000000000004,"name":"a \"b\"","input":[0.0,-0.5],)"
                  R"("rows":[[1.0,2.0],[3.0,-0.25]],"color":"red"})");

  Options read;
  read = Options{true, 0, 0, 0, 0, "", {}, {}, Color::green};
  fields_from_json(option_fields(read), json, "test");
  EXPECT_EQ(fields_to_json(option_fields(read)), json);
}

TEST(OptionsText, FieldsThatAreNotNamedStay) {
  Options options;
  fields_from_json(option_fields(options), R"({"count": 5})", "test");
  EXPECT_EQ(options.count, 5);
  EXPECT_EQ(options.rate, 0.1);
}

TEST(OptionsText, UnknownKeysAreNamedWithTheNearest) {
  Options options;
  const auto read = [&](const char* json) {
    return message_of([&] { fields_from_json(option_fields(options), json, "a.json"); });
  };
  EXPECT_EQ(read(R"({"cuont": 5})"), "a.json: unknown key 'cuont', did you mean 'count'?");
  EXPECT_EQ(read(R"({"zzzzzzzz": 5})"), "a.json: unknown key 'zzzzzzzz'");
  EXPECT_EQ(read(R"({"count": "5"})"), "a.json: count: found \"5\", expected an integer");
  EXPECT_THAT(read(R"({"count": 5000000000})"), HasSubstr("an integer from -2147483648"));
  EXPECT_EQ(read(R"({"color": "blue"})"), "a.json: color: found 'blue', expected red | green");
  EXPECT_EQ(read("[1]"), "a.json: not a JSON object");
  EXPECT_EQ(read("{"), "a.json: not a JSON object");
}

TEST(OptionsText, NumbersAreWholeTextsAndFinite) {
  EXPECT_EQ(parse_number("-1.5e3", "x"), -1500);
  EXPECT_EQ(parse_number("+2", "x"), 2);
  for (const char* text : {"", "1x", "nan", "inf", "1e999", "0x10", " 1", "1 "})
    EXPECT_THROW(parse_number(text, "x"), InvalidInput) << text;
  EXPECT_EQ(message_of([] { parse_number("1,5", "--rate"); }),
            "--rate: found '1,5', expected a finite number");
}

TEST(OptionsText, IntegersKnowTheirRange) {
  EXPECT_EQ(parse_integer("-7", "x", -7, 7), -7);
  for (const char* text : {"8", "-8", "1.0", "1e1", "", "99999999999999999999"})
    EXPECT_THROW(parse_integer(text, "x", -7, 7), InvalidInput) << text;
  EXPECT_EQ(parse_unsigned("18446744073709551615", "x"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_THROW(parse_unsigned("-1", "x"), InvalidInput);
  EXPECT_THROW(parse_unsigned("18446744073709551616", "x"), InvalidInput);
}

TEST(OptionsText, ListsAreSeparatedByCommas) {
  EXPECT_THAT(parse_numbers("1, -2 ,3.5", "x"), ElementsAre(1, -2, 3.5));
  EXPECT_THAT(parse_numbers("", "x"), ElementsAre());
  EXPECT_THROW(parse_numbers("1,,2", "x"), InvalidInput);
  EXPECT_THROW(parse_numbers("1,", "x"), InvalidInput);
  EXPECT_THAT(parse_rows("1,2;3", "x"), ElementsAre(ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_THAT(parse_rows("", "x"), ElementsAre());
  EXPECT_THROW(parse_rows("1;a", "x"), InvalidInput);
}

TEST(OptionsText, BooleansAreWords) {
  EXPECT_TRUE(parse_boolean("true", "x"));
  EXPECT_FALSE(parse_boolean("false", "x"));
  EXPECT_THROW(parse_boolean("1", "x"), InvalidInput);
}

TEST(OptionsText, TheNearestNameToleratesSwapsAndRefusesStrangers) {
  EXPECT_EQ(nearest_name("unist", {"units", "bits", "steps"}), "units");
  EXPECT_EQ(nearest_name("learning_rat", {"learning_rate", "rate"}), "learning_rate");
  EXPECT_EQ(nearest_name("fruit_salad", {"units", "bits"}), "");
  EXPECT_EQ(nearest_name("x", {"y"}), "");
  EXPECT_EQ(suggestion("bit", {"bits"}), ", did you mean 'bits'?");
}

}  // namespace
}  // namespace nullcline
