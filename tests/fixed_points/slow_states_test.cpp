// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/slow_states.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::fixed_points {
namespace {

// x' = tanh(0.99 x) decays slowly, y' = tanh(0.2 y) fast: an approximate line along x, on which the
// origin is the only fixed point.
std::unique_ptr<dynamics::System> line() {
  models::Network network;
  network.recurrent_weights = Matrix{{0.99, 0.0}, {0.0, 0.2}};
  network.input_weights = Matrix::Zero(2, 1);
  network.bias = Vector::Zero(2);
  network.readout_weights = Matrix::Zero(0, 2);
  network.readout_bias = Vector();
  network.initial_state = Vector::Zero(2);
  return models::make_system(network);
}

const Matrix kStarts{{0.2, 0.5}, {-0.3, -0.6}, {0.1, 0.001}};

TEST(SlowStates, StopOnTheLineWhereTheyCameToIt) {
  const SlowStates found = find_slow_states(*line(), Vector::Zero(1), kStarts, 1e-4);
  ASSERT_EQ(found.states.rows(), 3);
  for (Index i = 0; i < 3; ++i) {
    EXPECT_NEAR(found.states(i, 0), kStarts(i, 0), 0.01) << "hardly moved along the line";
    EXPECT_LT(std::abs(found.states(i, 1)), 0.02);
    EXPECT_LT(found.speeds(i), 1e-4);
    const double dx = std::tanh(0.99 * found.states(i, 0)) - found.states(i, 0);
    const double dy = std::tanh(0.2 * found.states(i, 1)) - found.states(i, 1);
    EXPECT_NEAR(found.speeds(i), (dx * dx + dy * dy) / 2, 1e-16);
  }
  EXPECT_EQ(found.states.row(2), kStarts.row(2)) << "slow enough from the first";
}

TEST(SlowStates, ASmallerToleranceContractsTheLine) {
  const Matrix loose = find_slow_states(*line(), Vector::Zero(1), kStarts, 1e-4).states;
  const Matrix tight = find_slow_states(*line(), Vector::Zero(1), kStarts, 1e-9, 100000).states;
  ASSERT_EQ(tight.rows(), 3);
  EXPECT_LT(tight.col(0).cwiseAbs().maxCoeff(), 0.5 * loose.col(0).cwiseAbs().maxCoeff());
}

TEST(SlowStates, WhatDoesNotArriveIsLeftOut) {
  const SlowStates few = find_slow_states(*line(), Vector::Zero(1), kStarts, 1e-4, 1);
  ASSERT_EQ(few.states.rows(), 1);
  EXPECT_EQ(few.starts, (std::vector<Index>{2}));
  const Matrix lost{{std::numeric_limits<double>::quiet_NaN(), 0.0}, {0.1, 0.3}};
  const SlowStates finite = find_slow_states(*line(), Vector::Zero(1), lost, 1e-4);
  EXPECT_EQ(finite.starts, (std::vector<Index>{1}));
  EXPECT_EQ(find_slow_states(*line(), Vector::Zero(1), Matrix(0, 2), 1e-4).states.rows(), 0);
}

// h' = tanh(h) + 0.1 has no fixed point within reach of -2: q ends at a minimum above the
// tolerance.
TEST(SlowStates, AMinimumOfTheSpeedAboveTheToleranceIsNone) {
  models::Network network;
  network.recurrent_weights = Matrix::Ones(1, 1);
  network.cell = models::CellKind::leaky_outside;
  network.alpha = Vector::Ones(1);
  network.input_weights = Matrix::Zero(1, 1);
  network.bias = Vector::Constant(1, 0.1);
  network.readout_weights = Matrix::Zero(0, 1);
  network.readout_bias = Vector();
  network.initial_state = Vector::Zero(1);
  const auto map = models::make_system(network);
  const Matrix start = Matrix::Constant(1, 1, -2.0);
  EXPECT_EQ(find_slow_states(*map, Vector::Zero(1), start, 1e-3).states.rows(), 0);
  EXPECT_EQ(find_slow_states(*map, Vector::Zero(1), start, 0.02).states.rows(), 1);
}

TEST(SlowStates, StopsWhenAskedAndRefusesWhatDoesNotFit) {
  const SlowStates stopped = find_slow_states(*line(), Vector::Zero(1), kStarts, 1e-12, 1000,
                                              [](const ProgressUpdate&) { return false; });
  EXPECT_TRUE(stopped.interrupted);
  EXPECT_THROW(find_slow_states(*line(), Vector::Zero(1), Matrix(1, 3), 1e-4), InvalidInput);
  EXPECT_THROW(find_slow_states(*line(), Vector::Zero(2), kStarts, 1e-4), InvalidInput);
  EXPECT_THROW(find_slow_states(*line(), Vector::Zero(1), kStarts, 0), InvalidInput);
  EXPECT_THROW(find_slow_states(*line(), Vector::Zero(1), kStarts, 1e-4, -1), InvalidInput);
}

}  // namespace
}  // namespace nullcline::fixed_points
