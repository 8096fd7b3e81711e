// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/simulate.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/testing/zoo.hpp"

namespace nullcline::dynamics {
namespace {

// The ideal flip-flop, one bit: a pulse of +1 sets it, -1 resets it, and it stays.
TEST(Simulate, AFlipFlopHoldsItsLastPulse) {
  const auto map = models::make_system(testing::ideal_flip_flop(1));
  std::vector<double> inputs(2 * 20, 0.0);
  inputs[0] = 1;        // trial 0, step 0
  inputs[10] = -1;      // trial 0, step 10
  inputs[20 + 5] = -1;  // trial 1, step 5
  const Matrix states = simulate(*map, inputs, 2, 20, Matrix::Zero(1, 1));
  ASSERT_EQ(states.rows(), 40);
  EXPECT_GT(states(9, 0), 0.95);
  EXPECT_LT(states(10, 0), 0);
  EXPECT_LT(states(19, 0), -0.95);
  EXPECT_EQ(states(20 + 4, 0), 0);
  EXPECT_LT(states(20 + 19, 0), -0.95);
}

TEST(Simulate, DoesNotDependOnThreadsAndTakesAStatePerTrial) {
  const auto map = models::make_system(testing::ideal_flip_flop());
  Rng rng(1, Purpose::tests);
  std::vector<double> inputs(100 * 7 * 3);
  for (double& u : inputs) u = rng.normal();
  Matrix initial(100, 3);
  for (double& h : initial.reshaped()) h = rng.normal();
  set_n_threads(1);
  const Matrix one = simulate(*map, inputs, 100, 7, initial);
  set_n_threads(2);
  const Matrix two = simulate(*map, inputs, 100, 7, initial);
  set_n_threads(0);
  EXPECT_EQ(one, two);
  EXPECT_NE(one.row(0), simulate(*map, inputs, 100, 7, Matrix::Zero(1, 3)).row(0));
}

TEST(Simulate, RefusesWhatDoesNotFit) {
  const auto map = models::make_system(testing::ideal_flip_flop());
  const std::vector<double> inputs(6);
  EXPECT_NO_THROW(simulate(*map, inputs, 1, 2, Matrix::Zero(1, 3)));
  EXPECT_THROW(simulate(*map, inputs, 1, 3, Matrix::Zero(1, 3)), InvalidInput);
  EXPECT_THROW(simulate(*map, inputs, 1, 2, Matrix::Zero(1, 2)), InvalidInput);
  EXPECT_THROW(simulate(*map, inputs, 2, 1, Matrix::Zero(3, 3)), InvalidInput);
  EXPECT_THROW(simulate(testing::FitzHughNagumo(), {}, 0, 0, Matrix::Zero(1, 2)), InvalidInput);
}

}  // namespace
}  // namespace nullcline::dynamics
