// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/collocation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "nullcline/dynamics/flow.hpp"
#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::cycles {
namespace {

/// The normal form of a Hopf bifurcation: a circle of radius sqrt(mu), period 2 pi / omega, with
/// the multiplier exp(-2 mu period).
struct HopfForm {
  double mu = 0.25, omega = 2;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    const Scalar r2 = h[0] * h[0] + h[1] * h[1];
    out[0] = mu * h[0] - omega * h[1] - r2 * h[0];
    out[1] = omega * h[0] + mu * h[1] - r2 * h[1];
  }
};

struct FitzHughNagumo {
  double current = 0.7;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = h[0] - h[0] * h[0] * h[0] / 3.0 - h[1] + current;
    out[1] = 0.08 * (h[0] + 0.7 - 0.8 * h[1]);
  }
};

template <class Function>
dynamics::FunctionSystem<Function> flow_of(Function function) {
  return {function, 2, 0, dynamics::Time::continuous};
}

/// A circle around the origin.
Profile circle(double radius, double period, Index n_intervals) {
  const Vector times = Vector::LinSpaced(201, 0, period).head(200);
  Matrix states(200, 2);
  for (Index i = 0; i < 200; ++i) {
    const double angle = 2 * std::numbers::pi * times(i) / period;
    states.row(i) << radius * std::cos(angle), radius * std::sin(angle);
  }
  return profile_of(times, states, period, n_intervals);
}

TEST(Collocation, FindsTheCircleOfTheNormalForm) {
  const auto flow = flow_of(HopfForm());
  const auto cycle = solve_cycle(flow, Vector(0), circle(0.6, 3, 20));
  ASSERT_TRUE(cycle);
  EXPECT_NEAR(cycle->period, std::numbers::pi, 1e-10);
  EXPECT_NEAR(cycle->maximum(0), 0.5, 1e-10);
  EXPECT_NEAR(cycle->minimum(1), -0.5, 1e-10);
  ASSERT_EQ(cycle->multipliers.size(), 1);
  EXPECT_NEAR(cycle->multipliers(0).real(), std::exp(-0.5 * std::numbers::pi), 1e-10);
  EXPECT_NEAR(cycle->trivial_multiplier, 1, 1e-10);
  EXPECT_TRUE(cycle->is_stable);
  EXPECT_LT(cycle->period_error, 1e-10);
}

TEST(Collocation, FitzHughNagumosPeriodIsThatOfTheOracle) {
  const auto flow = flow_of(FitzHughNagumo());
  // A turn of a trajectory that has come to the cycle.
  dynamics::FlowStepper stepper(flow, Vector(0), 1e-10);
  const Matrix settled = dynamics::integrate(flow, Vector(0), Vector{{1.0, 0.0}}, Vector{{200.0}});
  const Vector times = Vector::LinSpaced(371, 0, 37).head(370);
  const Matrix turn = dynamics::integrate(flow, Vector(0), settled.row(0).transpose(), times);
  const auto cycle = solve_cycle(flow, Vector(0), profile_of(times, turn, 37, 20));
  ASSERT_TRUE(cycle);
  EXPECT_NEAR(cycle->period, 36.978751673911973, 36.97 * 1e-9);
  EXPECT_NEAR(cycle->minimum(0), -1.946372, 1e-6);
  EXPECT_NEAR(cycle->maximum(0), 1.894413, 1e-6);
  EXPECT_TRUE(cycle->is_stable);
}

TEST(Collocation, AnEquilibriumIsNoCycle) {
  auto form = HopfForm();
  form.mu = -0.25;
  EXPECT_FALSE(solve_cycle(flow_of(form), Vector(0), circle(0.6, 3, 20)));
}

}  // namespace
}  // namespace nullcline::cycles
