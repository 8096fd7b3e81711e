// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/live_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"

namespace nullcline::report {
namespace {

constexpr std::string_view kExplorer =
    "<h1>x</h1><script id=\"model\" type=\"application/json\">null</script><script>1</script>";

nlohmann::json model_of(const std::string& page) {
  const std::string begin = "type=\"application/json\">";
  const std::size_t from = page.find(begin) + begin.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(LivePage, HoldsTheModelInItsPlace) {
  LiveModel model{"A title", "[system]\n# </script><script>alert(1)</script> <!--\n", {}, {}, {},
                  {}};
  model.values = {{"alpha", 0.1}, {"b", 1.0 / 3}};
  model.time = "continuous";
  model.input = Vector::Constant(1, 0.25);
  model.box = {{-1, 1}, {-2, 2.5}};
  const std::string page = render_live(kExplorer, model);
  EXPECT_TRUE(page.starts_with("<h1>x</h1><script id=\"model\""));
  EXPECT_TRUE(page.ends_with("</script><script>1</script>"));
  // The text of the model ends no script and begins none.
  EXPECT_EQ(page.find("<!--"), std::string::npos);
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  const nlohmann::json read = model_of(page);
  EXPECT_EQ(read["text"], model.text);
  EXPECT_EQ(read["title"], "A title");
  EXPECT_EQ(read["time"], "continuous");
  EXPECT_EQ(read["values"]["b"].get<double>(), 1.0 / 3);
  EXPECT_EQ(read["input"], std::vector<double>{0.25});
  EXPECT_EQ(read["box"][1][1], 2.5);
  model.box.clear();
  EXPECT_FALSE(model_of(render_live(kExplorer, model)).contains("box"));
}

TEST(LivePage, NeedsAPlaceForTheModel) {
  EXPECT_THROW(render_live("<script>null</script>", {}), InvalidInput);
}

}  // namespace
}  // namespace nullcline::report
