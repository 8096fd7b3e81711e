// SPDX-License-Identifier: BSD-3-Clause
// Fixed points of networks of several layers, against what their layers have one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nullcline/fixed_points/search.hpp"
#include "nullcline/testing/system_laws.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;
using testing::farthest;
using testing::fixed_states;

FixedPointSet search(const Network& network, const Vector& input) {
  const auto system = models::make_system(network);
  return find_fixed_points(*system, input, Matrix(0, system->n_states()), {});
}

void expect_complete_and_proven(const FixedPointSet& set) {
  EXPECT_EQ(set.audit.index_sum, 1);
  EXPECT_EQ(set.audit.index_expected, 1);
  EXPECT_NE(set.audit.completeness, Completeness::incomplete);
  for (const FixedPoint& point : set.points)
    if (point.kind == Kind::fixed) {
      EXPECT_EQ(point.verdict, Verdict::proven);
      EXPECT_LT(point.residual, 1e-12);
    }
}

Network tanh_unit(double recurrent, double input) {
  return nullcline::testing::tanh_network(Matrix::Constant(1, 1, recurrent),
                                          Matrix::Constant(1, 1, input));
}

Network without_readout(Network network) {
  network.readout_weights.resize(0, 0);
  network.readout_bias.resize(0);
  return network;
}

// h_0' = max(2 h_0 - 1, 0) has 0 and 1; h_1' = max(3 h_1 + 2 h_0' - 1, 0) has 0 and 1/2 over the
// first, and none over the second, where 3 h_1 + 1 > h_1.
TEST(StackedNetwork, OfReluLayersIsEnumerated) {
  Network bottom = without_readout(tanh_unit(2, 0)), top = tanh_unit(3, 2);
  bottom.activation = top.activation = Activation::relu;
  bottom.bias = top.bias = Vector{{-1}};
  const FixedPointSet set = search(models::stack({bottom, top}), Vector::Zero(1));
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  ASSERT_EQ(set.n_fixed(), 2);
  std::vector<Vector> states;
  for (const FixedPoint& point : set.points) {
    EXPECT_EQ(point.verdict, Verdict::proven);
    EXPECT_NEAR(point.state(0), 0, 1e-14);
    states.push_back(point.state);
  }
  EXPECT_NEAR(states[0](1) + states[1](1), 0.5, 1e-14);
  EXPECT_EQ(set.points[0].index + set.points[1].index, 0);
}

// h_0' = tanh(2 h_0) has -h*, 0, h*; h_1' = tanh(2 h_1 + a h_0') has three points where
// |a h_0| < sqrt(2) - artanh(sqrt(1/2)) = 0.5328 and one beyond: nine for a = 0.1, five for a = 1.
TEST(StackedNetwork, TheTopLayerHasPointsForEachPointBelow) {
  for (const auto& [coupling, expected] : {std::pair{0.1, 9}, std::pair{1.0, 5}}) {
    const Network network =
        models::stack({without_readout(tanh_unit(2, 0)), tanh_unit(2, coupling)});
    const FixedPointSet set = search(network, Vector::Zero(1));
    EXPECT_EQ(set.n_fixed(), expected) << coupling;
    expect_complete_and_proven(set);
    for (const FixedPoint& point : set.points) {
      const double bottom = std::abs(point.state(0));
      EXPECT_TRUE(bottom < 1e-12 ||
                  std::abs(bottom - nullcline::testing::kIdealFlipFlopState) < 1e-12);
    }
  }
}

Network single(Network layer, Index n_outputs_below) {
  layer.upper.clear();
  layer.readout_weights = Matrix(0, n_outputs_below);
  layer.readout_bias = Vector(0);
  layer.initial_state = Vector::Zero(layer.n_states());
  return layer;
}

// The fixed points of a stack, layer by layer: those of layer k at each output of layer k - 1.
Matrix points_layer_by_layer(const Network& network, Index k, const Vector& input) {
  const Network layer = single(network.layer(k), network.layer(k).n_hidden());
  const FixedPointSet set = search(layer, input);
  const Matrix own = fixed_states(set, layer.n_states());
  if (k + 1 == network.n_layers()) return own;
  std::vector<Matrix> blocks;
  Index n_rows = 0;
  for (Index i = 0; i < own.rows(); ++i) {
    const Vector output = models::layer_output(layer, own.row(i)).row(0).transpose();
    const Matrix above = points_layer_by_layer(network, k + 1, output);
    Matrix block(above.rows(), own.cols() + above.cols());
    block << own.row(i).replicate(above.rows(), 1), above;
    n_rows += block.rows();
    blocks.push_back(std::move(block));
  }
  Matrix all(n_rows, blocks.empty() ? 0 : blocks[0].cols());
  Index first = 0;
  for (const Matrix& block : blocks) {
    all.middleRows(first, block.rows()) = block;
    first += block.rows();
  }
  return all;
}

class RandomStack : public ::testing::TestWithParam<CellKind> {};

INSTANTIATE_TEST_SUITE_P(Cells, RandomStack,
                         ::testing::Values(CellKind::vanilla, CellKind::leaky_outside,
                                           CellKind::gru, CellKind::lstm),
                         [](const auto& instance) {
                           std::string name(name_of(instance.param));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(RandomStack, HasThePointsFoundLayerByLayer) {
  Index most = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Rng rng(31, Purpose::tests, seed);
    const double gain = GetParam() == CellKind::lstm ? 6 : 4;
    const Network network = nullcline::testing::random_stack(GetParam(), Activation::tanh,
                                                             Reset::after, {4, 3}, 1, gain, rng);
    const Vector input = Vector::Constant(1, 0.1);
    const FixedPointSet set = search(network, input);
    expect_complete_and_proven(set);
    const Matrix expected = points_layer_by_layer(network, 0, input);
    const Matrix found = fixed_states(set, network.n_states());
    EXPECT_EQ(found.rows(), expected.rows()) << "seed " << seed;
    EXPECT_LT(farthest(expected, found), 1e-9) << "a point was missed, seed " << seed;
    EXPECT_LT(farthest(found, expected), 1e-9) << "a point was made up, seed " << seed;
    most = std::max(most, found.rows());
  }
  EXPECT_GT(most, 1) << "every network had one point: the test says little";
}

// Layers of many units whose recurrent weights have a low rank: 2 below, 1 above.
Network low_rank_stack(CellKind cell, std::uint64_t seed) {
  Rng rng(41, Purpose::tests, seed);
  Network network =
      nullcline::testing::random_stack(cell, Activation::tanh, Reset::after, {13, 11}, 1, 1.0, rng);
  const Index candidate = cell == CellKind::ugrnn ? 1 : models::n_gates(cell) > 1 ? 2 : 0;
  const auto shrink = [&](Matrix& weights, Index rank, double gain) {
    Matrix left(weights.rows(), rank), right(rank, weights.cols());
    for (double& x : left.reshaped()) x = rng.normal();
    for (double& x : right.reshaped()) x = rng.normal();
    const Index n = weights.cols();  // the candidate feeds itself
    left.middleRows(candidate * n, n) = right.transpose();
    weights = gain / std::sqrt(static_cast<double>(weights.cols())) * left * right;
  };
  shrink(network.recurrent_weights, 2, 1.5);
  shrink(network.upper[0].recurrent_weights, 1, 1.5);
  network.upper[0].input_weights *= 0.2;
  return network;
}

class LowRankStack : public ::testing::TestWithParam<CellKind> {};

INSTANTIATE_TEST_SUITE_P(Cells, LowRankStack,
                         ::testing::Values(CellKind::vanilla, CellKind::leaky_outside,
                                           CellKind::ugrnn, CellKind::gru, CellKind::lstm),
                         [](const auto& instance) {
                           std::string name(name_of(instance.param));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(LowRankStack, IsEnumeratedWithAllThePointsThatStartsFind) {
  Index most = 0;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    const auto system = models::make_system(low_rank_stack(GetParam(), seed));
    const Vector input = Vector::Constant(1, 0.1);
    const Matrix none(0, system->n_states());
    const FixedPointSet proven = find_fixed_points(*system, input, none, {});
    EXPECT_EQ(proven.audit.completeness, Completeness::proven) << seed;
    EXPECT_NE(proven.audit.completeness_note.find("3 latent coordinates"), std::string::npos)
        << proven.audit.completeness_note;
    expect_complete_and_proven(proven);
    SearchOptions sampling;
    sampling.max_boxes = 0;
    sampling.n_starts = 500;
    const FixedPointSet sampled = find_fixed_points(*system, input, none, sampling);
    EXPECT_NE(sampled.audit.completeness, Completeness::proven);
    const Matrix expected = fixed_states(sampled, system->n_states());
    const Matrix found = fixed_states(proven, system->n_states());
    EXPECT_EQ(found.rows(), expected.rows()) << seed;
    EXPECT_LT(farthest(expected, found), 1e-9) << "a point was missed, seed " << seed;
    EXPECT_LT(farthest(found, expected), 1e-9) << "a point was made up, seed " << seed;
    most = std::max(most, found.rows());
  }
  EXPECT_GT(most, 1) << "every network had one point: the test says little";
}

TEST_P(LowRankStack, LatentJacobiansAreDerivativesAndEnclosed) {
  const auto system = models::make_system(low_rank_stack(GetParam(), 0));
  ASSERT_NE(system->reduced(), nullptr);
  const dynamics::Latent* latent = system->reduced()->latent();
  ASSERT_NE(latent, nullptr);
  const Vector input = Vector::Constant(1, 0.3);
  Rng rng(43, Purpose::tests);
  Vector k(3);
  for (double& x : k) x = rng.normal();
  const auto expect = [](const nullcline::testing::Law& law) {
    EXPECT_TRUE(law.holds) << law.message;
  };
  using namespace nullcline::testing;  // NOLINT: the laws
  expect(jacobian_is_the_derivative_at(latent->map(), k, input, 1e-8));
  expect(input_jacobian_is_the_derivative_at(latent->map(), k, input, 1e-8));
  for (const double radius : {0.0, 1e-4, 0.1})
    expect(intervals_enclose_points_near(latent->map(), k, input, radius, rng));
}

TEST(StackedNetwork, OfHigherRankHasNoLatentCoordinates) {
  Network network = low_rank_stack(CellKind::vanilla, 0);
  network.upper[0].recurrent_weights.topRows(1).array() += 0.5;  // rank 2: 4 together
  EXPECT_EQ(models::make_system(network)->reduced()->latent(), nullptr);
}

TEST(ProjectedLstm, ItsPointsAreProvenAndTheirIndicesSumToOne) {
  Index most = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Rng rng(32, Purpose::tests, seed);
    const Network network =
        nullcline::testing::random_projected_lstm(Activation::tanh, 6, 3, 1, 6, rng);
    const FixedPointSet set = search(network, Vector::Zero(1));
    expect_complete_and_proven(set);
    most = std::max(most, set.n_fixed());
  }
  EXPECT_GT(most, 1);
}

}  // namespace
}  // namespace nullcline::fixed_points
