// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nullcline/formulas/program.hpp"

namespace nullcline::formulas {
namespace {

double value_of(const std::string& text, double x = 0, double y = 0) {
  Program program({"x", "y"});
  program.add(text);
  const double symbols[] = {x, y};
  double out = 0;
  program.evaluate(std::span<const double>(symbols), std::span<double>(&out, 1));
  return out;
}

// The message and the column of what the text is refused for.
std::pair<std::string, std::size_t> refusal(const std::string& text) {
  Program program({"x", "y"});
  try {
    program.add(text);
  } catch (const FormulaError& error) {
    return {error.what(), error.column()};
  }
  return {"accepted", 0};
}

TEST(Parser, FollowsThePrecedenceOfOperators) {
  EXPECT_DOUBLE_EQ(value_of("1 + 2*3"), 7);
  EXPECT_DOUBLE_EQ(value_of("(1 + 2)*3"), 9);
  EXPECT_DOUBLE_EQ(value_of("8/4/2"), 1);
  EXPECT_DOUBLE_EQ(value_of("8 - 4 - 2"), 2);
  EXPECT_DOUBLE_EQ(value_of("-x^2", 3), -9);
  EXPECT_DOUBLE_EQ(value_of("(-x)^2", 3), 9);
  EXPECT_DOUBLE_EQ(value_of("2^3^2"), 512);
  EXPECT_DOUBLE_EQ(value_of("2^-2"), 0.25);
  EXPECT_DOUBLE_EQ(value_of("2*-x", 3), -6);
  EXPECT_DOUBLE_EQ(value_of("--x", 3), 3);
  EXPECT_DOUBLE_EQ(value_of("+x - +y", 3, 1), 2);
  EXPECT_DOUBLE_EQ(value_of(" x\t*\n y ", 3, 4), 12);
}

TEST(Parser, ReadsNumbersAsTheNearestDoubles) {
  EXPECT_EQ(value_of("0.1"), 0.1);
  EXPECT_EQ(value_of(".5"), 0.5);
  EXPECT_EQ(value_of("5."), 5.0);
  EXPECT_EQ(value_of("1.5e-3"), 1.5e-3);
  EXPECT_EQ(value_of("2E2"), 200);
  EXPECT_EQ(value_of("pi"), std::acos(-1.0));
  EXPECT_EQ(value_of("e"), std::exp(1.0));
}

TEST(Parser, KnowsEachFunction) {
  const double x = 0.3;
  EXPECT_DOUBLE_EQ(value_of("exp(x)", x), std::exp(x));
  EXPECT_DOUBLE_EQ(value_of("log(x)", x), std::log(x));
  EXPECT_DOUBLE_EQ(value_of("sqrt(x)", x), std::sqrt(x));
  EXPECT_DOUBLE_EQ(value_of("sin(x)", x), std::sin(x));
  EXPECT_DOUBLE_EQ(value_of("cos(x)", x), std::cos(x));
  EXPECT_DOUBLE_EQ(value_of("tan(x)", x), std::tan(x));
  EXPECT_DOUBLE_EQ(value_of("sinh(x)", x), std::sinh(x));
  EXPECT_DOUBLE_EQ(value_of("cosh(x)", x), std::cosh(x));
  EXPECT_DOUBLE_EQ(value_of("tanh(x)", x), std::tanh(x));
  EXPECT_DOUBLE_EQ(value_of("atanh(x)", x), std::atanh(x));
  EXPECT_DOUBLE_EQ(value_of("sigmoid(x)", x), 1 / (1 + std::exp(-x)));
  EXPECT_EQ(value_of("sigma(x)", x), value_of("sigmoid(x)", x));
  EXPECT_EQ(value_of("relu(x) + 10*relu(-x)", x), x);
  EXPECT_EQ(value_of("abs(-x)", x), x);
  EXPECT_EQ(value_of("x^0.5", 2.25), 1.5);
  EXPECT_EQ(value_of("x^3", -2), -8);
}

struct Refused {
  const char* text;
  const char* message;
  std::size_t column;
};

class RefusedFormulas : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedFormulas, SayWhatAndWhere) {
  const auto [message, column] = refusal(GetParam().text);
  EXPECT_THAT(message, ::testing::HasSubstr(GetParam().message)) << GetParam().text;
  EXPECT_EQ(column, GetParam().column) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Formulas, RefusedFormulas,
    ::testing::Values(
        Refused{"", "found the end of the formula, expected a number, a name or (", 0},
        Refused{"x +", "found the end", 3}, Refused{"x y", "found 'y', expected an operator", 2},
        Refused{"x + alhpa", "unknown symbol 'alhpa', expected one of x, y, pi, e", 4},
        Refused{"arctan(x)", "unknown function 'arctan', expected one of exp, log", 0},
        Refused{"sin", "found the function sin without argument, expected sin(...)", 0},
        Refused{"2x", "found 'x' after a number, expected an operator (products are written 2*x)",
                1},
        Refused{"x**2", "found **, expected ^", 2}, Refused{"(x + 1", "( that is not closed", 0},
        Refused{"x)", "found ')', expected an operator", 1},
        Refused{"sin(x, y)", "( that is not closed", 3}, Refused{"1.2.3", "found '.' after", 3},
        Refused{"1e999", "out of range", 0}, Refused{"x/0", "division by 0", 2},
        Refused{"x/(2 - 1 - 1)", "division by 0", 2}, Refused{"x $ y", "found '$'", 2},
        Refused{"x\xc3\xa9", "found the byte 0xc3", 1}, Refused{"e(x)", "unknown function 'e'", 0},
        Refused{"x^", "found the end", 2}, Refused{"nan", "unknown symbol 'nan'", 0},
        Refused{"1 +* 2", "found '*', expected a number", 3}));

TEST(Parser, RefusesANulByte) {
  EXPECT_THAT(refusal(std::string("x\0y", 3)).first, ::testing::HasSubstr("the byte 0x00"));
}

TEST(Parser, BoundsTheDepthOfTheRecursion) {
  const auto nested = [](const std::string& open, const std::string& close, int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += open;
    text += "x";
    for (int i = 0; i < n; ++i) text += close;
    return text;
  };
  for (const auto& [open, close] : {std::pair<std::string, std::string>{"(", ")"},
                                    {"-", ""},
                                    {"sin(", ")"},
                                    {"2^", ""},
                                    {"+", ""}}) {
    EXPECT_EQ(refusal(nested(open, close, 98)).first, "accepted") << open;
    EXPECT_THAT(refusal(nested(open, close, 1500)).first,
                ::testing::HasSubstr("more than 100 nested levels"))
        << open;
  }
}

TEST(Parser, BoundsTheLength) {
  EXPECT_THAT(refusal(std::string(kLongestFormula + 1, ' ')).first,
              ::testing::HasSubstr("a formula of 10001 characters, expected at most 10000"));
}

TEST(Program, RefusesUnfitNames) {
  EXPECT_THROW(Program({"2x"}), InvalidInput);
  EXPECT_THROW(Program({"e"}), InvalidInput);
  EXPECT_THROW(Program({"tanh"}), InvalidInput);
  EXPECT_THROW(Program({""}), InvalidInput);
  EXPECT_THROW(Program({"a", "b", "a"}), InvalidInput);
  EXPECT_NO_THROW(Program({"_a1", "E"}));
}

TEST(Program, SaysWhichSymbolsItUses) {
  Program program({"x", "y", "z"});
  program.add("x + 1");
  program.add("sin(z)");
  EXPECT_TRUE(program.uses(0));
  EXPECT_FALSE(program.uses(1));
  EXPECT_TRUE(program.uses(2));
}

TEST(Program, KnowsItsDivisorsAndKinks) {
  Program program({"x", "y"});
  program.add("1/(x - y)");
  program.add("x + relu(y - 1)");
  ASSERT_EQ(program.divisors().size(), 1u);
  EXPECT_EQ(program.divisors()[0].output, 0u);
  EXPECT_EQ(program.divisors()[0].column, 2u);
  const double symbols[] = {3, 0.5};
  double divisor = 0;
  program.divisor_values(symbols, std::span<double>(&divisor, 1));
  EXPECT_EQ(divisor, 2.5);
  EXPECT_TRUE(program.has_kinks());
  EXPECT_EQ(program.kink_distance(symbols), 0.5);
  Program smooth({"x"});
  smooth.add("x^2");
  EXPECT_FALSE(smooth.has_kinks());
  EXPECT_EQ(smooth.kink_distance(std::span(symbols).first(1)),
            std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace nullcline::formulas
