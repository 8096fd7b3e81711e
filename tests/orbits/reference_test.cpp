// SPDX-License-Identifier: BSD-3-Clause
// Orbits, exponents and lifetimes against NumPy and mpmath: tests/data/orbits/make.py.
#include <gtest/gtest.h>

#include "nullcline/orbits/lyapunov.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/orbits/slow_manifold.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::orbits {
namespace {

using fixed_points::FixedPointSet;

NamedArrays reference() { return io::read_npz(NULLCLINE_TEST_DATA "/orbits/reference.npz"); }

std::unique_ptr<dynamics::System> tanh_map(const Matrix& weights, const Vector& bias) {
  models::Network network = nullcline::testing::tanh_network(weights, Matrix(weights.rows(), 0));
  network.bias = bias;
  return models::make_system(network);
}

TEST(Reference, OrbitsOfPeriodTwoOfATrainedNetwork) {
  const testing::Oracle oracle = testing::load_oracle("vanilla16_seed0", models::CellKind::vanilla);
  const OrbitSet set = find_orbits(
      *oracle.system, testing::points_of(*oracle.system, oracle.visited), oracle.visited);
  const NamedArrays truth = reference();
  const Matrix points = truth.matrix("period2_points");
  const Matrix multipliers = truth.matrix("period2_multipliers");
  ASSERT_EQ(set.orbits.size(), static_cast<std::size_t>(multipliers.rows()));
  for (const Orbit& orbit : set.orbits) {
    Index nearest = 0;
    const double distance =
        (points.rowwise() - orbit.points.row(0)).cwiseAbs().rowwise().maxCoeff().minCoeff(&nearest);
    // Both are exact up to the radius and to the last place.
    EXPECT_LE(distance, orbit.radius + 1e-15);
    for (Index i = 0; i < multipliers.cols(); ++i)
      EXPECT_NEAR(std::abs(orbit.multipliers(i)), multipliers(nearest / 2, i), 1e-10);
  }
}

TEST(Reference, LyapunovExponentsOfAChaoticNetwork) {
  const NamedArrays truth = reference();
  const Vector exponents = truth.vector("chaos_exponents"), errors = truth.vector("chaos_errors");
  const auto map = tanh_map(truth.matrix("chaos_weights"), Vector::Zero(64));
  Vector state = Vector::Constant(64, 0.1);
  for (int i = 0; i < 1000; ++i) state = evaluate_at(*map, state, Vector(0));
  const LyapunovSpectrum spectrum = lyapunov_spectrum(*map, Vector(0), state, 4, 20000);
  for (Index i = 0; i < 4; ++i) {
    const double error = std::hypot(spectrum.errors(i), errors(i));
    EXPECT_NEAR(spectrum.exponents(i), exponents(i), 5 * error) << i;
    EXPECT_LT(error, 0.005) << i;
  }
  EXPECT_EQ(classify(spectrum), Kind::chaotic);
}

TEST(Reference, EveryTrajectoryOfAChaoticNetworkEndsOnItsAttractor) {
  const auto map = tanh_map(reference().matrix("chaos_weights"), Vector::Zero(64));
  FixedPointSet nothing;
  nothing.input = Vector(0);
  OrbitOptions options;
  options.trajectories = 8;
  options.trajectory_steps = 2000;
  const OrbitSet set = find_orbits(*map, nothing, Matrix(0, 64), options);
  EXPECT_EQ(set.n_at_orbits, 8);
  ASSERT_FALSE(set.orbits.empty());
  for (const Orbit& orbit : set.orbits) EXPECT_EQ(orbit.kind, Kind::chaotic);
}

TEST(Reference, LifetimesOfGhosts) {
  const NamedArrays truth = reference();
  const Vector biases = truth.vector("passage_biases"), steps = truth.vector("passage_steps");
  for (Index i = 0; i < biases.size(); ++i) {
    const auto map = tanh_map(Matrix{{2}}, Vector{{biases(i)}});
    const FixedPointSet set = fixed_points::find_fixed_points(*map, Vector(0), Matrix(0, 1));
    ASSERT_EQ(set.points.size(), 2U);
    EXPECT_EQ(set.points[1].kind, fixed_points::Kind::slow);
    // The window is finite: pi becomes 2 atan(0.3 sqrt(a / eps)), 1 % less for the shorter one.
    EXPECT_NEAR(set.points[1].lifetime / steps(i), 1, steps(i) > 1000 ? 0.005 : 0.02);
  }
}

// h' = 0.9 h + 0.1 tanh(D h), D = diag(1.02, 0.3): an approximate integrator along the first unit,
// which drifts by 0.1 (tanh(1.02 x) - x) and contracts across by 0.9 + 0.1 * 0.3.
TEST(Reference, TheDriftOfALeakyIntegrator) {
  models::Network network =
      nullcline::testing::tanh_network(Matrix{{1.02, 0}, {0, 0.3}}, Matrix(2, 0));
  network.cell = models::CellKind::leaky;
  network.alpha = Vector::Constant(2, 0.1);
  const auto map = models::make_system(network);
  const FixedPointSet set = testing::points_of(*map, Matrix(0, 2));
  EXPECT_EQ(set.n_fixed(), 3);
  SlowManifoldOptions options;
  options.max_drift = 0.005;
  const auto curves = trace_slow_manifold(*map, set, options);
  ASSERT_EQ(curves.size(), 1U);
  const SlowManifold& line = curves[0];
  EXPECT_EQ(line.fixed_points.size(), 3U);
  EXPECT_GT(line.length, 1);
  for (Index i = 0; i < line.states.rows(); ++i) {
    const double x = line.states(i, 0);
    EXPECT_NEAR(line.states(i, 1), 0, 1e-9);
    EXPECT_NEAR(std::abs(line.drift(i)), std::abs(0.1 * (std::tanh(1.02 * x) - x)), 1e-9);
    EXPECT_NEAR(line.transverse(i), 0.93, 1e-9);
  }
}

}  // namespace
}  // namespace nullcline::orbits
