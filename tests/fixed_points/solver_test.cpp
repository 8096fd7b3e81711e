// SPDX-License-Identifier: BSD-3-Clause
// Newton, Levenberg-Marquardt and polishing, on problems whose answers are known by hand.
#include "nullcline/fixed_points/solver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

#include "nullcline/fixed_points/levenberg_marquardt.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

#if defined(__GLIBC__) && defined(NDEBUG)  // a release: sanitizers bring their own malloc
#define NULLCLINE_COUNT_ALLOCATIONS 1
namespace {
std::atomic<long> n_allocations{0};
}
extern "C" void* __libc_malloc(std::size_t);
extern "C" void* malloc(std::size_t size) {
  ++n_allocations;
  return __libc_malloc(size);
}
#endif

namespace nullcline::fixed_points {
namespace {

using dynamics::Time;
using testing::PlainSystem;

using Solver = EndStates (*)(const Equation&, ConstMatrixRef, const UniquenessBoxes&, int);
const std::pair<const char*, Solver> kSolvers[] = {
    {"newton", solve_newton}, {"levenberg_marquardt", solve_levenberg_marquardt}};

// h' = tanh(2 h) without its extras: points at 0 and +-h*.
PlainSystem plain_tanh() {
  return {1, Time::discrete, [](const Vector& h) { return Vector((2 * h).array().tanh()); },
          [](const Vector& h) {
            const double y = std::tanh(2 * h(0));
            return Matrix::Constant(1, 1, 2 * (1 - y * y));
          }};
}

TEST(Solvers, EndAtTheRootsOfTanh) {
  const PlainSystem system = plain_tanh();
  const Equation equation(system, Vector(0));
  const Matrix starts{{-0.9}, {0.05}, {1.3}};
  const double h = nullcline::testing::kIdealFlipFlopState;
  for (const auto& [name, solve] : kSolvers) {
    const EndStates ends = solve(equation, starts, UniquenessBoxes(1), 50);
    EXPECT_NEAR(ends.points(0, 0), -h, 1e-12) << name;
    EXPECT_NEAR(ends.points(1, 0), 0, 1e-12) << name;
    EXPECT_NEAR(ends.points(2, 0), h, 1e-12) << name;
    for (const Termination end : ends.terminations) EXPECT_EQ(end, Termination::converged) << name;
    EXPECT_EQ(ends.n_steps, ends.steps[0] + ends.steps[1] + ends.steps[2]) << name;
  }
}

TEST(Solvers, StopWhereAKnownBoxIsEntered) {
  const PlainSystem system = plain_tanh();
  const Equation equation(system, Vector(0));
  UniquenessBoxes known(1);
  known.add(Vector{{0.95}}, 0.05, 3);
  const Matrix starts{{0.92}, {-0.92}};
  for (const auto& [name, solve] : kSolvers) {
    const EndStates ends = solve(equation, starts, known, 50);
    EXPECT_EQ(ends.captured[0], 3) << name;
    EXPECT_EQ(ends.steps[0], 0) << name;
    EXPECT_EQ(ends.captured[1], -1) << name;
  }
}

TEST(Solvers, DoNotDependOnTheirBatch) {
  const auto system = models::make_system(nullcline::testing::rolled_network(4));
  const Equation equation(*system, Vector(0));
  Rng rng(3, Purpose::tests);
  Matrix starts(150, 4);  // more than two batches
  for (Index i = 0; i < starts.size(); ++i) starts.data()[i] = rng.uniform(-1, 1);
  for (const auto& [name, solve] : kSolvers) {
    const EndStates all = solve(equation, starts, UniquenessBoxes(4), 100);
    for (const Index i : {0, 63, 64, 149}) {
      const EndStates one = solve(equation, starts.row(i), UniquenessBoxes(4), 100);
      EXPECT_EQ(one.terminations[0], all.terminations[static_cast<std::size_t>(i)]) << name;
      EXPECT_LT((one.points.row(0) - all.points.row(i)).norm(), 1e-9) << name;
    }
  }
}

TEST(Solvers, SayWhenTheyRunOutOfSteps) {
  const PlainSystem system = plain_tanh();
  const Equation equation(system, Vector(0));
  for (const auto& [name, solve] : kSolvers) {
    const EndStates ends = solve(equation, Matrix{{0.3}}, UniquenessBoxes(1), 1);
    EXPECT_EQ(ends.terminations[0], Termination::max_iterations) << name;
    EXPECT_EQ(ends.n_steps, 1) << name;
  }
}

TEST(Solvers, StallAtAMinimumThatIsNoRoot) {
  const PlainSystem ghost = testing::saddle_node(0.1);
  const Equation equation(ghost, Vector(0));
  const EndStates ends =
      solve_levenberg_marquardt(equation, Matrix{{1.0}}, UniquenessBoxes(1), 200);
  EXPECT_NE(ends.terminations[0], Termination::max_iterations);
  EXPECT_NEAR(ends.points(0, 0), 0, 0.2);
  // Damped Newton gets no further either, and says so.
  const EndStates newton = solve_newton(equation, Matrix{{1.0}}, UniquenessBoxes(1), 200);
  EXPECT_NE(newton.terminations[0], Termination::converged);
}

TEST(Solvers, ReportSingularJacobiansAndBadValues) {
  // r = 1 everywhere: nothing to solve with.
  const PlainSystem shift(
      1, Time::continuous, [](const Vector&) { return Vector::Constant(1, 1.0); },
      [](const Vector&) { return Matrix::Zero(1, 1); });
  const EndStates stuck =
      solve_newton(Equation(shift, Vector(0)), Matrix{{0.0}}, UniquenessBoxes(1), 50);
  EXPECT_EQ(stuck.terminations[0], Termination::stalled);
  const PlainSystem broken(
      1, Time::continuous, [](const Vector&) { return Vector::Constant(1, NAN); },
      [](const Vector&) { return Matrix::Identity(1, 1); });
  for (const auto& [name, solve] : kSolvers) {
    const EndStates lost =
        solve(Equation(broken, Vector(0)), Matrix{{0.5}}, UniquenessBoxes(1), 50);
    EXPECT_EQ(lost.terminations[0], Termination::diverged) << name;
    EXPECT_EQ(lost.points(0, 0), 0.5) << name;
  }
}

TEST(Newton, IsDampedWhereThereIsNoBox) {
  // Newton on arctan diverges from beyond 1.39 unless it is damped.
  const PlainSystem arctan(
      1, Time::continuous, [](const Vector& x) { return Vector(x.array().atan()); },
      [](const Vector& x) { return Matrix::Constant(1, 1, 1 / (1 + x(0) * x(0))); });
  const EndStates ends =
      solve_newton(Equation(arctan, Vector(0)), Matrix{{20.0}}, UniquenessBoxes(1), 100);
  EXPECT_EQ(ends.terminations[0], Termination::converged);
  EXPECT_NEAR(ends.points(0, 0), 0, 1e-12);
}

TEST(Newton, ProjectsOnTheBox) {
  // h' = tanh(2 h): from 0.4 the full step of Newton leaves the box.
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(1));
  const Equation equation(*system, Vector::Zero(1));
  for (double start = -1; start <= 1; start += 0.01) {
    const EndStates ends =
        solve_newton(equation, Matrix::Constant(1, 1, start), UniquenessBoxes(1), 100);
    EXPECT_LE(std::abs(ends.points(0, 0)), 1);
  }
}

TEST(Newton, CrossesKinks) {
  // r = |x| - 1 written with a kink at 0: from 0.001 the step goes far over the kink and comes
  // back.
  const PlainSystem system(
      1, Time::continuous, [](const Vector& x) { return Vector(x.array().abs() - 1); },
      [](const Vector& x) { return Matrix::Constant(1, 1, x(0) > 0 ? 1.0 : -1.0); });
  for (const double start : {-3.0, -0.001, 0.001, 5.0}) {
    const EndStates ends = solve_newton(Equation(system, Vector(0)), Matrix::Constant(1, 1, start),
                                        UniquenessBoxes(1), 50);
    EXPECT_NEAR(std::abs(ends.points(0, 0)), 1, 1e-14) << start;
  }
}

TEST(Polish, ReachesTheRoundingFloor) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(3));
  const Equation equation(*system, Vector::Zero(3));
  const Polished polished = polish(equation, Vector{{0.95, 1e-3, -0.96}});
  EXPECT_LT(polished.residual, 3e-16);
  EXPECT_NEAR(polished.point(0), nullcline::testing::kIdealFlipFlopState, 1e-15);
  EXPECT_NEAR(polished.point(1), 0, 1e-16);
}

#ifdef NULLCLINE_COUNT_ALLOCATIONS
TEST(Solvers, AllocateNothingInTheirLoops) {
  // r = (2 + x^2, 2 + y^2, ...) has no root: solvers run as long as they may.
  class NoRoot : public dynamics::System {
   public:
    Time time() const override { return Time::continuous; }
    Index n_states() const override { return 20; }
    Index n_inputs() const override { return 0; }
    void evaluate(ConstMatrixRef states, ConstMatrixRef, MatrixRef out) const override {
      out = states.array().square() + 2;
    }
    void jacobian(ConstMatrixRef states, ConstMatrixRef, MatrixRef out) const override {
      out.setZero();
      for (Index b = 0; b < states.rows(); ++b)
        for (Index i = 0; i < 20; ++i) out(20 * b + i, i) = 2 * states(b, i);
    }
    void input_jacobian(ConstMatrixRef, ConstMatrixRef, MatrixRef) const override {}
    // A box makes Newton undamped, so that it never gives up.
    std::optional<dynamics::Box> trapping_box() const override {
      return dynamics::Box{Vector::Constant(20, -9.0), Vector::Constant(20, 9.0)};
    }
  };
  // Chaotic networks keep the solvers busy too, and use the scaled rows of their Jacobians.
  const auto chaotic = [](Index n) {
    Rng rng(6, Purpose::tests);
    return models::make_system(nullcline::testing::random_network(
        models::CellKind::vanilla, models::Activation::tanh, models::Reset::after, n, 0, 3, rng));
  };
  const NoRoot no_root;
  const auto small = chaotic(20), large = chaotic(110);
  const std::pair<const dynamics::System*, EngineKind> cases[] = {
      {&no_root, EngineKind::dense},
      {&no_root, EngineKind::lanes},
      {small.get(), EngineKind::dense},
      {small.get(), EngineKind::lanes},
      {large.get(), EngineKind::krylov}};
  for (const auto& [system, engine] : cases) {
    const Equation equation(*system, Vector(0));
    Rng rng(4, Purpose::tests);
    Matrix starts(40, equation.size());
    for (double& x : starts.reshaped()) x = rng.uniform(0.5, 1);
    const UniquenessBoxes none(equation.size());
    const auto solve = [&, kind = engine](bool newton, int steps) {
      const long before = n_allocations;
      const EndStates ends = newton
                                 ? solve_newton(equation, starts, none, steps, kind)
                                 : solve_levenberg_marquardt(equation, starts, none, steps, kind);
      return std::pair{n_allocations - before, ends.n_steps};
    };
    for (const bool newton : {true, false}) {
      solve(newton, 9);  // whatever BLAS allocates once
      const auto [few, few_steps] = solve(newton, 2);
      const auto [many, many_steps] = solve(newton, 9);
      EXPECT_GT(few_steps, 0);
      EXPECT_GT(many_steps, 3 * few_steps) << equation.size() << " " << newton;
      EXPECT_EQ(many, few) << equation.size() << " " << newton << " " << static_cast<int>(engine);
    }
  }
}
#endif

}  // namespace
}  // namespace nullcline::fixed_points
