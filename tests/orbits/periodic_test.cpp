// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/periodic.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/orbits/cyclic_system.hpp"
#include "nullcline/testing/system_laws.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::orbits {
namespace {

using fixed_points::Stability;
using fixed_points::Verdict;
using testing::Flip;
using testing::flip_state;
using testing::Henon;
using testing::in_unit_box;

const Vector kNoInput(0);
Vector one(double value) { return Vector::Constant(1, value); }

TEST(RefinePeriodicOrbit, FindsTheOrbitOfTheFlipWithProof) {
  const auto map = in_unit_box(Flip{}, 1);
  const auto orbit = refine_periodic_orbit(map, kNoInput, one(0.9), 2);
  ASSERT_TRUE(orbit);
  const double p = flip_state();
  EXPECT_EQ(orbit->kind, Kind::periodic);
  EXPECT_EQ(orbit->period, 2);
  EXPECT_NEAR(orbit->points(0, 0), -p, 1e-15);
  EXPECT_NEAR(orbit->points(1, 0), p, 1e-15);
  EXPECT_EQ(orbit->verdict, Verdict::proven);
  EXPECT_LT(orbit->radius, 1e-14);
  EXPECT_LE(orbit->residual, 1e-15);
  EXPECT_EQ(orbit->index, 1);
  EXPECT_EQ(orbit->stability, Stability::stable);
  ASSERT_EQ(orbit->multipliers.size(), 1);
  EXPECT_NEAR(orbit->multipliers(0).real(), std::pow(3 * (1 - p * p), 2), 1e-14);
}

TEST(RefinePeriodicOrbit, ReportsTheLeastPeriod) {
  const auto map = in_unit_box(Flip{}, 1);
  const auto orbit = refine_periodic_orbit(map, kNoInput, one(0.9), 6);
  ASSERT_TRUE(orbit);
  EXPECT_EQ(orbit->period, 2);
  EXPECT_EQ(orbit->points.rows(), 2);
}

TEST(RefinePeriodicOrbit, DoesNotTakeAFixedPointForAnOrbit) {
  const auto map = in_unit_box(Flip{}, 1);
  EXPECT_FALSE(refine_periodic_orbit(map, kNoInput, one(1e-3), 2));
  EXPECT_FALSE(refine_periodic_orbit(map, kNoInput, one(0.9), 1));
}

TEST(RefinePeriodicOrbit, RefusesFlowsAndWrongSizes) {
  const dynamics::FunctionSystem flow(Flip{}, 1, 0, dynamics::Time::continuous);
  EXPECT_THROW(refine_periodic_orbit(flow, kNoInput, one(0.9), 2), InvalidInput);
  const auto map = in_unit_box(Flip{}, 1);
  EXPECT_THROW(refine_periodic_orbit(map, kNoInput, one(0.9), 0), InvalidInput);
  EXPECT_THROW(refine_periodic_orbit(map, kNoInput, Vector::Zero(2), 2), InvalidInput);
}

TEST(RefinePeriodicOrbit, SolvesLongAttractingOrbitsByTheIterate) {
  // A quarter turn sends (x, y) to (tanh(-g y), tanh(g x)): the corners (+-p, +-p) in turn.
  const testing::Rotation quarter{1.5, 0.25};
  const auto map = in_unit_box(quarter, 2);
  Vector state(2);
  state << 0.9, 0.8;
  for (int i = 0; i < 2000; ++i) state = evaluate_at(map, state, kNoInput);
  const auto by_shooting = refine_periodic_orbit(map, kNoInput, state, 4);
  const auto by_iterate = refine_periodic_orbit(map, kNoInput, state, 4 * 256);
  ASSERT_TRUE(by_shooting);
  ASSERT_TRUE(by_iterate);
  EXPECT_EQ(by_shooting->verdict, Verdict::proven);
  EXPECT_EQ(by_iterate->period, 4);
  EXPECT_TRUE(is_same_orbit(*by_shooting, *by_iterate));
}

TEST(IsSameOrbit, IgnoresWhereTheOrbitStarts) {
  const auto map = in_unit_box(Flip{}, 1);
  const auto a = refine_periodic_orbit(map, kNoInput, one(0.9), 2);
  auto b = *a;
  b.points.row(0).swap(b.points.row(1));
  EXPECT_TRUE(is_same_orbit(*a, b));
  b.points.array() += 0.7;
  EXPECT_FALSE(is_same_orbit(*a, b));
}

TEST(FindPeriodicOrbits, HasTheIndexSumOfTheSecondIterate) {
  const auto map = in_unit_box(Flip{}, 1);
  const PeriodicOrbits found = find_periodic_orbits(map, kNoInput, Matrix(0, 1), 2);
  ASSERT_EQ(found.orbits.size(), 1U);
  // -1 for the fixed point, whose multiplier under F^2 is 9, and +1 for each state of the orbit.
  EXPECT_EQ(found.audit.index_sum, 1);
  EXPECT_EQ(found.audit.index_expected, 1);
  EXPECT_EQ(found.audit.n_orbits, 1);
  EXPECT_EQ(found.audit.completeness, fixed_points::Completeness::proven);
}

// The Henon map has one orbit of period 2, none of period 3, one of period 4 and two of period 6 at
// these parameters (Galias & Tucker 2011), beside its two fixed points; no box is known.
TEST(FindPeriodicOrbits, FindsTheShortOrbitsOfTheHenonMap) {
  const dynamics::FunctionSystem map(Henon{}, 2, 0);
  fixed_points::SearchOptions options;
  options.n_starts = 600;
  options.max_starts = 1000;
  const int expected[7] = {0, 0, 1, 0, 1, 0, 2};
  Matrix visited(64, 2);
  Vector state = Vector::Zero(2);
  for (Index i = 0; i < visited.rows(); ++i)
    visited.row(i) = (state = evaluate_at(map, state, kNoInput)).transpose();
  for (const int period : {2, 3, 4, 6}) {
    const PeriodicOrbits found = find_periodic_orbits(map, kNoInput, visited, period, options);
    EXPECT_EQ(found.audit.n_orbits, expected[period]) << "period " << period;
    EXPECT_FALSE(found.audit.index_expected);
    for (const Orbit& orbit : found.orbits) {
      EXPECT_EQ(orbit.verdict, Verdict::proven);
      EXPECT_EQ(orbit.stability, Stability::saddle);
      // det DF = -b at every state.
      EXPECT_NEAR(std::abs(orbit.multipliers(0) * orbit.multipliers(1)),
                  std::pow(0.3, orbit.period), 1e-9);
    }
  }
}

TEST(FindPeriodicOrbits, FindsAll27OrbitsOfATrainedNetwork) {
  const testing::Oracle oracle = testing::load_oracle("vanilla16_seed0", models::CellKind::vanilla);
  const Matrix both = oracle.truth.matrix("cyc2_x");
  const Vector is_fixed = oracle.truth.vector("cyc2_is_period1");
  const PeriodicOrbits found = find_periodic_orbits(
      *oracle.system, Vector::Zero(oracle.system->n_inputs()), oracle.visited, 2);
  ASSERT_EQ(found.orbits.size(), 27U);
  EXPECT_EQ(found.audit.index_sum, 1);
  int n_matched = 0, n_stable = 0;
  for (const Orbit& orbit : found.orbits) {
    EXPECT_EQ(orbit.verdict, Verdict::proven);
    n_stable += orbit.stability == Stability::stable ? 1 : 0;
    for (Index i = 0; i < both.rows(); ++i)
      for (Index j = 0; j < 2; ++j)
        if (is_fixed(i) == 0 && (both.row(i) - orbit.points.row(j)).cwiseAbs().maxCoeff() < 1e-10)
          ++n_matched;
  }
  EXPECT_EQ(n_matched, 54);
  EXPECT_EQ(n_stable, 8);
}

TEST(CyclicSystem, ObeysTheLawsOfSystems) {
  using namespace nullcline::testing;
  Rng rng(5, Purpose::tests);
  const auto map = models::make_system(random_network(
      models::CellKind::gru, models::Activation::tanh, models::Reset::after, 4, 2, 1.5, rng));
  const CyclicSystem cyclic(*map, 3);
  const IteratedSystem iterate(*map, 3);
  Vector input(2);
  input << 0.3, -0.2;
  for (const dynamics::System* system : {static_cast<const dynamics::System*>(&cyclic),
                                         static_cast<const dynamics::System*>(&iterate)}) {
    Matrix states(3, system->n_states());
    for (double& value : states.reshaped<Eigen::RowMajor>()) value = rng.uniform(-0.9, 0.9);
    const Vector state = states.row(0).transpose();
    const auto expect_holds = [](const Law& law) { EXPECT_TRUE(law) << law.message; };
    expect_holds(jacobian_is_the_derivative_at(*system, state, input, 1e-8));
    expect_holds(input_jacobian_is_the_derivative_at(*system, state, input, 1e-8));
    expect_holds(batches_agree_with_single_states(*system, states, input, 1e-13));
    expect_holds(trapping_box_traps(*system, input, rng, 100));
    ASSERT_TRUE(system->trapping_box());
  }
  const Law encloses =
      intervals_enclose_points_near(cyclic, Vector::Constant(12, 0.1), input, 0.05, rng);
  EXPECT_TRUE(encloses) << encloses.message;
}

TEST(CyclicSystem, HasTheIndexOfTheIterate) {
  const auto map = in_unit_box(testing::Rotation{2.0, 0.31}, 2);
  Rng rng(1, Purpose::tests);
  for (int trial = 0; trial < 20; ++trial) {
    Vector state(2);
    for (double& value : state) value = rng.uniform(-1, 1);
    for (const int period : {1, 2, 5}) {
      const CyclicSystem cyclic(map, period);
      const IteratedSystem iterate(map, period);
      EXPECT_EQ(fixed_point_index(dynamics::Time::discrete,
                                  jacobian_at(cyclic, cyclic.unroll(state, kNoInput), kNoInput)),
                fixed_point_index(dynamics::Time::discrete, jacobian_at(iterate, state, kNoInput)));
    }
  }
}

}  // namespace
}  // namespace nullcline::orbits
