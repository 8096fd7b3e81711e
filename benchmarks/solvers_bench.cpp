// SPDX-License-Identifier: BSD-3-Clause
// The local solvers by size, one thread, beside LAPACK on one system after the other: their end
// points are checked, then they are timed.
//
//   solvers_bench [N...]       default: 16 32 64 96 128 256 1000
//
// The network h' = tanh(W h) holds one bit in each third of its units, W = 2 P + bulk, where P
// averages over a third and the bulk is Gaussian: its 27 fixed points lie near {-h*, 0, h*}^3.
// Starts are mixtures of them. Prints one JSON object a line; microseconds are for each start.
// `..._over_dgetrf` is the time of a whole step over that of LAPACK's factorization of one
// Jacobian.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "measure.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/fixed_points/levenberg_marquardt.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/testing/zoo.hpp"

namespace {

using namespace nullcline;
using fixed_points::EngineKind;

constexpr Index kBits = 3;
constexpr int kMaxSteps = 100;

models::Network three_bits(Index n) {
  Rng rng(static_cast<std::uint64_t>(n), Purpose::tests);
  Matrix weights(n, n);
  const double bulk = 0.3 / std::sqrt(static_cast<double>(n));
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) {
      const bool same = i % kBits == j % kBits;
      const Index members = (n - i % kBits + kBits - 1) / kBits;
      weights(i, j) = bulk * rng.normal() + (same ? 2 / static_cast<double>(members) : 0);
    }
  return nullcline::testing::tanh_network(weights, Matrix(n, 0));
}

// All 27, polished from {-h*, 0, h*}^3.
Matrix known_points(const fixed_points::Equation& equation) {
  const Index n = equation.size();
  Matrix points(27, n);
  for (Index p = 0; p < points.rows(); ++p) {
    const Index digits[kBits] = {p % 3, p / 3 % 3, p / 9};
    Vector start(n);
    for (Index i = 0; i < n; ++i)
      start(i) =
          nullcline::testing::kIdealFlipFlopState * static_cast<double>(digits[i % kBits] - 1);
    points.row(p) = fixed_points::polish(equation, start).point.transpose();
  }
  return points;
}

Matrix mixtures(const Matrix& points, Index count) {
  Rng rng(5, Purpose::tests);
  Matrix starts(count, points.cols());
  for (Index i = 0; i < count; ++i) {
    Vector weights(3);
    for (double& weight : weights) weight = -std::log(rng.uniform(1e-12, 1));
    weights /= weights.sum();
    starts.row(i).setZero();
    for (const double weight : weights)
      starts.row(i) += weight * points.row(static_cast<Index>(rng.uniform(0, 27 - 1e-9)));
  }
  return starts;
}

struct Timing {
  double start_microseconds = 1e300, steps_per_start = 0;
  Index n_converged = 0, n_known = 0;  // starts, and those of them that end at a known point
};

template <class Solve>
Timing measure(const Matrix& starts, const Matrix& known, int repeats, Solve&& solve) {
  Timing timing;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const double begin = bench::thread_seconds();
    const fixed_points::EndStates ends = solve();
    const double seconds = bench::thread_seconds() - begin;
    const auto count = static_cast<double>(starts.rows());
    timing.start_microseconds = std::min(timing.start_microseconds, 1e6 * seconds / count);
    if (repeat > 0) continue;
    timing.steps_per_start = static_cast<double>(ends.n_steps) / count;
    for (Index i = 0; i < starts.rows(); ++i) {
      if (ends.terminations[static_cast<std::size_t>(i)] != Termination::converged) continue;
      ++timing.n_converged;
      const auto distances = (known.rowwise() - ends.points.row(i)).cwiseAbs().rowwise().maxCoeff();
      timing.n_known += distances.minCoeff() < 1e-9 ? 1 : 0;
    }
  }
  return timing;
}

double factor_microseconds(const fixed_points::Equation& equation) {
  const Matrix jacobian = equation.jacobian_at(Vector::Constant(equation.size(), 0.1));
  std::vector<int> pivots(static_cast<std::size_t>(equation.size()));
  double best = 1e300;
  for (int repeat = 0; repeat < (equation.size() > 256 ? 5 : 50); ++repeat) {
    Matrix copy = jacobian;
    const double begin = bench::thread_seconds();
    numerics::lu_factor(copy, pivots);
    best = std::min(best, bench::thread_seconds() - begin);
  }
  return 1e6 * best;
}

const char* name_of(EngineKind kind) {
  switch (kind) {
    case EngineKind::dense:
      return "dense";
    case EngineKind::lanes:
      return "lanes";
    case EngineKind::krylov:
      return "krylov";
  }
  return "?";
}

bool run(Index n) {
  const auto system = models::make_system(three_bits(n));
  const fixed_points::Equation equation(*system, Vector(0));
  const Matrix known = known_points(equation);
  const fixed_points::UniquenessBoxes none(n);
  const double factor = factor_microseconds(equation);
  bool correct = true;
  const EngineKind best = best_engine(equation);
  for (const EngineKind kind : {best, EngineKind::dense}) {
    const Index count = n <= 256 ? 1024 : kind == EngineKind::dense ? 16 : 256;
    const Matrix starts = mixtures(known, count);
    const int repeats = kind == EngineKind::dense ? 1 : 5;
    const Timing newton = measure(starts, known, repeats, [&] {
      return solve_newton(equation, starts, none, kMaxSteps, kind);
    });
    const Timing lm = measure(starts, known, repeats, [&] {
      return solve_levenberg_marquardt(equation, starts, none, kMaxSteps, kind);
    });
    for (const Timing& timing : {newton, lm})
      correct =
          correct && timing.n_known == timing.n_converged && 10 * timing.n_converged > 9 * count;
    const nlohmann::ordered_json result = {
        {"units", n},
        {"engine", name_of(kind)},
        {"correct", correct},
        {"starts", count},
        {"newton_converged", newton.n_converged},
        {"lm_converged", lm.n_converged},
        {"newton_steps", newton.steps_per_start},
        {"newton_microseconds", newton.start_microseconds},
        {"lm_steps", lm.steps_per_start},
        {"lm_microseconds", lm.start_microseconds},
        {"dgetrf_microseconds", factor},
        {"newton_over_dgetrf", newton.start_microseconds / (newton.steps_per_start * factor)},
        {"lm_over_dgetrf", lm.start_microseconds / (lm.steps_per_start * factor)},
    };
    std::puts(result.dump().c_str());
    std::fflush(stdout);
  }
  return correct;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    set_n_threads(1);
    std::vector<Index> sizes{16, 32, 64, 96, 128, 256, 1000};
    if (argc > 1) sizes.clear();
    for (int i = 1; i < argc; ++i) sizes.push_back(std::atol(argv[i]));
    bool correct = true;
    for (const Index n : sizes) correct = run(n) && correct;
    return correct ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "solvers_bench: {}\n", error.what());
    return 1;
  }
}
