// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/graph_distance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::comparison {
namespace {

using nlohmann::json;

json load(const char* name) {
  std::ifstream file(std::string(NULLCLINE_TEST_DATA "/") + name);
  return json::parse(file);
}

Matrix matrix(const json& rows) {
  Matrix result(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < result.rows(); ++i)
    for (Index j = 0; j < result.cols(); ++j)
      result(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  return result;
}

PointGraph subgraph(const PointGraph& graph, const std::vector<Index>& nodes) {
  PointGraph result{graph.transitions(nodes, nodes), graph.readouts(nodes, Eigen::all), {}, {}};
  for (const Index i : nodes) {
    result.n_unstable.push_back(graph.n_unstable[static_cast<std::size_t>(i)]);
    result.n_rollouts.push_back(graph.n_rollouts[static_cast<std::size_t>(i)]);
  }
  return result;
}

// The hand-built flip-flop of three bits: the cube's 27 points.
class Cube : public ::testing::Test {
 protected:
  void SetUp() override {
    truth = load("topology.json").at("analytic_vanilla_flipflop");
    cube.transitions = matrix(truth.at("exact_transition"));
    cube.readouts = matrix(truth.at("readout_lex"));
    cube.n_unstable = truth.at("n_unstable").get<std::vector<int>>();
    cube.n_rollouts.assign(27, 100);
    sampled = cube;
    sampled.transitions = matrix(truth.at("mc_transition_100_seed0"));
    expected = load("fgw_demo.json");
  }
  std::vector<Index> nodes(auto&& keep) const {
    std::vector<Index> result;
    for (Index i = 0; i < 27; ++i)
      if (keep(i)) result.push_back(i);
    return result;
  }
  std::vector<Index> shuffled(std::uint64_t seed) const {
    std::vector<Index> order = nodes([](Index) { return true; });
    Rng rng(seed, Purpose::tests, 0);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
    return order;
  }
  double cost(const PointGraph& other, FusedOptions options = {}) const {
    return fused_gromov_wasserstein(feature_graph(cube), feature_graph(other), options).cost;
  }

  json truth, expected;
  PointGraph cube, sampled;
};

TEST_F(Cube, ThePapersDistanceDoesNotSeeTheOrderOfThePoints) {
  const double truth_distance = truth.at("frob_mc_vs_exact");
  EXPECT_NEAR(frobenius_distance(cube, sampled), truth_distance, 1e-12);
  EXPECT_NEAR(frobenius_distance(subgraph(cube, shuffled(1)), subgraph(sampled, shuffled(2))),
              truth_distance, 1e-12);
  EXPECT_EQ(frobenius_distance(cube, subgraph(cube, shuffled(3))), 0);
}

// Readouts of saddles within the bounds of their level change nothing; raw ones would.
TEST_F(Cube, ReadoutsAreSortedByTheirLevel) {
  PointGraph other = cube;
  Rng rng(1, Purpose::tests, 0);
  for (double& y : other.readouts.reshaped<Eigen::RowMajor>()) y += rng.uniform(-0.4, 0.4);
  EXPECT_EQ(frobenius_distance(cube, other), 0);
  other.readouts *= 0.1;
  EXPECT_GT(frobenius_distance(cube, other), 1);
}

TEST_F(Cube, UnstableDirectionsOrderPointsOfOneLevel) {
  PointGraph two{Matrix{{0.5, 0.5}, {0, 1}}, Matrix{{0.1}, {0.2}}, {1, 0}, {0, 0}};
  EXPECT_EQ(lexicographic_order(two), (std::vector<Index>{1, 0}));
  two.n_unstable = {0, 0};
  EXPECT_EQ(lexicographic_order(two), (std::vector<Index>{0, 1}));
}

TEST_F(Cube, SamplingNoiseIsTheAnalyticOne) {
  const double floor = truth.at("expected_rms_distance_identical_nets_n100");
  EXPECT_NEAR(sampling_noise(cube, cube), floor, 1e-12);
  EXPECT_NEAR(sampling_noise(sampled, sampled), floor, 0.03);
  PointGraph exact = cube;
  exact.n_rollouts.assign(27, 0);
  EXPECT_EQ(sampling_noise(exact, exact), 0);
  EXPECT_NEAR(sampling_noise(cube, exact), floor / std::sqrt(2), 1e-12);
}

TEST_F(Cube, OtherNumbersOfPointsAreRefusedWithWhatToDo) {
  const PointGraph fewer = subgraph(cube, nodes([](Index i) { return i != 13; }));
  try {
    frobenius_distance(cube, fewer);
    FAIL();
  } catch (const InvalidInput& error) {
    EXPECT_NE(std::string(error.what()).find("27 and 26 points"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("fused_gromov_wasserstein"), std::string::npos);
  }
}

TEST_F(Cube, FusedGromovWassersteinIsTheOracles) {
  const auto unstable = [&](Index i) { return cube.n_unstable[static_cast<std::size_t>(i)]; };
  const auto value = [&](const char* key) { return expected.at(key).get<double>(); };
  EXPECT_NEAR(cost(subgraph(cube, shuffled(1))), value("permuted_identical"), 1e-15);
  EXPECT_NEAR(cost(sampled), value("mc_noise_n100"), 1e-12);
  EXPECT_NEAR(cost(subgraph(cube, nodes([&](Index i) { return unstable(i) < 3; }))),
              value("missed_centre_26"), 1e-12);
  EXPECT_NEAR(cost(subgraph(cube, nodes([&](Index i) { return unstable(i) < 2; }))),
              value("missed_all_2_3_saddles_20"), 1e-12);
  // Two neighboring corners gone, rows normalized again.
  PointGraph fewer = subgraph(cube, nodes([](Index i) { return i != 20 && i != 26; }));
  for (Index i = 0; i < fewer.n_points(); ++i)
    if (fewer.transitions.row(i).sum() > 0)
      fewer.transitions.row(i) /= fewer.transitions.row(i).sum();
  EXPECT_NEAR(cost(fewer), value("two_memories_missing_25"), 1e-12);
  // Two bits: one face of the cube.
  PointGraph square = subgraph(cube, nodes([](Index i) { return i % 3 == 0; }));
  square.readouts = Matrix(square.readouts.leftCols(2));
  EXPECT_NEAR(cost(square), value("2bit_vs_3bit"), 1e-12);
}

TEST_F(Cube, TheCostIsThatOfTheCoupling) {
  const FeatureGraph a = feature_graph(cube);
  FeatureGraph b = feature_graph(subgraph(cube, nodes([](Index i) { return i % 3 != 1; })));
  b.edges(0, 1) = 0.7;
  FusedOptions options;
  options.alpha = 0.3;
  const FusedDistance found = fused_gromov_wasserstein(a, b, options);
  const Matrix& pi = found.coupling;
  EXPECT_LT((pi.rowwise().sum().array() - 1.0 / 27).abs().maxCoeff(), 1e-13);
  EXPECT_LT((pi.colwise().sum().array() - 1.0 / 18).abs().maxCoeff(), 1e-13);
  double features = 0, edges = 0;
  for (Index i = 0; i < 27; ++i)
    for (Index j = 0; j < 18; ++j) {
      features += (a.features.row(i) - b.features.row(j)).squaredNorm() * pi(i, j);
      for (Index k = 0; k < 27; ++k)
        for (Index l = 0; l < 18; ++l)
          edges += std::pow(a.edges(i, k) - b.edges(j, l), 2) * pi(i, j) * pi(k, l);
    }
  EXPECT_NEAR(found.cost, 0.7 * features + 0.3 * edges, 1e-12);
  EXPECT_GE(found.spread, 0);
  EXPECT_NEAR(found.cost, fused_gromov_wasserstein(b, a, options).cost, 1e-6);
}

TEST_F(Cube, OptionsOfTheSearchMatter) {
  FusedOptions options;
  options.alpha = 0;  // features of the two are the same
  EXPECT_NEAR(cost(sampled, options), 0, 1e-15);
  options.alpha = 1;
  EXPECT_GT(cost(sampled, options), 1e-5);
  // By the edges alone, one start does not find the cube's own order.
  const PointGraph other = subgraph(cube, shuffled(5));
  options.n_starts = 1;
  const double one = cost(other, options);
  options.n_starts = 2;
  options.max_iterations = 1;
  EXPECT_GE(cost(other, options), one);
  options.alpha = 2;
  EXPECT_THROW(cost(other, options), InvalidInput);
  options.alpha = 0.5;
  options.n_starts = 0;
  EXPECT_THROW(cost(other, options), InvalidInput);
  PointGraph wrong = cube;
  wrong.n_unstable.pop_back();
  EXPECT_THROW(cost(wrong), InvalidInput);
}

// One bit: pulse + leads to state 1 (readout 1), pulse - to state 0.
Automaton one_bit() { return {Matrix{{-1.0}, {1.0}}, Matrix{{1.0}, {-1.0}}, {1, 0, 1, 0}}; }

TEST(Automata, AgreeOrNotEntryByEntry) {
  const Automaton bit = one_bit();
  EXPECT_EQ(automaton_distance(bit, bit), 0);
  // The same machine with its states in the other order and other readouts of one level.
  const Automaton turned{Matrix{{0.8}, {-1.3}}, bit.pulses, {0, 1, 0, 1}};
  EXPECT_EQ(automaton_distance(bit, turned), 0);
  Automaton stuck = bit;
  stuck.transitions = {0, 0, 1, 0};  // the pulse + does not leave state 0
  EXPECT_EQ(automaton_distance(bit, stuck), 0.25);
  stuck.transitions = {-1, 0, 1, 0};
  EXPECT_EQ(automaton_distance(bit, stuck), 0.25);
  EXPECT_EQ(automaton_distance(stuck, stuck), 0);
  // A third state that bit has not: 2 of 6 entries have no partner.
  const Automaton three{Matrix{{-1.0}, {0.0}, {1.0}}, bit.pulses, {2, 0, 2, 0, 2, 0}};
  EXPECT_NEAR(automaton_distance(bit, three), 1.0 / 3, 1e-15);
  EXPECT_EQ(automaton_distance(bit, three), automaton_distance(three, bit));
  // What goes to a state without partner does not agree with an undecided one.
  Automaton lost = three;
  lost.transitions = {1, 0, 2, 0, 2, 0};
  Automaton undecided = bit;
  undecided.transitions = {-1, 0, 1, 0};
  EXPECT_NEAR(automaton_distance(lost, undecided), 0.5, 1e-15);
}

TEST(Automata, OfOtherPulsesCannotBeCompared) {
  const Automaton bit = one_bit();
  Automaton other = bit;
  other.pulses *= 2;
  EXPECT_THROW(automaton_distance(bit, other), InvalidInput);
  other = bit;
  other.transitions[0] = 2;
  EXPECT_THROW(automaton_distance(bit, other), InvalidInput);
  other = bit;
  other.readouts = Matrix(2, 0);
  EXPECT_THROW(automaton_distance(other, other), InvalidInput);
  other.readouts = Matrix::Ones(2, 2);
  EXPECT_THROW(automaton_distance(bit, other), InvalidInput);
}

}  // namespace
}  // namespace nullcline::comparison
