// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/initialization.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nullcline::training {
namespace {

using models::CellKind;
using models::Network;

TrainOptions with(Initialization scheme, CellKind cell = CellKind::gru, int units = 100) {
  TrainOptions options;
  options.initialization = scheme;
  options.cell = cell;
  options.units = units;
  options.seed = 3;
  return options;
}

double variance(const Matrix& m) { return m.array().square().mean() - std::pow(m.mean(), 2); }

/// A sample variance of n values spreads by about sqrt(2 / n), less for uniform ones.
void expect_variance(const Matrix& m, double expected) {
  EXPECT_NEAR(variance(m), expected, 5 * expected * std::sqrt(2.0 / static_cast<double>(m.size())));
  EXPECT_NEAR(m.mean(), 0, 5 * std::sqrt(expected / static_cast<double>(m.size())));
}

void expect_uniform(const Matrix& m, double bound) {
  expect_variance(m, bound * bound / 3);
  EXPECT_LE(m.cwiseAbs().maxCoeff(), bound);
}

TEST(Initialization, EverySchemeGivesAValidNetworkOfEveryCell) {
  for (const auto& [scheme, name] : EnumNames<Initialization>::values)
    for (const auto& [cell, cell_name] : EnumNames<CellKind>::values)
      for (const models::Reset reset : {models::Reset::before, models::Reset::after}) {
        TrainOptions options = with(scheme, cell, 7);
        options.reset = reset;
        options.alpha = 0.3;
        const Network network = make_initial_network(options, 3, 2);
        EXPECT_NO_THROW(models::validate(network)) << name << " " << cell_name;
        EXPECT_TRUE(network.verified);
        EXPECT_EQ(network.n_inputs(), 3);
        EXPECT_EQ(network.n_outputs(), 2);
        EXPECT_EQ(network.n_units(), 7);
      }
}

TEST(Initialization, Renn) {
  const Network n = make_initial_network(with(Initialization::renn), 4, 50);
  expect_variance(n.recurrent_weights, 0.01);
  expect_variance(n.input_weights, 0.01);
  expect_variance(n.readout_weights, 2.0 / 150);
  expect_variance(n.readout_bias, 1e-4);
  EXPECT_EQ(n.bias.norm(), 0);
  EXPECT_EQ(n.initial_state.norm(), 0);
}

TEST(Initialization, Ctd) {
  const Network gru = make_initial_network(with(Initialization::ctd), 4, 50);
  expect_variance(gru.recurrent_weights, 0.01);
  expect_variance(gru.input_weights, 0.25);
  expect_variance(gru.readout_weights, 0.01);
  expect_variance(gru.initial_state, 0.01);
  EXPECT_EQ(gru.bias.norm() + gru.readout_bias.norm(), 0);
  const Network vanilla = make_initial_network(with(Initialization::ctd, CellKind::vanilla), 4, 50);
  expect_variance(vanilla.recurrent_weights, 0.85 * 0.85 / 100);
}

TEST(Initialization, Tf1) {
  const Network lstm = make_initial_network(with(Initialization::tf1, CellKind::lstm), 4, 50);
  expect_uniform(lstm.recurrent_weights, std::sqrt(6.0 / (4 + 100 + 400)));
  expect_uniform(lstm.input_weights, std::sqrt(6.0 / (4 + 100 + 400)));
  expect_uniform(lstm.readout_weights, std::sqrt(6.0 / 150));
  EXPECT_EQ(lstm.bias.norm(), 0);
  EXPECT_EQ(lstm.forget_bias, 1);
  const Network gru = make_initial_network(with(Initialization::tf1), 4, 50);
  expect_uniform(gru.recurrent_weights.topRows(200), std::sqrt(6.0 / (4 + 100 + 200)));
  expect_uniform(gru.recurrent_weights.bottomRows(100), std::sqrt(6.0 / (4 + 100 + 100)));
  EXPECT_EQ(gru.bias.head(100), Vector::Ones(100));
  EXPECT_EQ(gru.bias.segment(100, 100), Vector::Zero(100)) << "the forget bias makes it 1";
  EXPECT_EQ(gru.bias.tail(100), Vector::Zero(100));
}

TEST(Initialization, Keras) {
  TrainOptions options = with(Initialization::keras, CellKind::lstm);
  options.forget_bias = 0;
  const Network n = make_initial_network(options, 4, 50);
  expect_uniform(n.input_weights, std::sqrt(6.0 / (4 + 400)));
  const Matrix gram = n.recurrent_weights.transpose() * n.recurrent_weights;
  EXPECT_LT((gram - Matrix::Identity(100, 100)).norm(), 1e-12);
  EXPECT_EQ(n.bias.segment(100, 100), Vector::Ones(100));
  EXPECT_EQ(n.bias.sum(), 100);
}

TEST(Initialization, Torch) {
  const Network n = make_initial_network(with(Initialization::torch), 4, 50);
  for (const Matrix* m : {&n.input_weights, &n.recurrent_weights, &n.readout_weights})
    expect_uniform(*m, 0.1);
  expect_uniform(n.readout_bias, 0.1);
  expect_uniform(n.recurrent_bias, 0.1);
  expect_uniform(n.bias.tail(100), 0.1);
  expect_variance(n.bias.head(200), 2 * 0.01 / 3);
  EXPECT_EQ(n.initial_state.norm(), 0);
}

TEST(Initialization, RotationBlocks) {
  TrainOptions options = with(Initialization::rotation_blocks, CellKind::gru, 5);
  options.rotation_gain = 2;
  options.rotation_angle = 0.3;
  const Network n = make_initial_network(options, 4, 2);
  Matrix expected = Matrix::Zero(5, 5);
  for (Index i = 0; i < 4; i += 2) {
    expected(i, i) = expected(i + 1, i + 1) = 2 * std::cos(0.3);
    expected(i + 1, i) = 2 * std::sin(0.3);
    expected(i, i + 1) = -2 * std::sin(0.3);
  }
  expected(4, 4) = 2;
  EXPECT_EQ(n.recurrent_weights.bottomRows(5), expected);
  options.initialization = Initialization::torch;
  const Network torch = make_initial_network(options, 4, 2);
  EXPECT_EQ(n.recurrent_weights.topRows(10), torch.recurrent_weights.topRows(10));
  EXPECT_EQ(n.input_weights, torch.input_weights);
  options.initialization = Initialization::rotation_blocks;
  options.cell = CellKind::lstm;
  EXPECT_EQ(make_initial_network(options, 4, 2).recurrent_weights.middleRows(10, 5), expected);
}

TEST(Initialization, MaskAndSigns) {
  TrainOptions options = with(Initialization::torch, CellKind::lstm, 10);
  options.connectivity = 0.25;
  options.excitatory_fraction = 0.8;
  const Network n = make_initial_network(options, 4, 2);
  EXPECT_EQ(n.mask.sum(), 25);
  EXPECT_EQ(n.dale_signs.sum(), 8 - 2);
  EXPECT_EQ(n.dale_signs(0), 1);
  EXPECT_EQ(n.dale_signs(9), -1);
  for (Index gate = 0; gate < 4; ++gate) {
    const Matrix w = n.recurrent_weights.middleRows(10 * gate, 10);
    EXPECT_EQ((w.array() != 0).count(), 25);
    EXPECT_GE(w.leftCols(8).minCoeff(), 0);
    EXPECT_LE(w.rightCols(2).maxCoeff(), 0);
  }
  options.seed = 4;
  EXPECT_NE(make_initial_network(options, 4, 2).mask, n.mask);
}

TEST(Initialization, ConstantsGoWhereTheyBelong) {
  TrainOptions options = with(Initialization::renn, CellKind::leaky, 4);
  options.alpha = 0.3;
  options.forget_bias = 2;
  const Network leaky = make_initial_network(options, 1, 1);
  EXPECT_EQ(leaky.alpha, Vector::Constant(4, 0.3));
  EXPECT_EQ(leaky.forget_bias, 0);
  options.cell = CellKind::ugrnn;
  const Network ugrnn = make_initial_network(options, 1, 1);
  EXPECT_EQ(ugrnn.alpha.size(), 0);
  EXPECT_EQ(ugrnn.forget_bias, 2);
}

}  // namespace
}  // namespace nullcline::training
