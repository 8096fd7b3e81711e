// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"

namespace nullcline::interchange {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kText = R"(title = "Figure 1"
paper = "Them"
seconds = 2
figures = ["a.html"]
[[commands]]
name = "run"
run = "fixed-points {folder}/a.toml   --json"
[[claims]]
paper = "three"
found = "{0}"
agree = "yes"
checks = [{of = "run", path = "n", expect = 3}, {of = "run", path = "x", expect = [1.5, true, "a"], tolerance = 1e-9, digits = 4}]
)";

TEST(RecipeFile, IsReadWhole) {
  const Recipe recipe = parse_recipe(kText, "recipe.toml");
  EXPECT_EQ(recipe.title, "Figure 1");
  EXPECT_EQ(recipe.seconds, 2);
  EXPECT_THAT(recipe.figures, ElementsAre("a.html"));
  ASSERT_EQ(recipe.commands.size(), 1U);
  EXPECT_THAT(recipe.commands[0].arguments,
              ElementsAre("fixed-points", "{folder}/a.toml", "--json"));
  ASSERT_EQ(recipe.claims.size(), 1U);
  const RecipeCheck& check = recipe.claims[0].checks.at(1);
  EXPECT_THAT(check.expect, ElementsAre(RecipeValue(1.5), RecipeValue("true"), RecipeValue("a")));
  EXPECT_EQ(check.tolerance, 1e-9);
  EXPECT_EQ(check.digits, 4);
}

TEST(RecipeFile, AHashInAStringIsNoComment) {
  const Recipe recipe = parse_recipe(
      "title = \"a # \\\" # b\"  # \xc3\xa9 \" \n paper = '#\\' # x\n"
      "[[commands]]\nrun = \"\"\"#\n # 'x\"\"\"#\n",
      "recipe.toml");
  EXPECT_EQ(recipe.title, "a # \" # b");
  EXPECT_EQ(recipe.paper, "#\\");
  EXPECT_THAT(recipe.commands[0].arguments, ElementsAre("#", "#", "'x"));
  EXPECT_THROW(parse_recipe("title = \"# \xc3\xa9\"\n", "recipe.toml"), FormatError);
}

TEST(RecipeFile, MistakesNameTheirPlace) {
  const auto complaint = [](const std::string& what, const std::string& by) {
    std::string text = kText;
    text.replace(text.find(what), what.size(), by);
    try {
      parse_recipe(text, "recipe.toml");
    } catch (const FormatError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_THAT(complaint("seconds = 2", "second = 2"),
              HasSubstr("recipe.toml: line 3, column 1: second: unknown key in a recipe"));
  EXPECT_THAT(complaint("of = \"run\"", "of = \"ran\""),
              HasSubstr("expected the name of a command"));
  EXPECT_THAT(complaint("expect = 3", "count = 1.5"),
              HasSubstr("count: found 1.5, expected a whole"));
  EXPECT_THAT(complaint(", expect = 3", ""), HasSubstr("nothing to compare with"));
  EXPECT_THAT(complaint("[\"a.html\"]", "[1]"), HasSubstr("expected names of files"));
  EXPECT_THAT(complaint("[[commands]]", "[commands]"), HasSubstr("expected tables, [[commands]]"));
  EXPECT_THAT(complaint("\"Figure 1\"", "1"),
              HasSubstr("title: found an integer, expected a string"));
  EXPECT_THROW(parse_recipe("", "recipe.toml"), FormatError);
}

}  // namespace
}  // namespace nullcline::interchange
