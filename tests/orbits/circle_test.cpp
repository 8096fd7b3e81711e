// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/orbits/invariant_circle.hpp"
#include "nullcline/orbits/lyapunov.hpp"
#include "support.hpp"

namespace nullcline::orbits {
namespace {

using testing::in_unit_box;
using testing::Rotation;

const Vector kNoInput(0);

struct Negation {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = -1.0 * h[0];
  }
};

Vector settled(const dynamics::System& map, int n_steps = 5000) {
  Vector state = Vector::LinSpaced(map.n_states(), 0.3, 0.7);
  for (int i = 0; i < n_steps; ++i) state = evaluate_at(map, state, kNoInput);
  return state;
}

// The plain mean turn: its error falls like 1 / n.
double mean_turn(const dynamics::System& map, Vector state, int n_steps) {
  double sum = 0;
  for (int i = 0; i < n_steps; ++i) {
    const Vector next = evaluate_at(map, state, kNoInput);
    const double turn = std::atan2(next(1), next(0)) - std::atan2(state(1), state(0));
    sum += turn / (2 * M_PI) - std::floor(turn / (2 * M_PI));
    state = next;
  }
  return sum / n_steps;
}

TEST(FindInvariantCircle, HasTheTurnOfALongRun) {
  const auto map = in_unit_box(Rotation{}, 2);
  const Vector state = settled(map);
  const auto circle = find_invariant_circle(map, kNoInput, state);
  ASSERT_TRUE(circle);
  EXPECT_EQ(circle->kind, Kind::invariant_circle);
  EXPECT_EQ(circle->period, 1);
  constexpr int kSteps = 200000;
  EXPECT_NEAR(circle->rotation_number, mean_turn(map, state, kSteps), 1.0 / kSteps);
  EXPECT_LT(circle->residual, 1e-9);
}

TEST(FindInvariantCircle, IsMappedToItselfBetweenItsSamples) {
  const auto map = in_unit_box(Rotation{1.4, 0.0711}, 2);
  const auto circle = find_invariant_circle(map, kNoInput, settled(map));
  ASSERT_TRUE(circle);
  const Vector angles = Vector::LinSpaced(500, 0, 0.99713);
  const Matrix states = interpolate_circle(circle->points, angles);
  const Matrix images =
      interpolate_circle(circle->points, (angles.array() + circle->rotation_number).matrix());
  for (Index i = 0; i < states.rows(); ++i)
    EXPECT_LT((evaluate_at(map, states.row(i).transpose(), kNoInput) - images.row(i).transpose())
                  .cwiseAbs()
                  .maxCoeff(),
              1e-8);
}

TEST(FindInvariantCircle, HoldsTheTrajectoryThatItWasFoundFrom) {
  const auto map = in_unit_box(Rotation{}, 2);
  const Vector state = settled(map);
  const auto circle = find_invariant_circle(map, kNoInput, state);
  ASSERT_TRUE(circle);
  const Matrix curve = interpolate_circle(circle->points, Vector::LinSpaced(20001, 0, 1));
  Vector visited = state;
  for (int i = 0; i < 50; ++i) {
    visited = evaluate_at(map, visited, kNoInput);
    EXPECT_LT((curve.rowwise() - visited.transpose()).cwiseAbs().rowwise().maxCoeff().minCoeff(),
              1e-3);
  }
}

TEST(FindInvariantCircle, FindsTwoCirclesThatTheMapExchanges) {
  const auto map = in_unit_box(testing::FlippedRotation{}, 3);
  const auto circles = find_invariant_circle(map, kNoInput, settled(map));
  ASSERT_TRUE(circles);
  EXPECT_EQ(circles->period, 2);
  EXPECT_EQ(circles->points.rows() % 2, 0);
  const Index n = circles->points.rows() / 2;
  EXPECT_EQ(n % 2, 1);
  EXPECT_NEAR(circles->points.col(2).head(n).cwiseAbs().minCoeff(), testing::flip_state(), 1e-9);
  EXPECT_LT(circles->points(0, 2) * circles->points(n, 2), 0);
}

TEST(FindInvariantCircle, FindsNoneWhereThereIsChaosAPointOrATorus) {
  const dynamics::FunctionSystem henon(testing::Henon{}, 2, 0);
  EXPECT_FALSE(find_invariant_circle(henon, kNoInput, Vector::Zero(2)));
  const auto contracting = in_unit_box(Rotation{0.9, 0.1234}, 2);
  EXPECT_FALSE(find_invariant_circle(contracting, kNoInput, settled(contracting)));
  const auto torus = in_unit_box(testing::TwoRotations{}, 4);
  EXPECT_FALSE(find_invariant_circle(torus, kNoInput, settled(torus)));
  EXPECT_THROW(find_invariant_circle(henon, kNoInput, Vector::Zero(3)), InvalidInput);
}

TEST(LyapunovSpectrum, IsThatOfTheHenonMap) {
  const dynamics::FunctionSystem map(testing::Henon{}, 2, 0);
  const LyapunovSpectrum spectrum = lyapunov_spectrum(map, kNoInput, Vector::Zero(2), 2, 200000);
  EXPECT_NEAR(spectrum.exponents(0), 0.4192, 3e-3);
  EXPECT_LT(spectrum.errors(0), 3e-3);
  EXPECT_GT(spectrum.errors(0), 1e-5);
  EXPECT_NEAR(spectrum.exponents.sum(), std::log(0.3), 1e-12);  // det DF = -b everywhere
  EXPECT_EQ(classify(spectrum), Kind::chaotic);
}

TEST(LyapunovSpectrum, IsTheLogarithmOfTheMultiplierAtAnAttractor) {
  const auto map = in_unit_box(testing::Flip{}, 1);
  const double p = testing::flip_state();
  const LyapunovSpectrum spectrum =
      lyapunov_spectrum(map, kNoInput, Vector::Constant(1, p), 1, 1000);
  EXPECT_NEAR(spectrum.exponents(0), std::log(3 * (1 - p * p)), 1e-12);
  EXPECT_EQ(classify(spectrum), Kind::undecided);  // it is for what never comes back
}

TEST(LyapunovSpectrum, OnALineThereIsNoCircle) {
  const auto map = in_unit_box(Negation{}, 1);  // every point has period two: the exponent is 0
  EXPECT_EQ(classify(lyapunov_spectrum(map, kNoInput, Vector::Constant(1, 0.3), 1, 1000)),
            Kind::undecided);
}

TEST(LyapunovSpectrum, TellsACircleFromATorus) {
  const auto circle = in_unit_box(Rotation{}, 2);
  EXPECT_EQ(classify(lyapunov_spectrum(circle, kNoInput, settled(circle), 2, 4000)),
            Kind::invariant_circle);
  const auto torus = in_unit_box(testing::TwoRotations{}, 4);
  EXPECT_EQ(classify(lyapunov_spectrum(torus, kNoInput, settled(torus), 4, 4000)), Kind::torus);
}

TEST(LyapunovSpectrum, SaysWhenTheTrajectoryLeavesEveryBound) {
  const dynamics::FunctionSystem map(testing::Henon{}, 2, 0);
  const LyapunovSpectrum spectrum =
      lyapunov_spectrum(map, kNoInput, Vector::Constant(2, 9), 2, 1000);
  EXPECT_FALSE(spectrum.finite);
  EXPECT_EQ(classify(spectrum), Kind::undecided);
}

TEST(LyapunovSpectrum, RefusesWrongNumbers) {
  const auto map = in_unit_box(Rotation{}, 2);
  EXPECT_THROW(lyapunov_spectrum(map, kNoInput, Vector::Zero(2), 3, 1000), InvalidInput);
  EXPECT_THROW(lyapunov_spectrum(map, kNoInput, Vector::Zero(2), 0, 1000), InvalidInput);
  EXPECT_THROW(lyapunov_spectrum(map, kNoInput, Vector::Zero(2), 2, 10), InvalidInput);
  EXPECT_THROW(lyapunov_spectrum(map, kNoInput, Vector::Zero(3), 2, 1000), InvalidInput);
  const dynamics::FunctionSystem flow(Rotation{}, 2, 0, dynamics::Time::continuous);
  EXPECT_THROW(lyapunov_spectrum(flow, kNoInput, Vector::Zero(2), 2, 1000), InvalidInput);
}

}  // namespace
}  // namespace nullcline::orbits
