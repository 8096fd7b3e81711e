// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/sine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "nullcline/core/error.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/task_analysis/neighbors.hpp"

namespace nullcline::task_analysis {
namespace {

using fixed_points::FixedPointSet;

const NamedArrays& data() {
  static const NamedArrays arrays =
      io::read_npz(NULLCLINE_TEST_DATA "/task_analysis/sine_vanilla_24.npz");
  return arrays;
}

models::Network trained() {
  models::Network network;
  network.input_weights = data().matrix("input_weights");
  network.recurrent_weights = data().matrix("recurrent_weights");
  network.bias = data().vector("bias");
  network.readout_weights = data().matrix("readout_weights");
  network.readout_bias = data().vector("readout_bias");
  network.initial_state = data().vector("initial_state");
  return network;
}

fixed_points::SearchOptions quick() {
  fixed_points::SearchOptions options;
  options.n_starts = 64;
  options.max_starts = 256;
  options.max_boxes = 0;
  return options;
}

const std::vector<FixedPointSet>& sets() {
  static const std::vector<FixedPointSet> found = find_command_points(trained(), {}, 11, quick());
  return found;
}

TEST(AnalyzeSine, PointsEigenvaluesAndFrequenciesAreThoseOfNumPy) {
  const SineAnalysis analysis = analyze_sine(trained(), {}, sets());
  const Vector commands = data().vector("commands"), magnitudes = data().vector("magnitude");
  const Vector frequencies = data().vector("linear_frequency"),
               distances = data().vector("distance");
  const Vector n_unstable = data().vector("n_unstable");
  ASSERT_EQ(analysis.commands.size(), 11u);
  EXPECT_LT((analysis.states - data().matrix("points")).cwiseAbs().maxCoeff(), 1e-9);
  for (Index i = 0; i < 11; ++i) {
    const CommandPoint& found = analysis.commands[static_cast<std::size_t>(i)];
    EXPECT_DOUBLE_EQ(found.command, commands(i));
    EXPECT_DOUBLE_EQ(found.frequency, 0.01 + 0.04 * commands(i));
    EXPECT_GE(found.n_fixed, 1);
    EXPECT_NEAR(found.magnitude, magnitudes(i), 1e-9);
    EXPECT_NEAR(found.linear_frequency, frequencies(i), 1e-9);
    EXPECT_NEAR(std::abs(found.eigenvalue), found.magnitude, 1e-15);
    EXPECT_GT(found.eigenvalue.imag(), 0);
    EXPECT_EQ(found.n_unstable, n_unstable(i));
    EXPECT_NEAR(found.distance, distances(i), 1e-6);
  }
  EXPECT_EQ(analysis.graph, nearest_neighbor_graph(data().matrix("points")));
}

// It oscillates about a mildly unstable point, at about the frequency of its linearization.
TEST(AnalyzeSine, ATrainedNetworkHasOneUnstablePairThatTurnsFasterWithTheCommand) {
  const SineAnalysis analysis = analyze_sine(trained(), {}, sets());
  for (const CommandPoint& found : analysis.commands) {
    EXPECT_EQ(found.n_unstable, 2);
    EXPECT_GT(found.magnitude, 1);
    EXPECT_LT(found.magnitude, 1.2);
  }
  EXPECT_NEAR(analysis.commands[10].linear_frequency / 0.05, 1, 0.05);
  EXPECT_GT(analysis.commands[10].linear_frequency, 2 * analysis.commands[0].linear_frequency);
}

// One fixed point at 0, W = 1.1 (rotation by 2 pi / 25) within tanh: lambda = 1.1 e^(+-2 pi i /
// 25).
TEST(AnalyzeSine, AHandMadeOscillatorTurnsByItsAngle) {
  const double angle = 2 * std::numbers::pi / 25;
  models::Network network;
  network.recurrent_weights =
      1.1 * Matrix{{std::cos(angle), -std::sin(angle)}, {std::sin(angle), std::cos(angle)}};
  network.input_weights = Matrix::Zero(2, 1);
  network.bias = Vector::Zero(2);
  network.readout_weights = Matrix::Ones(1, 2);
  network.readout_bias = Vector::Zero(1);
  network.initial_state = Vector{{0.1, 0.0}};
  const SineAnalysis analysis =
      analyze_sine(network, {}, find_command_points(network, {}, 1, quick()));
  ASSERT_EQ(analysis.commands.size(), 1u);
  const CommandPoint& found = analysis.commands[0];
  EXPECT_EQ(found.command, 0.5);
  EXPECT_EQ(found.n_fixed, 1);
  EXPECT_NEAR(found.linear_frequency, 1.0 / 25, 1e-12);
  EXPECT_NEAR(found.magnitude, 1.1, 1e-12);
  EXPECT_EQ(found.n_unstable, 2);
  EXPECT_LT(found.distance, 0.1) << "the trajectory goes round it";
}

TEST(AnalyzeSine, WithoutAPointOrAComplexEigenvalueNothingIsClaimed) {
  std::vector<FixedPointSet> two(2);
  two[0].input = Vector::Zero(1);
  two[1].input = Vector::Ones(1);
  fixed_points::FixedPoint real = sets()[0].points[0];
  real.kind = fixed_points::Kind::fixed;
  real.eigenvalues = ComplexVector::Constant(24, 0.5);
  real.n_unstable = 0;
  two[1].points = {real};
  const SineAnalysis analysis = analyze_sine(trained(), {}, two);
  EXPECT_EQ(analysis.commands[0].point, -1);
  EXPECT_EQ(analysis.commands[0].n_fixed, 0);
  EXPECT_TRUE(std::isnan(analysis.commands[0].magnitude));
  EXPECT_TRUE(analysis.states.row(0).array().isNaN().all());
  EXPECT_EQ(analysis.commands[1].point, 0);
  EXPECT_TRUE(std::isnan(analysis.commands[1].linear_frequency));
  EXPECT_EQ(analysis.graph, Matrix::Zero(2, 2));
}

TEST(AnalyzeSine, ArraysHoldWhatWasRead) {
  const SineAnalysis analysis = analyze_sine(trained(), {}, sets());
  const NamedArrays arrays = to_arrays(analysis);
  EXPECT_EQ(arrays.matrix("states"), analysis.states);
  EXPECT_EQ(arrays.matrix("graph"), analysis.graph);
  EXPECT_EQ(arrays.vector("linear_frequency")(3), analysis.commands[3].linear_frequency);
  EXPECT_EQ(arrays.vector("eigenvalue_im")(3), analysis.commands[3].eigenvalue.imag());
  EXPECT_EQ(arrays.integers("n_unstable")[10], 2);
}

TEST(AnalyzeSine, TheSearchStopsWhenAsked) {
  const auto at_two = [](const ProgressUpdate& update) { return update.done < 2; };
  EXPECT_LE(find_command_points(trained(), {}, 11, quick(), at_two).size(), 2u);
}

TEST(AnalyzeSine, RefusesWhatDoesNotFit) {
  models::Network wide = trained();
  wide.input_weights = Matrix::Zero(24, 2);
  EXPECT_THAT([&] { find_command_points(wide, {}, 3); },
              testing::ThrowsMessage<InvalidInput>(testing::HasSubstr("found 2 inputs")));
  EXPECT_THROW(find_command_points(trained(), {}, 0), InvalidInput);
  tasks::SineOptions none;
  none.steps = 0;
  EXPECT_THROW(analyze_sine(trained(), none, sets()), InvalidInput);
  std::vector<FixedPointSet> other(1);
  other[0].input = Vector::Zero(2);
  EXPECT_THROW(analyze_sine(trained(), {}, other), InvalidInput);
  other[0].input = Vector::Zero(1);
  other[0].points.resize(1);
  other[0].points[0].state = Vector::Zero(3);
  EXPECT_THROW(analyze_sine(trained(), {}, other), InvalidInput);
}

}  // namespace
}  // namespace nullcline::task_analysis
