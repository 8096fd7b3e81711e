// SPDX-License-Identifier: BSD-3-Clause
// The engines below the solvers: each gives what LAPACK gives, on one system after the other.
#include "nullcline/fixed_points/steps.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/fixed_points/levenberg_marquardt.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using models::Activation;
using models::CellKind;
using models::Reset;

// One bit in each third of the units, and a random bulk: 27 fixed points.
models::Network three_bits(Index n) {
  Rng rng(3, Purpose::tests);
  Matrix weights(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      weights(i, j) = 0.3 * rng.normal() / std::sqrt(static_cast<double>(n)) +
                      (i % 3 == j % 3 ? 6 / static_cast<double>(n) : 0);
  return nullcline::testing::tanh_network(weights, Matrix(n, 0));
}

struct Named {
  std::string name;
  std::unique_ptr<dynamics::System> system;
  Vector input;
};

// Cells of every kind, stacks, flows, networks without a box, and systems without any extra.
std::vector<Named> zoo() {
  std::vector<Named> systems;
  const auto add = [&](const std::string& name, const models::Network& network,
                       dynamics::Time time = dynamics::Time::discrete) {
    systems.push_back({name, models::make_system(network, time), Vector()});
    systems.back().input = Vector::Constant(systems.back().system->n_inputs(), 0.2);
  };
  Rng rng(2, Purpose::tests);
  for (const auto& [cell, name] : EnumNames<CellKind>::values)
    for (const Index n : {1, 5, 20}) {
      const auto random = [&, kind = cell](Activation phi, Reset reset, double gain) {
        return nullcline::testing::random_network(kind, phi, reset, n, 2, gain, rng);
      };
      const std::string label = std::string(name) + std::to_string(n);
      add(label, random(Activation::tanh, Reset::after, 1.2));
      add(label + "_before", random(Activation::tanh, Reset::before, 1.2));
      add(label + "_relu", random(Activation::relu, Reset::after, 0.3));
      add(label + "_flow", random(Activation::tanh, Reset::after, 1.2), dynamics::Time::continuous);
    }
  add("projected", nullcline::testing::random_projected_lstm(Activation::tanh, 9, 5, 2, 1.2, rng));
  add("stack", nullcline::testing::random_stack(CellKind::gru, Activation::tanh, Reset::after,
                                                {4, 7}, 2, 1.2, rng));
  add("rolled", nullcline::testing::rolled_network(4));
  add("flip-flop", nullcline::testing::ideal_flip_flop(4));
  add("bits", three_bits(40));
  systems.push_back({"FitzHugh-Nagumo", std::make_unique<nullcline::testing::FitzHughNagumo>(),
                     Vector::Constant(1, 0.5)});
  return systems;
}

Matrix random_rows(Index rows, Index cols, double scale) {
  Rng rng(4, Purpose::tests);
  Matrix m(rows, cols);
  for (double& x : m.reshaped()) x = rng.uniform(-scale, scale);
  return m;
}

struct Steps {
  Matrix steps;
  std::vector<double> falls;
};

Steps solve(const Equation& equation, EngineKind kind, const Matrix& points,
            const std::vector<double>& mu) {
  Matrix residuals(points.rows(), points.cols());
  equation.residual(points, residuals);
  Steps result{Matrix(points.rows(), points.cols()), std::vector<double>(mu.size())};
  make_step_engine(equation, points.rows(), kind)
      ->solve(points, residuals, mu, result.steps, result.falls);
  return result;
}

// Undamped rows, damped ones of all sizes, and a count that fills no pack.
std::vector<double> mixed_mu(Index rows) {
  std::vector<double> mu;
  for (Index i = 0; i < rows; ++i)
    mu.push_back(i % 3 == 0 ? 0 : std::pow(10.0, static_cast<double>(i % 7) - 6));
  return mu;
}

TEST(StepEngines, LanesGiveTheStepsOfLapack) {
  for (const Named& named : zoo()) {
    const Equation equation(*named.system, named.input);
    const Matrix points = random_rows(21, equation.size(), 0.7);
    const std::vector<double> mu = mixed_mu(21);
    const Steps dense = solve(equation, EngineKind::dense, points, mu);
    const Steps lanes = solve(equation, EngineKind::lanes, points, mu);
    for (Index b = 0; b < points.rows(); ++b) {
      const auto k = static_cast<std::size_t>(b);
      const Matrix jacobian = equation.jacobian_at(points.row(b).transpose());
      const Vector r = equation.residual_at(points.row(b).transpose());
      const Vector d = lanes.steps.row(b).transpose();
      if (mu[k] == 0) {
        const double condition = jacobian.norm() * numerics::inverse(jacobian).norm();
        EXPECT_LE((dense.steps.row(b).transpose() - d).norm(), 1e-13 * condition * (1 + d.norm()))
            << named.name << " " << b;
        continue;
      }
      const Vector left = jacobian.transpose() * (jacobian * d + r) + mu[k] * d;
      EXPECT_LE(left.norm(), 1e-4 * jacobian.norm() * r.norm()) << named.name << " " << b;
      EXPECT_NEAR(dense.falls[k], lanes.falls[k], 1e-3 * dense.falls[k]) << named.name << " " << b;
    }
  }
}

TEST(StepEngines, AStepOfAnotherDampingIsSeenToDiffer) {
  const auto system = models::make_system(three_bits(40));
  const Equation equation(*system, Vector(0));
  const Matrix points = random_rows(3, 40, 0.7);
  for (const EngineKind kind : {EngineKind::dense, EngineKind::lanes, EngineKind::krylov}) {
    const Steps less = solve(equation, kind, points, {0.1, 0.1, 0.1});
    const Steps more = solve(equation, kind, points, {0.2, 0.2, 0.2});
    for (Index b = 0; b < points.rows(); ++b)
      EXPECT_GT(less.steps.row(b).norm(), 1.01 * more.steps.row(b).norm());
  }
}

TEST(StepEngines, KrylovStepsSolveTheirEquations) {
  const auto system = models::make_system(three_bits(120));
  const Equation equation(*system, Vector(0));
  ASSERT_EQ(best_engine(equation), EngineKind::krylov);
  const Matrix points = random_rows(9, 120, 0.9);
  const std::vector<double> mu = mixed_mu(9);
  const Steps found = solve(equation, EngineKind::krylov, points, mu);
  for (Index b = 0; b < points.rows(); ++b) {
    const auto k = static_cast<std::size_t>(b);
    const Vector r = equation.residual_at(points.row(b).transpose());
    const Matrix a = equation.jacobian_at(points.row(b).transpose());
    const Vector d = found.steps.row(b).transpose();
    if (mu[k] == 0) {
      EXPECT_LE((a * d + r).norm(), 2e-4 * r.norm()) << b;
    } else {
      const Vector left = a.transpose() * (a * d + r) + mu[k] * d;
      EXPECT_LE(left.norm(), 2e-2 * (a.transpose() * r).norm()) << b;
    }
    EXPECT_NEAR(found.falls[k], r.squaredNorm() - (a * d + r).squaredNorm(),
                1e-3 * r.squaredNorm());
  }
}

// The Jacobian of this network is far from a multiple of the identity: no small basis will do.
TEST(StepEngines, KrylovLeavesToLapackWhatItCannotSolve) {
  Rng rng(5, Purpose::tests);
  const models::Network network = nullcline::testing::random_network(
      CellKind::vanilla, Activation::tanh, Reset::after, 110, 0, 6.0, rng);
  const auto system = models::make_system(network);
  const Equation equation(*system, Vector(0));
  const Matrix points = random_rows(5, 110, 0.5);
  const std::vector<double> mu = mixed_mu(5);
  const Steps dense = solve(equation, EngineKind::dense, points, mu);
  const Steps krylov = solve(equation, EngineKind::krylov, points, mu);
  EXPECT_LE((dense.steps.row(0) - krylov.steps.row(0)).norm(), 1e-12 * dense.steps.row(0).norm());
}

TEST(StepEngines, ASystemWithoutScaledRowsIsSolvedAtAnySize) {
  Rng rng(6, Purpose::tests);
  const models::Network network = nullcline::testing::random_network(
      CellKind::gru, Activation::tanh, Reset::before, 100, 1, 0.8, rng);
  const auto system = models::make_system(network);
  const Equation equation(*system, Vector::Zero(1));
  EXPECT_EQ(best_engine(equation), EngineKind::dense);
  const Matrix points = random_rows(3, 100, 0.5);
  const Steps dense = solve(equation, EngineKind::dense, points, {0, 0, 0.1});
  const Steps krylov = solve(equation, EngineKind::krylov, points, {0, 0, 0.1});
  EXPECT_EQ((dense.steps - krylov.steps).norm(), 0);
}

using Solver = EndStates (*)(const Equation&, ConstMatrixRef, const UniquenessBoxes&, int,
                             EngineKind);
const std::pair<const char*, Solver> kSolvers[] = {
    {"newton",
     [](const Equation& equation, ConstMatrixRef starts, const UniquenessBoxes& known,
        int max_iterations,
        EngineKind kind) { return solve_newton(equation, starts, known, max_iterations, kind); }},
    {"levenberg_marquardt", solve_levenberg_marquardt}};

// Where both converge within a few steps: rounding decides nothing there. A start that wanders
// through the box for longer may end elsewhere with any change in the last digit.
int count_compared(const Equation& equation, const Matrix& starts, EngineKind kind,
                   const std::string& name) {
  constexpr int kFewSteps = 9;
  int compared = 0;
  for (const auto& [solver, solve_from] : kSolvers) {
    const UniquenessBoxes none(equation.size());
    const EndStates plain = solve_from(equation, starts, none, 60, EngineKind::dense);
    const EndStates ends = solve_from(equation, starts, none, 60, kind);
    for (Index b = 0; b < starts.rows(); ++b) {
      const auto k = static_cast<std::size_t>(b);
      if (plain.terminations[k] != Termination::converged || plain.steps[k] > kFewSteps) continue;
      EXPECT_EQ(ends.terminations[k], Termination::converged) << name << " " << solver << " " << b;
      EXPECT_LE((plain.points.row(b) - ends.points.row(b)).cwiseAbs().maxCoeff(), 1e-10)
          << name << " " << solver << " " << b;
      ++compared;
    }
  }
  return compared;
}

TEST(StepEngines, LanesLeadToTheEndPointsOfLapack) {
  int compared = 0;
  for (const Named& named : zoo()) {
    const Equation equation(*named.system, named.input);
    compared += count_compared(equation, random_rows(40, equation.size(), 0.9), EngineKind::lanes,
                               named.name);
  }
  EXPECT_GT(compared, 3000);
}

TEST(StepEngines, LanesLeadToTheEndPointsOfLapackOnTrainedNetworks) {
  for (const auto& [name, cell] : {std::pair{"gru16_seed0", CellKind::gru},
                                   {"lstm16_seed0", CellKind::lstm},
                                   {"vanilla16_seed1", CellKind::vanilla}}) {
    const testing::Oracle oracle = testing::load_oracle(name, cell);
    const Equation equation(*oracle.system, oracle.input);
    const Matrix starts = equation.restrict_states(oracle.visited.topRows(200));
    EXPECT_GT(count_compared(equation, starts, EngineKind::lanes, name), 350) << name;
  }
}

TEST(StepEngines, KrylovLeadsToTheEndPointsOfLapack) {
  const auto system = models::make_system(three_bits(120));
  const Equation equation(*system, Vector(0));
  EXPECT_GT(count_compared(equation, random_rows(30, 120, 0.9), EngineKind::krylov, "bits"), 40);
}

}  // namespace
}  // namespace nullcline::fixed_points
