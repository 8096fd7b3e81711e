// SPDX-License-Identifier: BSD-3-Clause
// Connection graphs of systems whose portraits are known.
#include "nullcline/census/skeleton.hpp"

#include <gtest/gtest.h>

#include "nullcline/census/canonical.hpp"
#include "nullcline/census/points.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"

namespace nullcline::census {
namespace {

using interchange::Model;
using interchange::ParameterValues;

const std::string kExamples = NULLCLINE_TEST_DATA "/../../examples/jordan-2021/";

Skeleton skeleton_of(const std::string& name, const ParameterValues& values = {}) {
  const Model model = interchange::read_model(kExamples + name, values);
  return find_skeleton(*model.make_system(), Vector(0));
}

Skeleton skeleton_of_text(const std::string& text) {
  return find_skeleton(*Model::parse(text, "test").make_system(), Vector(0));
}

std::vector<int> kinds(const Skeleton& skeleton) {
  EXPECT_EQ(skeleton.verdict, Verdict::decided);
  const Counts counts = count_nodes(skeleton.graph, 2);
  return {counts.points[0], counts.points[1], counts.points[2], counts.n_stable_cycles,
          counts.n_unstable_cycles};
}

int count_edges(const ConnectionGraph& graph, EdgeKind kind, NodeKind from, NodeKind to) {
  int n = 0;
  for (const Edge& edge : graph.edges)
    n += edge.kind == kind && graph.nodes[static_cast<std::size_t>(edge.from)].kind == from &&
                 graph.nodes[static_cast<std::size_t>(edge.to)].kind == to
             ? 1
             : 0;
  return n;
}

TEST(Skeleton, TwoIndependentUnitsAreASquare) {
  const Skeleton skeleton = skeleton_of("two-units.toml");
  EXPECT_EQ(kinds(skeleton), (std::vector<int>{4, 4, 1, 0, 0}));
  // Each saddle lies between two corners, and between the middle and the outside.
  EXPECT_EQ(count_edges(skeleton.graph, EdgeKind::unstable, NodeKind::saddle, NodeKind::sink), 8);
  EXPECT_EQ(count_edges(skeleton.graph, EdgeKind::stable, NodeKind::source, NodeKind::saddle), 4);
  EXPECT_EQ(count_edges(skeleton.graph, EdgeKind::stable, NodeKind::outside, NodeKind::saddle), 4);
}

TEST(Skeleton, EquationEightHasACycleBetweenHopfPointAndSaddleNodes) {
  EXPECT_EQ(kinds(skeleton_of("eq8.toml", {{"alpha", 0.85}})), (std::vector<int>{1, 0, 0, 0, 0}));
  const Skeleton cycle = skeleton_of("eq8.toml", {{"alpha", 0.7}});
  EXPECT_EQ(kinds(cycle), (std::vector<int>{0, 0, 1, 1, 0}));
  ASSERT_EQ(cycle.cycles.size(), 1U);
  EXPECT_NEAR(cycle.cycles[0].period, 14.9772000398997, 1e-5);
  EXPECT_EQ(count_edges(cycle.graph, EdgeKind::encloses, NodeKind::stable_cycle, NodeKind::source),
            1);
  EXPECT_EQ(kinds(skeleton_of("eq8.toml", {{"alpha", 0.149}})), (std::vector<int>{0, 0, 1, 1, 0}));
  const Skeleton after = skeleton_of("eq8.toml", {{"alpha", 0.147}});
  EXPECT_EQ(kinds(after), (std::vector<int>{4, 4, 1, 0, 0}));
  // "a state topologically equivalent to that depicted in Figure 2A"
  EXPECT_EQ(canonical_form(after.graph), canonical_form(skeleton_of("two-units.toml").graph));
}

TEST(Skeleton, EquationNineLosesItsCycleToTheSaddle) {
  EXPECT_EQ(kinds(skeleton_of("eq9.toml", {{"gamma", 0.051}})), (std::vector<int>{3, 2, 0, 0, 0}));
  const Skeleton cycle = skeleton_of("eq9.toml", {{"gamma", 0.0535}});
  EXPECT_EQ(kinds(cycle), (std::vector<int>{2, 2, 1, 1, 0}));
  EXPECT_NEAR(cycle.cycles.at(0).period, 88.361056132, 1e-3);
  EXPECT_EQ(count_edges(cycle.graph, EdgeKind::unstable, NodeKind::saddle, NodeKind::stable_cycle),
            1);
  EXPECT_EQ(kinds(skeleton_of("eq9.toml", {{"gamma", 0.0542}})), (std::vector<int>{2, 2, 1, 0, 0}));
}

TEST(Skeleton, AConnectionOfASaddleWithItselfIsNotGuessed) {
  // Hamilton's equations of a double well: both manifolds of the middle come back to it.
  const Skeleton skeleton = skeleton_of_text(
      "[system]\node = {x = \"y\", y = \"x - x^3\"}\n[box]\nx = [-3, 3]\ny = [-3, 3]\n");
  EXPECT_NE(skeleton.verdict, Verdict::decided);
  EXPECT_TRUE(skeleton.graph.nodes.empty());
}

TEST(Skeleton, ADegeneratePointIsCountedAsSuch) {
  const Skeleton skeleton = skeleton_of_text(
      "[system]\ncell = \"gru\"\ntime = \"continuous\"\nunits = 2\n[weights]\nU_h = [[2, 0], [0, "
      "2]]\n"
      "U_r = [[1, -3], [3, -1]]\n");
  EXPECT_EQ(skeleton.verdict, Verdict::degenerate);
}

TEST(Skeleton, ThirteenPointsSixOfThemStable) {
  EXPECT_EQ(kinds(skeleton_of("thirteen-points.toml")), (std::vector<int>{6, 6, 1, 0, 0}));
}

TEST(Skeleton, TheHiddenAttractorHasTwoNestedCycles) {
  const Skeleton skeleton = skeleton_of("hidden-attractor.toml");
  EXPECT_EQ(kinds(skeleton), (std::vector<int>{1, 0, 0, 1, 1}));
  for (const FoundCycle& cycle : skeleton.cycles)
    EXPECT_NEAR(cycle.period, cycle.is_stable ? 6.5529 : 4.8978, 1e-4);
  EXPECT_EQ(count_edges(skeleton.graph, EdgeKind::encloses, NodeKind::stable_cycle,
                        NodeKind::unstable_cycle),
            1);
}

TEST(Skeleton, OneStateIsItsPoints) {
  const Model model = Model::parse(
      "[system]\ncell = \"gru\"\ntime = \"continuous\"\nunits = 1\n[weights]\nU_h = [[6]]\n",
      "test");
  const Skeleton skeleton = find_skeleton(*model.make_system(), Vector(0));
  ASSERT_EQ(skeleton.verdict, Verdict::decided);
  EXPECT_EQ(count_nodes(skeleton.graph, 1).points, (std::vector<int>{2, 1}));
}

TEST(Skeleton, KeepsManifoldsOnRequest) {
  const Model model = interchange::read_model(kExamples + "two-units.toml");
  SkeletonOptions options;
  options.keeps_manifolds = true;
  const Skeleton skeleton = find_skeleton(*model.make_system(), Vector(0), options);
  ASSERT_EQ(skeleton.manifolds.size(), 16U);
  for (const Matrix& manifold : skeleton.manifolds) EXPECT_GT(manifold.rows(), 2);
  EXPECT_TRUE(skeleton_of("two-units.toml").manifolds.empty());
}

TEST(Skeleton, EachLimitEndsInAVerdict) {
  const Model model = interchange::read_model(kExamples + "two-units.toml");
  const auto flow = model.make_system();
  SkeletonOptions few_boxes;
  few_boxes.max_boxes = 5;
  EXPECT_EQ(find_skeleton(*flow, Vector(0), few_boxes).verdict, Verdict::unproven);
  SkeletonOptions few_steps;
  few_steps.max_steps = 3;
  EXPECT_EQ(find_skeleton(*flow, Vector(0), few_steps).verdict, Verdict::undecided);
}

TEST(Skeleton, OfAMapHasPointsWithoutConnections) {
  const Model model = Model::parse("[system]\ncell = \"gru\"\nunits = 2\n", "test");
  const Skeleton skeleton = find_skeleton(*model.make_system(), Vector(0));
  EXPECT_EQ(skeleton.verdict, Verdict::decided);
  EXPECT_EQ(canonical_form(skeleton.graph), "s /");
}

TEST(ProvePoints, AgreesWithTheSignsOfAPitchfork) {
  // One unit: U_h sigma(b_r) = 1 is a pitchfork; just past it three points.
  const auto points = [](const std::string& u) {
    const Model model = Model::parse(
        "[system]\ncell = \"gru\"\ntime = \"continuous\"\nunits = 1\n[weights]\nU_h = " + u + "\n",
        "test");
    return prove_points(*model.make_system(), Vector(0), 20000);
  };
  EXPECT_EQ(points("1.999").points.size(), 1U);
  EXPECT_EQ(points("2.001").points.size(), 3U);
  EXPECT_EQ(points("2").verdict, Verdict::degenerate);
}

}  // namespace
}  // namespace nullcline::census
