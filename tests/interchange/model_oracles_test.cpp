// SPDX-License-Identifier: BSD-3-Clause
// Fixed points of model files against numbers computed elsewhere (tests/data/bifurcations).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nullcline/fixed_points/search.hpp"
#include "nullcline/interchange/model_file.hpp"

namespace nullcline::interchange {
namespace {

using fixed_points::Completeness;
using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;
using nlohmann::json;

json oracle(const std::string& name) {
  std::ifstream file(std::string(NULLCLINE_TEST_DATA) + "/bifurcations/" + name);
  return json::parse(file);
}

double number(const json& value) {
  return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

FixedPointSet search(const Model& model) {
  const auto system = model.make_system();
  return fixed_points::find_fixed_points(*system, Vector::Zero(system->n_inputs()),
                                         Matrix(0, system->n_states()));
}

Model gru(const json& params) {
  std::string text =
      fmt::format("[system]\ncell = \"gru\"\ntime = \"continuous\"\nunits = {}\n[weights]\n",
                  params.at("Uh").size());
  for (const auto& [key, value] : params.items())
    text += fmt::format("{}_{} = {}\n", key[0], key[1], value.dump());
  return Model::parse(text, "oracle");
}

double nearest(const FixedPointSet& set, const Vector& state) {
  double least = 1e300;
  for (const FixedPoint& point : set.points)
    if (point.kind == Kind::fixed)
      least = std::min(least, (point.state - state).cwiseAbs().maxCoeff());
  return least;
}

Vector vector_of(const json& values) {
  Vector result(static_cast<Index>(values.size()));
  for (Index i = 0; i < result.size(); ++i)
    result(i) = number(values.at(static_cast<std::size_t>(i)));
  return result;
}

TEST(ModelOracles, OneUnitHasTheFixedPointsOfEachTopology) {
  const std::string path =
      std::string(NULLCLINE_TEST_DATA) + "/../../examples/jordan-2021/one-unit.toml";
  const json values = oracle("a_1d.json");
  for (const json& c : values.at("cases"))
    for (const json& state : c.at("states")) {
      const bool is_fold = state.contains("half_stable");
      const double b = number(state.at(is_fold ? "bh(exact fold)" : "bh"));
      const Model model = read_model(path, {{"U", number(c.at("Uh"))},
                                            {"R", number(c.at("Ur"))},
                                            {"b_reset", number(c.at("br"))},
                                            {"b", b}});
      const FixedPointSet set = search(model);
      SCOPED_TRACE(fmt::format("{} b = {}", c.at("name").get<std::string>(), b));
      EXPECT_EQ(set.audit.completeness, Completeness::proven);
      EXPECT_EQ(set.audit.index_sum, 1);
      const json& expected = state.at(is_fold ? "stable" : "fixed_points");
      for (const json& h : expected) EXPECT_LT(nearest(set, Vector{{number(h)}}), 1e-12);
      if (!is_fold) {
        EXPECT_EQ(set.n_fixed(), static_cast<Index>(expected.size()));
        continue;
      }
      // b is the fold rounded to a double: what is there is one place, within the root of that.
      for (const FixedPoint& point : set.points)
        if (std::abs(point.state(0) - number(expected.at(0))) > 1e-6) {
          EXPECT_NEAR(point.state(0), number(state.at("half_stable")), 1e-6);
        }
      EXPECT_LE(set.points.size(), 3u);
    }
}

TEST(ModelOracles, TwoBistableUnitsHaveNineFixedPoints) {
  const json values = oracle("b_fig2.json");
  for (const json& c : values.at("sets")) {
    const FixedPointSet set = search(gru(c.at("params")));
    SCOPED_TRACE(c.at("name").get<std::string>());
    EXPECT_EQ(set.n_fixed(), c.at("n").get<Index>());
    EXPECT_EQ(set.audit.completeness, Completeness::proven);
    for (const json& point : c.at("fixed_points"))
      EXPECT_LT(nearest(set, vector_of(point.at("h"))), 1e-12);
    Index n_sinks = 0;
    for (const FixedPoint& point : set.points) n_sinks += point.n_unstable == 0 ? 1 : 0;
    EXPECT_EQ(n_sinks, c.at("counts").at("sink").get<Index>());
  }
}

TEST(ModelOracles, Equation9HasTheFixedPointsAndEigenvaluesComputedElsewhere) {
  const std::string path =
      std::string(NULLCLINE_TEST_DATA) + "/../../examples/jordan-2021/eq9.toml";
  const json values = oracle("e_eq9_fp.json");
  for (const auto& [gamma, expected] : values.at("fixed_points_paper").items()) {
    const FixedPointSet set = search(read_model(path, {{"gamma", std::stod(gamma)}}));
    EXPECT_EQ(set.n_fixed(), expected.at("n").get<Index>());
    EXPECT_EQ(set.audit.completeness, Completeness::proven);
    for (const json& point : expected.at("points")) {
      const Vector state = vector_of(point.at("h"));
      EXPECT_LT(nearest(set, state), 1e-12) << gamma;
      for (const FixedPoint& found : set.points)
        if ((found.state - state).cwiseAbs().maxCoeff() < 1e-9) {
          std::string text = point.at("eig_full").at(0).get<std::string>();
          const double re = std::stod(text.substr(text[0] == '(' ? 1 : 0));
          const double im = std::abs(found.eigenvalues(0).imag());
          EXPECT_NEAR(found.eigenvalues(0).real(), re, 1e-12) << gamma;
          EXPECT_EQ(im > 0, text[0] == '(');
        }
    }
  }
}

TEST(ModelOracles, DegeneratePlacesAreOneClusterEach) {
  const json sets = oracle("g_fig9_10.json");
  for (const char* name : {"G3_plain_cubic", "G3_reset_cancels_cubic"}) {
    const FixedPointSet set = search(gru(sets.at(name).at("params")));
    SCOPED_TRACE(name);
    EXPECT_EQ(set.n_fixed(), 0);
    EXPECT_EQ(set.audit.index_expected, 1);
    // The quintic one is flatter than the default number of boxes resolves, and that is said.
    const bool is_cubic = std::string(name) == "G3_plain_cubic";
    EXPECT_EQ(set.audit.completeness, is_cubic ? Completeness::proven : Completeness::incomplete);
    EXPECT_EQ(std::count_if(set.points.begin(), set.points.end(),
                            [](const FixedPoint& p) { return p.kind == Kind::undecided; }),
              1);
  }
  const FixedPointSet dipole = search(gru(sets.at("G1_exact_dipole").at("params")));
  for (const json& h : sets.at("G1_exact_dipole").at("fixed_points")) {
    const Vector state = vector_of(h);
    if (state.norm() > 0.1) {
      EXPECT_LT(nearest(dipole, state), 1e-12);
    }
  }
  EXPECT_EQ(dipole.points.size(), 4u);
  EXPECT_EQ(dipole.n_fixed(), 3);
  // The origin, where the Jacobian vanishes, has index +2.
  for (const FixedPoint& point : dipole.points)
    if (point.kind == Kind::undecided) {
      EXPECT_EQ(point.index, 2);
      EXPECT_LT(point.state.cwiseAbs().maxCoeff(), 1e-3);
    }
}

TEST(ModelOracles, SaturatedSinksAreFoundWithProof) {
  const Model model = Model::parse(
      "[system]\ncell = \"gru\"\ntime = \"continuous\"\nunits = 2\n[weights]\n"
      "U_h = [[60, 0], [0, 60]]\n",
      "m.toml");  // at the sinks 1 - |h| = 2 exp(-60), which is 2e-26
  const FixedPointSet set = search(model);
  EXPECT_EQ(set.n_fixed(), 9);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_LT(nearest(set, Vector{{1, -1}}), 1e-15);
}

TEST(ModelOracles, FitzHughNagumoIsProvenInItsBox) {
  const std::string path =
      std::string(NULLCLINE_TEST_DATA) + "/../../examples/jordan-2021/fitzhugh-nagumo.toml";
  const FixedPointSet set = search(read_model(path, {{"I", 0.34}}));
  ASSERT_EQ(set.n_fixed(), 1);
  EXPECT_NEAR(set.points[0].state(0), -0.9600751063370906, 1e-13);
  EXPECT_NEAR(set.points[0].state(1), -0.32509388292136326, 1e-13);
  EXPECT_EQ(set.points[0].verdict, fixed_points::Verdict::proven);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
}

TEST(ModelOracles, ABoxThatTrapsTheFlowGivesAnIndexSumAndAnotherBoxDoesNot) {
  const std::string text =
      "[system]\node = {x = \"x - x^3\", y = \"-y\"}\n[box]\ny = [-1, 1]\nx = ";
  const FixedPointSet trapping = search(Model::parse(text + "[-2, 2]\n", "m.toml"));
  EXPECT_EQ(trapping.n_fixed(), 3);
  EXPECT_EQ(trapping.audit.index_expected, 1);
  EXPECT_EQ(trapping.audit.index_sum, 1);
  const FixedPointSet half = search(Model::parse(text + "[-0.5, 2]\n", "m.toml"));
  EXPECT_EQ(half.n_fixed(), 2);
  EXPECT_EQ(half.audit.index_expected, std::nullopt);
  EXPECT_EQ(half.audit.completeness, Completeness::proven);
  EXPECT_THAT(half.audit.completeness_note, ::testing::HasSubstr("outside of the box"));
}

TEST(ModelOracles, AMapIsProvenInItsBoxToo) {
  // The logistic map: fixed points 0 and 1 - 1/r.
  const FixedPointSet set = search(Model::parse(
      "[system]\nmap = {x = \"r*x*(1 - x)\"}\n[parameters]\nr = 3.2\n[box]\nx = [-0.5, 1.5]\n",
      "m.toml"));
  EXPECT_EQ(set.n_fixed(), 2);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_LT(nearest(set, Vector{{1 - 1 / 3.2}}), 1e-15);
}

}  // namespace
}  // namespace nullcline::interchange
