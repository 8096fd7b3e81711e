// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/perturbation/perturb.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"

namespace nullcline::perturbation {
namespace {

// Two independent units h' = tanh(2 h), with a weak link: 9 points, 4 of them stable.
models::Network two_switches(double link = 1e-3) {
  models::Network net;
  net.recurrent_weights = Matrix{{2.0, link}, {0.0, 2.0}};
  net.input_weights = Matrix::Zero(2, 1);
  net.bias = Vector::Zero(2);
  net.readout_weights = Matrix::Identity(2, 2);
  net.readout_bias = Vector::Zero(2);
  net.initial_state = Vector::Zero(2);
  return net;
}

// A quarter turn with gain 2: the origin is unstable, and around it is an attractor of period 4.
models::Network rotation() {
  models::Network net = two_switches();
  net.recurrent_weights = Matrix{{0.0, -2.0}, {2.0, 0.0}};
  return net;
}

PerturbOptions options_with(std::vector<double> noise, std::vector<double> prune = {}) {
  PerturbOptions options;
  options.noise = std::move(noise);
  options.prune = std::move(prune);
  options.trials = 3;
  return options;
}

TEST(Perturb, NothingIsLostWithoutNoise) {
  const Study study = perturb(two_switches(), Vector::Zero(1), nullptr, options_with({0}));
  EXPECT_EQ(study.reference.n_points, 9);
  EXPECT_EQ(study.reference.n_stable, 4);
  EXPECT_GT(study.reference.n_edges, 0);
  for (const Trial& trial : study.levels[0].trials) {
    EXPECT_EQ(trial.points_kept, 9);
    EXPECT_EQ(trial.stability_kept, 9);
    EXPECT_EQ(trial.edges_kept, study.reference.n_edges);
    EXPECT_TRUE(std::isnan(trial.error));
  }
}

TEST(Perturb, PruningTheWeakLinkKeepsEverythingAndPruningAllLeavesTheOrigin) {
  const Study study = perturb(two_switches(), Vector::Zero(1), nullptr, options_with({}, {0.5, 1}));
  ASSERT_EQ(study.levels[0].trials.size(), 1U);  // by magnitude there is one way
  EXPECT_EQ(study.levels[0].trials[0].points_kept, 9);
  EXPECT_EQ(study.levels[1].trials[0].n_points, 1);
  EXPECT_LE(study.levels[1].trials[0].points_kept, 1);
  EXPECT_EQ(study.levels[1].trials[0].edges_kept, 0);
}

TEST(Perturb, CyclesAreCounted) {
  const Study study = perturb(rotation(), Vector::Zero(1), nullptr, options_with({0.001}, {1}));
  ASSERT_GE(study.reference.n_cycles, 1);
  EXPECT_EQ(study.levels[0].trials[0].cycles_kept, study.reference.n_cycles);
  EXPECT_EQ(study.levels[1].trials[0].cycles_kept, 0);
}

TEST(Perturbed, NoiseHasItsStandardDeviationAndIsTheSameForTheSameSeed) {
  models::Network net = two_switches();
  const Index n = 100;
  net.recurrent_weights = Matrix::Zero(n, n);
  const Matrix one = perturbed(net, Kind::noise, 0.1, 7, 0).recurrent_weights;
  EXPECT_EQ(one, perturbed(net, Kind::noise, 0.1, 7, 0).recurrent_weights);
  EXPECT_NE(one, perturbed(net, Kind::noise, 0.1, 7, 1).recurrent_weights);
  EXPECT_NE(one, perturbed(net, Kind::noise, 0.1, 8, 0).recurrent_weights);
  EXPECT_NEAR(std::sqrt(one.squaredNorm() / static_cast<double>(n * n)), 0.1, 0.003);
}

TEST(Perturbed, MasksAndSignsHold) {
  models::Network net = two_switches(0);
  net.mask = Matrix::Identity(2, 2);
  net.dale_signs = Vector::Ones(2);
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    const Matrix weights = perturbed(net, Kind::noise, 10, 1, trial).recurrent_weights;
    EXPECT_EQ(weights(0, 1), 0);
    EXPECT_GE(weights.minCoeff(), 0);
  }
}

TEST(Perturbed, PruningTakesTheSmallestOrAsManyAtRandom) {
  models::Network net = two_switches();
  const Matrix smallest = perturbed(net, Kind::prune, 0.5, 1, 0).recurrent_weights;
  EXPECT_EQ(smallest, (Matrix{{2.0, 0.0}, {0.0, 2.0}}));
  const Matrix random = perturbed(net, Kind::prune_random, 1, 1, 0).recurrent_weights;
  EXPECT_TRUE(random.isZero(0));
}

TEST(Perturb, DoesNotDependOnTheNumberOfThreads) {
  const auto run = [](int n) {
    set_n_threads(n);
    return to_arrays(perturb(two_switches(), Vector::Zero(1), nullptr, options_with({0.3})))
        .values("points_kept");
  };
  EXPECT_EQ(run(1), run(2));
  set_n_threads(0);
}

TEST(Perturb, RefusesLevelsOutOfRange) {
  const models::Network net = two_switches();
  const Vector input = Vector::Zero(1);
  EXPECT_THROW(perturb(net, input, nullptr, options_with({-1})), InvalidInput);
  EXPECT_THROW(perturb(net, input, nullptr, options_with({1e7})), InvalidInput);
  EXPECT_THROW(perturb(net, input, nullptr, options_with({}, {1.5})), InvalidInput);
  EXPECT_THROW(perturb(net, input, nullptr, options_with({})), InvalidInput);
  EXPECT_THROW(perturb(net, Vector::Zero(2), nullptr, options_with({1})), InvalidInput);
  PerturbOptions error_only = options_with({1});
  error_only.error_only = true;  // but there is no task
  EXPECT_THROW(perturb(net, input, nullptr, error_only), InvalidInput);
}

}  // namespace
}  // namespace nullcline::perturbation
