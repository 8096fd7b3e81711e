// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/context_integration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/task_analysis/modes.hpp"
#include "nullcline/task_analysis/neighbors.hpp"

namespace nullcline::task_analysis {
namespace {

const NamedArrays& data() {
  static const NamedArrays arrays =
      io::read_npz(NULLCLINE_TEST_DATA "/task_analysis/context_vanilla_64.npz");
  return arrays;
}

models::Network trained() {
  models::Network network;
  network.input_weights = data().matrix("input_weights");
  network.recurrent_weights = data().matrix("recurrent_weights");
  network.bias = data().vector("bias");
  network.readout_weights = data().matrix("readout_weights");
  network.readout_bias = data().vector("readout_bias");
  network.initial_state = Vector::Zero(64);
  return network;
}

const ContextIntegrationAnalysis& analysis() {
  static const ContextIntegrationAnalysis found = analyze_context_integration(trained(), {});
  return found;
}

struct ModesOfPoint {
  Vector selection;  // of the leading mode, per input
  Matrix responses;  // at steps 1, 5, 30
  fixed_points::FixedPoint point;
};

ModesOfPoint modes_at(const models::Network& network, const Vector& state) {
  const Vector cue{{0.0, 0.0, 1.0, 0.0}};
  const auto map = models::make_system(network);
  ModesOfPoint result;
  result.point.state = state;
  fixed_points::linearize(*map, cue, result.point);
  const Matrix b = input_jacobian_at(*map, state, cue);
  result.selection = input_selection(result.point, b).row(0).transpose();
  result.responses = mode_responses(
      result.point, b.col(0), readout_jacobian(network, state).row(0).transpose(), {1, 5, 30});
  return result;
}

TEST(ContextModes, SelectionSpectrumAndResponseAtFixedPointsAreThoseOfNumPy) {
  const Matrix points = data().matrix("points"), selection = data().matrix("selection");
  const Matrix magnitudes = data().matrix("magnitudes"), responses = data().matrix("responses");
  ASSERT_EQ(points.rows(), 5);
  for (Index i = 0; i < 5; ++i) {
    const ModesOfPoint found = modes_at(trained(), points.row(i).transpose());
    EXPECT_LT((found.selection - selection.row(i).transpose()).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_LT(
        (found.point.eigenvalues.cwiseAbs() - magnitudes.row(i).transpose()).cwiseAbs().maxCoeff(),
        1e-9);
    EXPECT_LT((found.responses.col(64) - responses.row(i).transpose()).cwiseAbs().maxCoeff(), 1e-8);
  }
}

// The oracle's points, matched by readout.
TEST(ContextModes, AgreeWithTheOracleOfTheTrainedNetwork) {
  std::ifstream file(NULLCLINE_TEST_DATA "/task_analysis/context_vanilla_64.json");
  const auto oracle = nlohmann::json::parse(file);
  const Vector readouts = data().vector("readouts");
  int n_matched = 0;
  for (const auto& entry : oracle)
    for (Index i = 0; i < readouts.size(); ++i) {
      if (std::abs(entry["out"].get<double>() - readouts(i)) > 1e-4) continue;
      const ModesOfPoint found = modes_at(trained(), data().matrix("points").row(i).transpose());
      EXPECT_NEAR(found.selection(0), entry["sel_rel"], 1e-6);
      EXPECT_NEAR(found.selection(1), entry["sel_irr"], 1e-6);
      EXPECT_NEAR(found.responses(0, 1), entry["gain_top1"], 1e-6);
      EXPECT_NEAR(found.responses(2, 64), entry["gain_full_30"], 1e-6);
      EXPECT_NEAR(found.point.eigenvalues(0).real(), entry["lam"][0][0], 1e-7);
      ++n_matched;
    }
  EXPECT_EQ(n_matched, 3);
}

TEST(AnalyzeContextIntegration, StatesStopAllAlongTheLine) {
  ASSERT_EQ(analysis().contexts.size(), 2u);
  for (std::size_t k = 0; k < 2; ++k) {
    const ContextLine& line = analysis().contexts[k];
    Vector cue = Vector::Zero(4);
    cue(2 + static_cast<Index>(k)) = 1;
    EXPECT_EQ(line.input, cue);
    EXPECT_EQ(line.n_starts, 50);
    EXPECT_GE(line.states.rows(), 48);
    EXPECT_LT(line.speeds.maxCoeff(), 1e-3);
    EXPECT_TRUE(std::is_sorted(line.readouts.begin(), line.readouts.end()));
    EXPECT_GT(line.readouts.maxCoeff() - line.readouts.minCoeff(), 20);
    int n_apart = 0;  // a complete descent leaves seven
    for (Index i = 1; i < line.readouts.size(); ++i)
      n_apart += line.readouts(i) - line.readouts(i - 1) > 0.05 ? 1 : 0;
    EXPECT_GT(n_apart, 30);
    EXPECT_EQ(line.graph, nearest_neighbor_graph(line.states, 1));
    EXPECT_EQ(line.graph_two, nearest_neighbor_graph(line.states, 2));
  }
}

TEST(AnalyzeContextIntegration, OneModeIntegratesAndTakesInTheRelevantStream) {
  for (const ContextLine& line : analysis().contexts) {
    EXPECT_NEAR(line.magnitudes(0), 1, 0.03);
    EXPECT_LT(line.magnitudes(1), 0.7);
    EXPECT_GT(line.relevant, 0.3);
    EXPECT_LT(line.irrelevant, 0.3 * line.relevant);
    EXPECT_EQ(line.n_defective, 0);
    ASSERT_EQ(line.responses.rows(), 3);
    ASSERT_EQ(line.responses.cols(), 65);
    EXPECT_NEAR(line.responses(1, 1), 1, 0.25) << "one step of input, five steps later, one mode";
    EXPECT_NEAR(line.responses(1, 1), line.responses(1, 64), 0.1);
  }
  EXPECT_EQ(analysis().steps, (std::vector<int>{1, 5, 30}));
}

TEST(AnalyzeContextIntegration, MeansAreThoseOfTheStates) {
  const ContextLine& line = analysis().contexts[0];
  double relevant = 0, irrelevant = 0, leading = 0, response = 0;
  const auto n = static_cast<double>(line.states.rows());
  for (Index i = 0; i < line.states.rows(); ++i) {
    const ModesOfPoint found = modes_at(trained(), line.states.row(i).transpose());
    EXPECT_NEAR(line.selection(i, 0), found.selection(0), 1e-12);
    EXPECT_NEAR(line.leading(i), std::abs(found.point.eigenvalues(0)), 1e-12);
    relevant += found.selection(0) / n;
    irrelevant += found.selection(1) / n;
    leading += std::abs(found.point.eigenvalues(0)) / n;
    response += found.responses(1, 3) / n;
  }
  EXPECT_NEAR(line.relevant, relevant, 1e-12);
  EXPECT_NEAR(line.irrelevant, irrelevant, 1e-12);
  EXPECT_NEAR(line.magnitudes(0), leading, 1e-12);
  EXPECT_NEAR(line.responses(1, 3), response, 1e-12);
}

TEST(AnalyzeContextIntegration, OptionsDoWhatTheySay) {
  LineAttractorOptions options;
  options.points = 7;
  options.max_steps = 0;
  options.tolerance = 1e-12;
  const ContextIntegrationAnalysis none = analyze_context_integration(trained(), {}, options);
  EXPECT_EQ(none.contexts[0].n_starts, 7);
  EXPECT_EQ(none.contexts[0].states.rows(), 0);
  EXPECT_TRUE(std::isnan(none.contexts[0].relevant));
  EXPECT_TRUE(none.contexts[0].magnitudes.array().isNaN().all());
  EXPECT_NO_THROW(to_arrays(none));
  options.tolerance = 1e6;  // every state is slow enough where it is
  const auto states = [&] {
    return Matrix(analyze_context_integration(trained(), {}, options).contexts[1].states);
  };
  const Matrix first = states();
  EXPECT_EQ(first.rows(), 7);
  options.seed = 1;
  EXPECT_NE(states(), first);
  options.seed = 0;
  options.trials = 10;
  EXPECT_NE(states(), first);
}

TEST(AnalyzeContextIntegration, StopsWhenAsked) {
  const ContextIntegrationAnalysis stopped =
      analyze_context_integration(trained(), {}, {}, [](const ProgressUpdate&) { return false; });
  EXPECT_TRUE(stopped.interrupted);
  EXPECT_TRUE(stopped.contexts.empty());
}

TEST(AnalyzeContextIntegration, ArraysHoldWhatWasRead) {
  const NamedArrays arrays = to_arrays(analysis());
  const NamedArrays second = arrays.group("context_1");
  EXPECT_EQ(second.matrix("responses"), analysis().contexts[1].responses);
  EXPECT_EQ(second.vector("magnitudes"), analysis().contexts[1].magnitudes);
  EXPECT_EQ(second.scalar("relevant"), analysis().contexts[1].relevant);
  EXPECT_EQ(arrays.integers("steps")[2], 30);
}

TEST(AnalyzeContextIntegration, RefusesWhatDoesNotFit) {
  const auto refused = [](const tasks::ContextIntegrationOptions& task,
                          const LineAttractorOptions& options, const char* part) {
    EXPECT_THAT([&] { analyze_context_integration(trained(), task, options); },
                testing::ThrowsMessage<InvalidInput>(testing::HasSubstr(part)));
  };
  tasks::ContextIntegrationOptions three;
  three.streams = 3;
  refused(three, {}, "found 4 inputs and 1 outputs, expected 6 and 1");
  LineAttractorOptions options;
  options.trials = 1;
  refused({}, options, "trials: found 1, expected at least 2");
  options = {};
  options.points = 0;
  refused({}, options, "points: found 0");
  options = {};
  options.tolerance = 0;
  refused({}, options, "tolerance: found 0");
}

}  // namespace
}  // namespace nullcline::task_analysis
