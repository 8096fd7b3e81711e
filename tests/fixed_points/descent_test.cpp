// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/descent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::fixed_points {
namespace {

// h' = tanh(2 h + 4 u) per unit: fixed points 0 and +-0.957504 in each coordinate at u = 0.
struct Bits {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    for (int k = 0; k < 2; ++k) out[k] = tanh(Scalar(2) * h[k] + Scalar(4) * x[k]);
  }
};

const dynamics::FunctionSystem<Bits>& bits() {
  static const dynamics::FunctionSystem<Bits> system(Bits{}, 2, 2);
  return system;
}

Matrix random_states(Index n) {
  Rng rng(1, Purpose::tests, 0);
  Matrix states(n, 2);
  for (Index i = 0; i < states.size(); ++i) states.data()[i] = rng.uniform(-1, 1);
  return states;
}

double mean_speed(const Matrix& states) {
  Matrix next(states.rows(), 2);
  bits().evaluate(states, Matrix::Zero(1, 2), next);
  return 0.5 * (next - states).rowwise().squaredNorm().mean();
}

TEST(Descent, EachStageIsBelowItsToleranceAndTheStatesMoveAwayFromTheStarts) {
  const Matrix starts = random_states(40);
  DescentOptions options;
  options.max_steps = 120;  // not enough for the last of them
  const auto stages = descend_speed(bits(), Vector::Zero(2), starts, {1e-4, 1e-2, 1e-24}, options);
  ASSERT_EQ(stages.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(stages[i].tolerance, (std::vector{1e-2, 1e-4, 1e-24}[i]));  // in falling order
    ASSERT_TRUE(stages[i].reached);
    EXPECT_LT(stages[i].mean_speed, stages[i].tolerance);
    EXPECT_NEAR(stages[i].mean_speed, mean_speed(stages[i].states), 1e-12);
  }
  EXPECT_TRUE(stages[0].by_adam && stages[1].by_adam);
  EXPECT_FALSE(stages[2].by_adam);
  const auto moved = [&](std::size_t i) {
    return (stages[i].states - starts).rowwise().norm().mean();
  };
  EXPECT_GT(moved(0), 0);
  EXPECT_GT(moved(1), moved(0));
}

TEST(Descent, TheTightestStageHoldsFixedPointsAlone) {
  const auto stages = descend_speed(bits(), Vector::Zero(2), random_states(40), {1e-24});
  ASSERT_GT(stages[0].states.rows(), 20);
  for (Index i = 0; i < stages[0].states.size(); ++i) {
    const double h = std::abs(stages[0].states.data()[i]);
    EXPECT_TRUE(h < 1e-9 || std::abs(h - 0.957504024077) < 1e-9) << h;
  }
}

// At u = 1 one fixed point is left, near (1, 1); elsewhere q has minima that are none.
TEST(Descent, MinimaThatAreNoFixedPointsAreDropped) {
  Matrix starts(2, 2);
  starts << 0.9, 0.9, -0.9, -0.9;
  const auto stages = descend_speed(bits(), Vector::Ones(2), starts, {1e-24});
  for (Index i = 0; i < stages[0].states.size(); ++i)
    EXPECT_NEAR(stages[0].states.data()[i], std::tanh(6), 1e-4);
}

TEST(Descent, OptionsChangeWhatIsFound) {
  const Matrix starts = random_states(40);
  DescentOptions few;
  few.max_states = 7;
  EXPECT_EQ(descend_speed(bits(), Vector::Zero(2), starts, {1e-2}, few)[0].states.rows(), 7);
  DescentOptions short_run;
  short_run.max_steps = 1;
  EXPECT_FALSE(descend_speed(bits(), Vector::Zero(2), starts, {1e-6}, short_run)[0].by_adam);
  DescentOptions fast, slow;
  fast.learning_rate = 0.05;
  slow.decay = 1e-3;
  const auto steps = [&](const DescentOptions& options) {
    return descend_speed(bits(), Vector::Zero(2), starts, {1e-3}, options)[0].steps;
  };
  EXPECT_LT(steps(fast), steps({}));
  EXPECT_GT(steps(slow), steps({}));
}

TEST(Descent, RefusesWhatDoesNotFit) {
  const auto refused = [](const dynamics::System& system, const Matrix& states, double tolerance,
                          const DescentOptions& options, const char* part) {
    try {
      descend_speed(system, Vector::Zero(2), states, {tolerance}, options);
      ADD_FAILURE() << part;
    } catch (const InvalidInput& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(part));
    }
  };
  const dynamics::FunctionSystem<Bits> flow(Bits{}, 2, 2, dynamics::Time::continuous);
  refused(flow, random_states(1), 1e-2, {}, "system: found a flow");
  refused(bits(), Matrix(0, 2), 1e-2, {}, "states: found 0");
  refused(bits(), Matrix::Zero(1, 3), 1e-2, {}, "states: found 3");
  refused(bits(), random_states(1), 0, {}, "tolerance: found 0");
  DescentOptions bad;
  bad.learning_rate = 0;
  refused(bits(), random_states(1), 1, bad, "learning_rate: found 0");
  bad = {};
  bad.decay = 2;
  refused(bits(), random_states(1), 1, bad, "decay: found 2");
  bad = {};
  bad.max_steps = 0;
  refused(bits(), random_states(1), 1, bad, "max_steps: found 0");
  bad = {};
  bad.max_states = 0;
  refused(bits(), random_states(1), 1, bad, "max_states: found 0");
}

}  // namespace
}  // namespace nullcline::fixed_points
