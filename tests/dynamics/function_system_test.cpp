// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/function_system.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/rng.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/testing/system_laws.hpp"

namespace nullcline::dynamics {
namespace {

// dx/dt = x - x^3/3 - y + u, dy/dt = (x + 0.7 - 0.8 y) / 12.5 (FitzHugh and Nagumo).
struct FitzHughNagumo {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* u, Scalar* out) const {
    out[0] = h[0] - h[0] * h[0] * h[0] / 3.0 - h[1] + u[0];
    out[1] = (h[0] + 0.7 - 0.8 * h[1]) / 12.5;
  }
};

struct Mixed {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    using namespace numerics;
    const Scalar gate = sigmoid(h[0] - 2.0 * h[2] + x[1]);
    out[0] = gate * h[0] + (1.0 - gate) * tanh(h[1] * 1.5 + x[0]);
    out[1] = exp(-h[0] * h[0]) * 0.5 - relu(h[2] + 0.1);
    out[2] = h[1] / (2.0 + h[0] * h[0]);
  }
};

TEST(FunctionSystem, ObeysTheLawsOfSystems) {
  const FunctionSystem flow(FitzHughNagumo{}, 2, 1, Time::continuous);
  const FunctionSystem map(Mixed{}, 3, 2);
  for (const System* system :
       {static_cast<const System*>(&flow), static_cast<const System*>(&map)}) {
    Rng rng(3, Purpose::tests);
    for (int sample = 0; sample < 20; ++sample) {
      Vector state(system->n_states()), input(system->n_inputs()), way(system->n_states());
      for (double& value : state) value = rng.uniform(0.1, 1);  // away from the kink
      for (double& value : input) value = rng.uniform(-1, 1);
      for (double& value : way) value = rng.uniform(-1, 1);
      EXPECT_TRUE(testing::jacobian_is_the_derivative_at(*system, state, input, 1e-8));
      EXPECT_TRUE(testing::input_jacobian_is_the_derivative_at(*system, state, input, 1e-8));
      EXPECT_TRUE(testing::directional_derivatives_agree_at(*system, state, input, way, 1e-5));
      EXPECT_TRUE(testing::intervals_enclose_points_near(*system, state, input, 0.05, rng));
    }
  }
}

TEST(FunctionSystem, HasTheJacobianWorkedByHand) {
  const FunctionSystem system(FitzHughNagumo{}, 2, 1, Time::continuous);
  const Matrix jacobian = jacobian_at(system, Vector{{2.0, 0.3}}, Vector{{0.5}});
  EXPECT_NEAR((jacobian - Matrix{{-3, -1}, {0.08, -0.064}}).norm(), 0, 1e-15);
  const Matrix by_input = input_jacobian_at(system, Vector{{2.0, 0.3}}, Vector{{0.5}});
  EXPECT_EQ(by_input, (Matrix{{1}, {0}}));
}

TEST(FunctionSystem, HasItsFixedPointProven) {
  // x + 0.7 = 0.8 y puts the equilibrium at the real root of x^3/3 + 0.25 x + 0.375 = 0 for u =
  // 0.5: by Cardano near -0.8048.
  const FunctionSystem system(FitzHughNagumo{}, 2, 1, Time::continuous);
  const auto set = fixed_points::find_fixed_points(system, Vector{{0.5}}, Matrix{{0.0, 0.0}});
  ASSERT_EQ(set.n_fixed(), 1);
  const auto& point = set.points[0];
  EXPECT_EQ(point.verdict, fixed_points::Verdict::proven);
  const double x = point.state(0);
  EXPECT_NEAR(x * x * x / 3 + 0.25 * x + 0.375, 0, 1e-14);
  EXPECT_EQ(set.audit.completeness, fixed_points::Completeness::not_auditable);
}

}  // namespace
}  // namespace nullcline::dynamics
