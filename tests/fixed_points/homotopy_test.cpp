// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/homotopy.hpp"

#include <gtest/gtest.h>

#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

Path trace_homotopy(const Equation& equation, const Vector& start, int max_steps) {
  return trace_homotopies(equation, start.transpose(), max_steps)[0];
}

TEST(Homotopy, LeadsAStraightWayToTheOnlyPointOfALinearMap) {
  // n(h) = h / 2 + 1: the path is h = t (h / 2 + 1) + (1 - t) h0, ending at h = 2.
  const testing::PlainSystem system(
      1, dynamics::Time::discrete, [](const Vector& h) { return Vector(h.array() / 2 + 1); },
      [](const Vector&) { return Matrix::Constant(1, 1, 0.5); });
  const Path path = trace_homotopy(Equation(system, Vector(0)), Vector{{-5.0}}, 200);
  EXPECT_EQ(path.termination, Termination::converged);
  ASSERT_GE(path.zeros.size(), 1U);
  EXPECT_NEAR(path.zeros[0](0), 2, 1e-12);
}

TEST(Homotopy, ArrivesFromAnywhereAtAPointOfIndexOne) {
  const auto system = models::make_system(nullcline::testing::rolled_network(4));
  const Equation equation(*system, Vector(0));
  int n_arrived = 0, n_zeros = 0;
  for (std::uint64_t i = 0; i < 50; ++i) {
    Rng rng(5, Purpose::tests, i);
    Vector start(4);
    for (double& value : start) value = rng.uniform(-3, 3);
    const Path path = trace_homotopy(equation, start, 400);
    if (path.termination != Termination::converged) continue;
    ++n_arrived;
    n_zeros += static_cast<int>(path.zeros.size());
    EXPECT_LT(equation.residual_at(path.zeros[0]).norm(), 1e-10);
    EXPECT_EQ(dynamics::fixed_point_index(dynamics::Time::discrete,
                                          jacobian_at(*system, path.zeros[0], Vector(0))),
              1);
  }
  EXPECT_GE(n_arrived, 48);       // a tracker may lose a path now and then
  EXPECT_GT(n_zeros, n_arrived);  // and paths that turn pass points of index -1 as well
}

TEST(Homotopy, APathDoesNotSeeThoseBesideIt) {
  const auto system = models::make_system(nullcline::testing::rolled_network(4));
  const Equation equation(*system, Vector(0));
  Rng rng(6, Purpose::tests);
  Matrix starts(11, 4);
  for (Index i = 0; i < starts.size(); ++i) starts.data()[i] = rng.uniform(-3, 3);
  const std::vector<Path> together = trace_homotopies(equation, starts, 400);
  ASSERT_EQ(together.size(), 11U);
  for (Index i = 0; i < 11; ++i) {
    const Path alone = trace_homotopy(equation, starts.row(i).transpose(), 400);
    const Path& path = together[static_cast<std::size_t>(i)];
    EXPECT_EQ(path.termination, alone.termination);
    EXPECT_EQ(path.n_steps, alone.n_steps);
    ASSERT_EQ(path.zeros.size(), alone.zeros.size());
    for (std::size_t k = 0; k < alone.zeros.size(); ++k)
      EXPECT_LT((path.zeros[k] - alone.zeros[k]).cwiseAbs().maxCoeff(), 1e-12);
  }
}

TEST(Homotopy, SaysWhenItRunsOutOfSteps) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const Path path = trace_homotopy(Equation(*system, Vector::Zero(3)), Vector::Constant(3, 0.3), 1);
  EXPECT_EQ(path.termination, Termination::max_iterations);
  EXPECT_EQ(path.n_steps, 1);
  EXPECT_TRUE(path.zeros.empty());
}

TEST(Homotopy, GivesUpWhereNothingCanBeEvaluated) {
  const testing::PlainSystem broken(
      1, dynamics::Time::discrete, [](const Vector&) { return Vector::Constant(1, NAN); },
      [](const Vector&) { return Matrix::Zero(1, 1); });
  const Path path = trace_homotopy(Equation(broken, Vector(0)), Vector{{0.0}}, 100);
  EXPECT_EQ(path.termination, Termination::diverged);
}

}  // namespace
}  // namespace nullcline::fixed_points
