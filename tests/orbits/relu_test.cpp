// SPDX-License-Identifier: BSD-3-Clause
// Orbits of relu maps: linear complementarity in the states of all steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>

#include "nullcline/core/rng.hpp"
#include "nullcline/orbits/cyclic_system.hpp"
#include "nullcline/orbits/periodic.hpp"
#include "nullcline/orbits/verify.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::orbits {
namespace {

using fixed_points::Completeness;
using fixed_points::Stability;
using fixed_points::Verdict;
using ::testing::HasSubstr;

const Vector kNoInput(0);

std::unique_ptr<dynamics::System> relu_map(const Matrix& weights, const Vector& bias) {
  models::Network network = nullcline::testing::tanh_network(weights, Matrix(weights.rows(), 0));
  network.activation = models::Activation::relu;
  network.bias = bias;
  return models::make_system(network);
}

struct Affine {
  Matrix weights;
  Vector bias;
};
Affine random_map(Index n, std::uint64_t seed) {
  Rng rng(seed, Purpose::tests);
  Affine map{Matrix(n, n), Vector(n)};
  for (double& w : map.weights.reshaped<Eigen::RowMajor>())
    w = 2.5 * rng.normal() / std::sqrt(static_cast<double>(n));
  for (double& c : map.bias) c = rng.normal();
  return map;
}

// All patterns of all steps: h = (1 - A_k ... A_1)^-1 (...) of the affine cycle, where it keeps to
// its pattern and to no shorter period. One state of each orbit.
std::vector<Vector> exhaustive(const Affine& map, int period) {
  const Index n = map.bias.size();
  std::vector<Vector> orbits;
  for (unsigned pattern = 0; pattern < 1U << (period * static_cast<int>(n)); ++pattern) {
    const auto is_on = [&](int step, Index i) {
      return (pattern >> (step * static_cast<int>(n) + static_cast<int>(i)) & 1U) != 0;
    };
    Matrix product = Matrix::Identity(n, n);
    Vector shift = Vector::Zero(n);
    for (int step = 0; step < period; ++step) {
      Matrix a = map.weights;
      Vector b = map.bias;
      for (Index i = 0; i < n; ++i)
        if (!is_on(step, i)) {
          a.row(i).setZero();
          b(i) = 0;
        }
      product = (a * product).eval();
      shift = (a * shift + b).eval();
    }
    const Vector start = (Matrix::Identity(n, n) - product).partialPivLu().solve(shift);
    Vector h = start;
    bool holds = h.allFinite(), is_shorter = false;
    for (int step = 0; step < period && holds; ++step) {
      const Vector z = map.weights * h + map.bias;
      for (Index i = 0; i < n; ++i) holds = holds && (z(i) > 0) == is_on(step, i);
      h = z.cwiseMax(0);
      if (step + 1 < period && (h - start).cwiseAbs().maxCoeff() < 1e-9) is_shorter = true;
    }
    if (holds && !is_shorter && period > 1) orbits.push_back(start);
  }
  return orbits;
}

TEST(ReluOrbits, TheMapOfAllStatesIsAReluMap) {
  const Affine map = random_map(3, 1);
  const auto system = relu_map(map.weights, map.bias);
  const CyclicSystem cyclic(*system, 3);
  const auto form = cyclic.relu_form(kNoInput);
  ASSERT_TRUE(form.has_value());
  const Vector state = Vector::LinSpaced(9, -1, 2);
  Vector expected = form->weights * state;
  for (Index i = 0; i < 9; ++i) expected(i) += form->offset[static_cast<std::size_t>(i)].midpoint();
  expected = expected.cwiseMax(0).eval();
  EXPECT_LT((evaluate_at(cyclic, state, kNoInput) - expected).cwiseAbs().maxCoeff(), 1e-14);
  const auto smooth = in_unit_box(testing::Flip{}, 1);
  EXPECT_FALSE(CyclicSystem(smooth, 2).relu_form(kNoInput).has_value());
}

// h' = max(1 - 2 h, 0): the point 1/3, and 0 -> 1 -> 0; whatever meets 0 ends there.
TEST(ReluOrbits, OfOneUnitAreThoseWorkedByHand) {
  const auto map = relu_map(Matrix{{-2}}, Vector{{1}});
  const PeriodicOrbits two = find_periodic_orbits(*map, kNoInput, Matrix(0, 1), 2);
  EXPECT_EQ(two.audit.completeness, Completeness::proven);
  EXPECT_EQ(two.audit.n_undecided, 0);
  ASSERT_EQ(two.orbits.size(), 1U);
  const Orbit& orbit = two.orbits[0];
  EXPECT_EQ(orbit.verdict, Verdict::proven);
  EXPECT_NEAR(orbit.points(0, 0), 0, 1e-15);
  EXPECT_NEAR(orbit.points(1, 0), 1, 1e-15);
  EXPECT_EQ(orbit.stability, Stability::stable);
  EXPECT_EQ(orbit.index, 1);
  EXPECT_FALSE(orbit.at_kink);
  EXPECT_EQ(std::abs(orbit.multipliers(0)), 0);
  // -1 for the point, whose multiplier under F^2 is 4, and +1 for each of the two states.
  EXPECT_EQ(two.audit.index_sum, 1);
  const PeriodicOrbits three = find_periodic_orbits(*map, kNoInput, Matrix(0, 1), 3);
  EXPECT_EQ(three.audit.completeness, Completeness::proven);
  EXPECT_TRUE(three.orbits.empty());
}

TEST(ReluOrbits, AreAllThatThePatternsOfAllStepsGive) {
  int n_found = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Affine map = random_map(3, seed);
    const auto system = relu_map(map.weights, map.bias);
    for (const int period : {2, 3}) {
      const std::vector<Vector> expected = exhaustive(map, period);
      const PeriodicOrbits found = find_periodic_orbits(*system, kNoInput, Matrix(0, 3), period);
      EXPECT_EQ(found.audit.completeness, Completeness::proven) << seed;
      std::size_t n_states = 0;
      for (const Orbit& orbit : found.orbits) {
        EXPECT_EQ(orbit.verdict, Verdict::proven);
        n_states += orbit.period == period ? static_cast<std::size_t>(period) : 0;
      }
      EXPECT_EQ(n_states, expected.size()) << "seed " << seed << ", period " << period;
      for (const Vector& state : expected) {
        double nearest = 1;
        for (const Orbit& orbit : found.orbits)
          nearest = std::min(nearest, (orbit.points.rowwise() - state.transpose())
                                          .cwiseAbs()
                                          .rowwise()
                                          .maxCoeff()
                                          .minCoeff());
        EXPECT_LT(nearest, 1e-9) << "seed " << seed << ", period " << period;
      }
      n_found += found.audit.n_orbits;
    }
  }
  EXPECT_GT(n_found, 5);
}

// h' = max(1 - h, 0) for h <= 1 turns every state into 1 - h: a continuum of orbits of period 2, at
// whose end {0, 1} a unit sits at its kink.
TEST(ReluOrbits, AContinuumIsNotCounted) {
  const auto map = relu_map(Matrix{{-1}}, Vector{{1}});
  const PeriodicOrbits found = find_periodic_orbits(*map, kNoInput, Matrix(0, 1), 2);
  EXPECT_NE(found.audit.completeness, Completeness::proven);
  EXPECT_TRUE(found.orbits.empty());
}

// (x, y)' = (max(1 - 2 x, 0), max((x - 1 - y) / 8, 0)): along 0 -> 1 -> 0 the second unit is at its
// kink where x = 1.
TEST(ReluOrbits, SayThatTheyAreAtAKink) {
  const auto map = relu_map(Matrix{{-2, 0}, {0.125, -0.125}}, Vector{{1, -0.125}});
  const auto orbit = refine_periodic_orbit(*map, kNoInput, Vector{{1, 0}}, 2);
  ASSERT_TRUE(orbit.has_value());
  EXPECT_TRUE(orbit->at_kink);
  EXPECT_THAT(orbit->evidence, HasSubstr("at its kink"));
}

// 32 units that contract and flip: too many for a proof of period 2, one orbit to be found.
TEST(ReluOrbits, AreSearchedWhereThereAreTooManyPatterns) {
  constexpr Index kUnits = 32;
  Rng rng(5, Purpose::tests);
  Affine map{Matrix(kUnits, kUnits), Vector(kUnits)};
  for (double& w : map.weights.reshaped<Eigen::RowMajor>()) w = 0.01 * rng.normal();
  for (double& c : map.bias) c = 1 + 0.1 * rng.normal();
  map.weights(0, 0) = -2;
  const auto system = relu_map(map.weights, map.bias);
  fixed_points::SearchOptions options;
  options.n_starts = 300;
  options.max_starts = 600;
  const PeriodicOrbits found =
      find_periodic_orbits(*system, kNoInput, Matrix(0, kUnits), 2, options);
  EXPECT_EQ(found.audit.completeness, Completeness::not_auditable);
  ASSERT_EQ(found.orbits.size(), 1U);
  EXPECT_EQ(found.orbits[0].verdict, Verdict::proven);
  EXPECT_EQ(found.orbits[0].period, 2);
}

TEST(ReluOrbits, AreVerifiedAgain) {
  const auto map = relu_map(Matrix{{-2}}, Vector{{1}});
  OrbitSet set;
  set.input = kNoInput;
  set.orbits = find_periodic_orbits(*map, kNoInput, Matrix(0, 1), 2).orbits;
  EXPECT_TRUE(verify(*map, set).empty());
  set.orbits.at(0).points(1, 0) += 1e-6;
  EXPECT_FALSE(verify(*map, set).empty());
}

}  // namespace
}  // namespace nullcline::orbits
