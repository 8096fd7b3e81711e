// SPDX-License-Identifier: BSD-3-Clause
// The text of a page: what is in it, what is not, and how large it is. The browser tests open it.
#include "nullcline/report/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstring>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::report {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kMaxBytes = 3'000'000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

fixed_points::FixedPoint point_with(std::vector<std::complex<double>> eigenvalues) {
  fixed_points::FixedPoint point;
  point.kind = fixed_points::Kind::fixed;
  point.eigenvalues =
      Eigen::Map<ComplexVector>(eigenvalues.data(), static_cast<Index>(eigenvalues.size()));
  point.readout = Eigen::Vector2d(0.25, -1);
  return point;
}

View plane_view(Index n_points) {
  View view;
  view.name = "plane";
  view.labels = {"x", "y"};
  view.trajectories = {(Matrix(3, 2) << 0, 0, 1, 0.5, 2, 0.25).finished()};
  view.points = Matrix::Constant(n_points, 2, 0.5);
  view.unstable_modes = (Matrix(1, 4) << 0, 0, 1, 1).finished();
  view.mode_points = {0};
  return view;
}

topology::Graph small_graph() {
  topology::Graph graph;
  graph.n_points = 2;
  graph.transitions = (Matrix(2, 3) << 1, 0, 0, 0.75, 0, 0.25).finished();
  graph.n_rollouts = {4, 4};
  graph.n_cycle = 1;
  graph.point_index = {1, 0};
  graph.labels = {"+", "-"};
  return graph;
}

PageContent small_page() {
  PageContent page;
  page.title = "A title";
  page.summary = {{"Task", "none"}};
  page.sets.resize(1);
  page.sets[0].input = Eigen::Vector2d(0.5, 0);
  page.sets[0].points = {point_with({{0.5, 0.25}, {0.5, -0.25}}), point_with({{2, 0}, {-3, 0}})};
  page.sets[0].audit.index_sum = 1;
  page.sets[0].audit.index_expected = 1;
  page.views = {{plane_view(2)}};
  page.graphs = {small_graph()};
  page.training_loss = {1, 0.5, 0.25};
  page.validation_iterations = {3};
  page.validation_loss = {0.125};
  page.validation_accuracy = {0.75};
  page.provenance = {{"command", "nullcline report"}};
  return page;
}

// The content of the script element with this id.
std::string block(const std::string& html, const std::string& id) {
  const std::size_t open = html.find("id=\"" + id + "\">");
  const std::size_t begin = html.find('>', open) + 1;
  return html.substr(begin, html.find("</script>", begin) - begin);
}

json data_of(const PageContent& page) { return json::parse(block(render_page(page), "data")); }

std::vector<float> decoded(const std::string& base64) {
  static const std::string kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned group = 0, n_bits = 0;
  for (const char c : base64) {
    if (c == '=') break;
    group = group << 6 | static_cast<unsigned>(kDigits.find(c));
    n_bits += 6;
    if (n_bits >= 8) bytes += static_cast<char>(group >> (n_bits -= 8) & 255U);
  }
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

// The small page with an orbit of period 2 to which the second point leads.
PageContent page_with_orbit() {
  PageContent page = small_page();
  orbits::Orbit orbit;
  orbit.kind = orbits::Kind::periodic;
  orbit.period = 2;
  orbit.points = (Matrix(2, 3) << 1, 2, 3, 4, 5, 6).finished();
  orbit.readouts = (Matrix(2, 2) << 0, 1, 1, 0).finished();
  orbit.multipliers = ComplexVector::Constant(1, {-0.5, 0});
  orbit.n_ends = 7;
  page.orbits.resize(1);
  page.orbits[0].orbits = {orbit};
  page.orbits[0].n_trajectories = 8;
  page.orbits[0].note = "7 of 8 trajectories end at no fixed point";
  page.views[0][0].orbits = {(Matrix(2, 2) << 0, 0.5, 1, 1.5).finished()};
  topology::Graph& graph = page.graphs[0];
  graph.n_orbits = 1;
  graph.transitions = (Matrix(3, 4) << 1, 0, 0, 0, 0, 0, 0.75, 0.25, 0, 0, 1, 0).finished();
  graph.orbit_index = {0};
  graph.n_rollouts = {4, 4, 0};
  graph.labels = {"+", "-", "orbit 0"};
  return page;
}

TEST(Page, HoldsOrbits) {
  const json data = data_of(page_with_orbit());
  const json& set = data["sets"][0];
  ASSERT_EQ(set["orbits"].size(), 1U);
  EXPECT_EQ(set["orbits"][0]["kind"], "periodic");
  EXPECT_EQ(set["orbits"][0]["period"], 2);
  EXPECT_EQ(set["orbits"][0]["n_ends"], 7);
  EXPECT_EQ(set["orbits"][0]["leading"], 0.5);
  EXPECT_EQ(set["orbits"][0]["readout"], json({0.5, 0.5}));
  EXPECT_EQ(set["ends"]["note"], "7 of 8 trajectories end at no fixed point");
  EXPECT_EQ(decoded(set["views"][0]["orbits"][0]), (std::vector<float>{0, 0.5, 1, 1.5}));
  EXPECT_EQ(set["graph"]["orbits"], json::array({0}));
  EXPECT_EQ(set["graph"]["edges"][1], json({1, 2, 0.75}));
  EXPECT_THAT(set["verdict"], HasSubstr("7 of 8 trajectories end at no fixed point."));
}

TEST(Page, RefusesOrbitsThatDoNotFit) {
  PageContent page = page_with_orbit();
  page.views[0][0].orbits.clear();
  EXPECT_THROW(render_page(page), InvalidInput);
  page = page_with_orbit();
  page.views[0][0].orbits[0].resize(3, 2);
  EXPECT_THROW(render_page(page), InvalidInput);
  page = page_with_orbit();
  page.graphs[0].orbit_index = {1};
  EXPECT_THROW(render_page(page), InvalidInput);
  page = page_with_orbit();
  page.orbits.emplace_back();
  EXPECT_THROW(render_page(page), InvalidInput);
}

TEST(Page, HoldsWhatItWasGiven) {
  const json data = data_of(small_page());
  const json& set = data["sets"][0];
  EXPECT_EQ(data["time"], "discrete");
  EXPECT_EQ(set["input"], json({0.5, 0}));
  EXPECT_EQ(set["points"][0]["readout"], json({0.25, -1}));
  EXPECT_EQ(set["points"][0]["kind"], "fixed");
  EXPECT_DOUBLE_EQ(set["points"][0]["leading"], std::abs(std::complex<double>(0.5, 0.25)));
  EXPECT_EQ(set["points"][1]["leading"], 3);
  EXPECT_EQ(set["graph"]["edges"], json({{0, 0, 1.0}, {1, 0, 0.75}, {1, 2, 0.25}}));
  EXPECT_EQ(set["graph"]["points"], json({1, 0}));
  EXPECT_EQ(decoded(set["views"][0]["modes"]), (std::vector<float>{0, 0, 1, 1}));
  EXPECT_EQ(decoded(data["trajectories"][0]["values"]),
            (std::vector<float>{0, 0, 1, 0.5F, 2, 0.25F}));
  EXPECT_EQ(decoded(data["training"]["loss"]), (std::vector<float>{1, 0.5F, 0.25F}));
  EXPECT_EQ(data["training"]["validation_accuracy"], json({0.75}));
}

TEST(Page, StatesEigenvaluesWithTimesAndFrequenciesWhereKnown) {
  PageContent page = small_page();
  page.sets[0].points.resize(1);
  page.views.clear();
  page.graphs.clear();
  page.sets[0].points[0].time_constants = Eigen::Vector2d(7, kInfinity);
  const json data = data_of(page);
  const std::vector<float> values = decoded(data["sets"][0]["eigenvalues"]["values"]);
  ASSERT_EQ(values.size(), 8U);
  EXPECT_EQ(values[0], 0.5F);
  EXPECT_EQ(values[1], 0.25F);
  EXPECT_EQ(values[2], 7.0F);
  EXPECT_TRUE(std::isnan(values[3]));  // no frequencies were given
  EXPECT_TRUE(std::isinf(values[6]));
}

TEST(Page, LeadingEigenvalueOfAFlowIsTheRightmost) {
  PageContent page = small_page();
  page.time = dynamics::Time::continuous;
  const json data = data_of(page);
  EXPECT_EQ(data["time"], "continuous");
  EXPECT_EQ(data["sets"][0]["points"][1]["leading"], 2);
}

TEST(Page, InfinitiesAndNanAreNull) {
  PageContent page = small_page();
  page.sets[0].points[0].speed = std::nan("");
  page.sets[0].points[1].radius = 0.5;
  page.sets[0].audit.unseen_estimate = kInfinity;
  page.validation_loss = {kInfinity};
  const json data = data_of(page);
  const json& points = data["sets"][0]["points"];
  EXPECT_TRUE(points[0]["speed"].is_null());
  EXPECT_TRUE(points[0]["radius"].is_null());
  EXPECT_EQ(points[1]["radius"], 0.5);
  EXPECT_TRUE(points[0]["lifetime"].is_null());
  EXPECT_TRUE(data["sets"][0]["audit"]["unseen_estimate"].is_null());
  EXPECT_TRUE(data["training"]["validation_loss"][0].is_null());
}

TEST(Page, ExpectedIndexIsNullWhereTheoryHasNone) {
  PageContent page = small_page();
  EXPECT_EQ(data_of(page)["sets"][0]["audit"]["index_expected"], 1);
  page.sets[0].audit.index_expected.reset();
  EXPECT_TRUE(data_of(page)["sets"][0]["audit"]["index_expected"].is_null());
}

TEST(Page, SeedsKeepAllTheirBits) {
  PageContent page = small_page();
  page.sets[0].seed = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(data_of(page)["sets"][0]["seed"], "18446744073709551615");
}

TEST(Page, AsksForNothingOutside) {
  std::string html = render_page(small_page());
  const std::string plotly = block(html, "plotly");
  EXPECT_GT(plotly.size(), 1'000'000U);
  EXPECT_EQ(
      plotly.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "+/="),
      std::string::npos);
  html.erase(html.find(plotly), plotly.size());
  for (const char* address : {"http:", "https:", "//cdn", "@import", "url(", "<link rel=\"style",
                              "<iframe", "fetch(", "XMLHttpRequest", "WebSocket"})
    EXPECT_THAT(html, Not(HasSubstr(address)));
  EXPECT_FALSE(std::regex_search(html, std::regex("src=")));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST(Page, CarriesTheLicenseOfPlotly) {
  std::string html = render_page(small_page());
  html.resize(html.find("<script"));
  EXPECT_THAT(html, HasSubstr("Plotly, Inc. Licensed under the MIT license"));
  EXPECT_THAT(html, HasSubstr("Permission is hereby granted, free of charge"));
  EXPECT_TRUE(std::regex_search(html, std::regex("plotly\\.js v[0-9]+\\.[0-9]+\\.[0-9]+")));
}

TEST(Page, TextFromOutsideCannotBecomeMarkup) {
  const std::string hostile = "</script><img src=x onerror=alert(1)><!--{{plotly}}\"'&";
  PageContent page = small_page();
  page.title = hostile;
  page.summary = {{hostile, hostile}};
  page.provenance = {{hostile, hostile}};
  page.sets[0].audit.completeness_note = hostile;
  page.views[0][0].name = hostile;
  page.views[0][0].labels = {hostile, hostile};
  page.graphs[0].labels = {hostile, hostile};
  const std::string html = render_page(page);
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("<!--")));
  EXPECT_THAT(html, HasSubstr("<title>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;!--"
                              "{{plotly}}&quot;&#39;&amp;</title>"));
  const json data = json::parse(block(html, "data"));
  EXPECT_EQ(data["sets"][0]["audit"]["completeness_note"], hostile);
  EXPECT_EQ(data["sets"][0]["views"][0]["labels"][1], hostile);
  EXPECT_EQ(data["sets"][0]["graph"]["labels"][0], hostile);
}

TEST(Page, BytesThatAreNotUtf8AreReplaced) {
  PageContent page = small_page();
  page.views[0][0].name = "caf\xe9";
  EXPECT_EQ(data_of(page)["sets"][0]["views"][0]["name"], "caf\xef\xbf\xbd");
}

TEST(Page, TrajectoriesThatSeveralViewsShareAreStoredOnce) {
  PageContent page = small_page();
  page.sets.push_back(page.sets[0]);
  page.graphs.push_back(page.graphs[0]);
  page.views.push_back({page.views[0][0], page.views[0][0]});
  page.views[1][1].trajectories[0](0, 0) = 7;
  const json data = data_of(page);
  EXPECT_EQ(data["trajectories"].size(), 2U);
  EXPECT_EQ(data["sets"][1]["views"][0]["trajectories"], 0);
  EXPECT_EQ(data["sets"][1]["views"][1]["trajectories"], 1);
}

TEST(Page, LargeStudiesStayBelowThreeMegabytes) {
  Rng rng(3, Purpose::tests);
  PageContent page = small_page();
  page.graphs.clear();
  page.sets[0].points.resize(200, page.sets[0].points[0]);
  for (auto& point : page.sets[0].points) point.eigenvalues = ComplexVector::Constant(512, 0.5);
  page.views[0][0] = plane_view(200);
  page.views[0][0].labels = {"x", "y", "z"};
  page.views[0][0].points = Matrix::Zero(200, 3);
  page.views[0][0].unstable_modes = Matrix::Zero(1, 6);
  Matrix walk(100'000, 3);
  for (double& value : walk.reshaped()) value = rng.normal();
  page.views[0][0].trajectories = {walk};
  page.training_loss.assign(50'000, 0.5);

  const std::string html = render_page(page);
  EXPECT_LT(html.size(), kMaxBytes);
  EXPECT_GT(html.size(), kMaxBytes * 9 / 10);  // the room is used
  const json data = json::parse(block(html, "data"));
  const json& eigenvalues = data["sets"][0]["eigenvalues"];
  EXPECT_EQ(eigenvalues["totals"][0], 512);
  EXPECT_LT(eigenvalues["counts"][0], 512);
  EXPECT_GT(eigenvalues["counts"][0], 50);
  const json& trajectories = data["trajectories"][0];
  EXPECT_EQ(trajectories["n_steps"], 100'000);
  EXPECT_EQ(decoded(trajectories["values"]).size(),
            3 * trajectories["lengths"][0].get<std::size_t>());
  EXPECT_GT(trajectories["lengths"][0], 10'000);
  EXPECT_LE(data["training"]["iterations"].size(), 4'000U);
  EXPECT_EQ(data["training"]["n_iterations"], 50'000);
}

TEST(Page, PointsThatDoNotFitAreRefusedNotDropped) {
  PageContent page = small_page();
  page.views.clear();
  page.graphs.clear();
  page.sets[0].points.resize(6'000, page.sets[0].points[0]);
  try {
    render_page(page);
    FAIL() << "6,000 points in one page";
  } catch (const InvalidInput& error) {
    EXPECT_THAT(error.what(), HasSubstr("report fewer at a time"));
  }
}

TEST(Page, NothingSearchedIsAPageToo) {
  PageContent page;
  page.training_loss = {1, 0.5};
  const std::string html = render_page(page);
  EXPECT_THAT(html, HasSubstr("Fixed points were not searched for."));
  EXPECT_EQ(json::parse(block(html, "data"))["sets"].size(), 0U);
}

struct Mistake {
  const char* name;
  std::function<void(PageContent&)> make;
  const char* message;
};

class PageSizes : public testing::TestWithParam<Mistake> {};

TEST_P(PageSizes, ThatDoNotFitAreNamed) {
  PageContent page = small_page();
  GetParam().make(page);
  try {
    render_page(page);
    FAIL() << "accepted";
  } catch (const InvalidInput& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}

const Mistake kMistakes[] = {
    {"views", [](PageContent& p) { p.views.emplace_back(); }, "lists of views is 2, expected 1"},
    {"graphs", [](PageContent& p) { p.graphs.emplace_back(); }, "graphs is 2, expected 1"},
    {"axes", [](PageContent& p) { p.views[0][0].labels = {"x"}; }, "1 axes, expected 2 or 3"},
    {"trajectory", [](PageContent& p) { p.views[0][0].trajectories[0].resize(3, 3); },
     "columns of a trajectory in view 'plane' of set 0 is 3, expected 2"},
    {"points", [](PageContent& p) { p.views[0][0].points.resize(3, 2); }, "is 3, expected 2"},
    {"point_axes", [](PageContent& p) { p.views[0][0].points.resize(2, 3); }, "is 3, expected 2"},
    {"modes", [](PageContent& p) { p.views[0][0].unstable_modes.resize(2, 4); },
     "unstable modes in view 'plane' of set 0 is 2, expected 1"},
    {"mode_axes", [](PageContent& p) { p.views[0][0].unstable_modes.resize(1, 2); },
     "is 2, expected 4"},
    {"mode_point", [](PageContent& p) { p.views[0][0].mode_points = {2}; },
     "is 2, expected 0 to 1"},
    {"time_constants", [](PageContent& p) { p.sets[0].points[1].time_constants.resize(1); },
     "time constants of point 1 of set 0 is 1, expected 2"},
    {"frequencies", [](PageContent& p) { p.sets[0].points[1].frequencies.resize(3); },
     "is 3, expected 2"},
    {"graph_rows", [](PageContent& p) { p.graphs[0].transitions.resize(3, 3); },
     "rows of the graph of set 0 is 3, expected 2"},
    {"graph_columns", [](PageContent& p) { p.graphs[0].transitions.resize(2, 2); },
     "columns of the graph of set 0 is 2, expected 3"},
    {"nodes", [](PageContent& p) { p.graphs[0].point_index = {0}; }, "is 1, expected 2"},
    {"node_point",
     [](PageContent& p) {
       p.graphs[0].point_index = {0, -1};
     },
     "is -1, expected 0 to 1"},
    {"labels", [](PageContent& p) { p.graphs[0].labels = {}; }, "is 0, expected 2"},
    {"rollouts", [](PageContent& p) { p.graphs[0].n_rollouts = {1}; }, "is 1, expected 2"},
    {"validation", [](PageContent& p) { p.validation_loss = {}; },
     "validation losses is 0, expected 1"},
    {"accuracy",
     [](PageContent& p) {
       p.validation_accuracy = {1, 1};
     },
     "validation accuracies is 2, expected 1"},
};

INSTANTIATE_TEST_SUITE_P(Each, PageSizes, testing::ValuesIn(kMistakes),
                         [](const auto& mistake) { return mistake.param.name; });

}  // namespace
}  // namespace nullcline::report
