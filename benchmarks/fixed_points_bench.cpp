// SPDX-License-Identifier: BSD-3-Clause
// The search for fixed points on trained networks, one thread: the answers are checked, then the
// time is put beside the time that LAPACK alone needs to factor as many matrices of the same size.
//
//   fixed_points_bench [FOLDER]      default: tests/data/flip-flop
//
// Prints one JSON object a line. `ratio` is the whole search (certificates, spectra and audit
// included) over dgetrf for each linear solve; `solver_ratio` is Newton alone from mixtures of
// visited states.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "measure.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/fixed_points/starts.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace {

using namespace nullcline;

struct Case {
  const char* name;
  models::CellKind cell;
};
constexpr Case kCases[] = {
    {"gru8_proven27", models::CellKind::gru},       {"gru16_seed0", models::CellKind::gru},
    {"gru16_seed1", models::CellKind::gru},         {"gru64_seed2", models::CellKind::gru},
    {"lstm16_seed0", models::CellKind::lstm},       {"lstm64_seed0", models::CellKind::lstm},
    {"vanilla16_seed0", models::CellKind::vanilla}, {"vanilla16_seed1", models::CellKind::vanilla},
    {"vanilla64_4bit", models::CellKind::vanilla},  {"vanilla64_seed1", models::CellKind::vanilla}};

// Seconds of one dgetrf of a Jacobian Dn - I of this equation; best of many.
double factor_seconds(const fixed_points::Equation& equation) {
  const Matrix jacobian = equation.jacobian_at(Vector::Constant(equation.size(), 0.1));
  std::vector<int> pivots(static_cast<std::size_t>(equation.size()));
  std::vector<Matrix> copies(50);
  double best = 1e300;
  for (int repeat = 0; repeat < 40; ++repeat) {
    for (Matrix& copy : copies) copy = jacobian;
    const double start = bench::thread_seconds();
    for (Matrix& copy : copies) numerics::lu_factor(copy, pivots);
    best = std::min(best, (bench::thread_seconds() - start) / static_cast<double>(copies.size()));
  }
  return best;
}

// Newton alone: seconds for each linear solve.
double newton_seconds(const dynamics::System& system, const fixed_points::Equation& equation,
                      const Matrix& visited) {
  const fixed_points::Starts sampler(system, equation, visited, 1);
  Matrix starts(512, equation.size());
  for (Index i = 0; i < starts.rows(); ++i) {
    Vector start(equation.size());
    sampler.draw(i, Matrix(0, equation.size()), start);
    equation.project(start);
    starts.row(i) = start.transpose();
  }
  const fixed_points::UniquenessBoxes none(equation.size());
  double best = 1e300;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const double start = bench::thread_seconds();
    const fixed_points::EndStates ends = solve_newton(equation, starts, none, 50);
    best = std::min(best, (bench::thread_seconds() - start) / static_cast<double>(ends.n_steps));
  }
  return best;
}

// The number of expected points that were found, or -1 if one was found that is none.
Index check(const fixed_points::FixedPointSet& set, const Matrix& expected) {
  std::vector<bool> seen(static_cast<std::size_t>(expected.rows()), false);
  for (const fixed_points::FixedPoint& point : set.points) {
    if (point.kind != fixed_points::Kind::fixed) continue;
    Index match = -1;
    for (Index i = 0; i < expected.rows(); ++i)
      if ((point.state.transpose() - expected.row(i)).cwiseAbs().maxCoeff() <= 1e-9) match = i;
    if (match < 0) return -1;
    seen[static_cast<std::size_t>(match)] = true;
  }
  return std::count(seen.begin(), seen.end(), true);
}

bool run(const std::string& folder, const Case& which) {
  const std::string path = folder + "/" + which.name;
  interchange::ImportOptions options;
  options.cell = which.cell;
  const auto system = models::make_system(
      interchange::network_from_pytorch(io::read_npz(path + ".weights.npz"), options));
  const Matrix visited = io::read_npz(path + ".states.npz").matrix("states");
  const Matrix expected = io::read_npz(path + ".truth.npz").matrix("fixed_points");
  const Vector input = Vector::Zero(system->n_inputs());
  const fixed_points::Equation equation(*system, input);

  const double start = bench::thread_seconds();
  const fixed_points::FixedPointSet set = fixed_points::find_fixed_points(*system, input, visited);
  const double seconds = bench::thread_seconds() - start;
  const Index found = check(set, expected);
  const bool correct = found == expected.rows();
  const double factor = factor_seconds(equation);
  const auto n_steps = static_cast<double>(set.audit.n_newton_steps);
  const nlohmann::ordered_json result = {
      {"network", which.name},
      {"unknowns", equation.size()},
      {"correct", correct},
      {"points", set.n_fixed()},
      {"expected", expected.rows()},
      {"seconds", seconds},
      {"starts", set.audit.n_starts},
      {"starts_per_second", static_cast<double>(set.audit.n_starts) / seconds},
      {"linear_solves", set.audit.n_newton_steps},
      {"factor_microseconds", 1e6 * factor},
      {"ratio", seconds / (n_steps * factor)},
      {"solver_ratio", newton_seconds(*system, equation, visited) / factor},
  };
  std::puts(result.dump().c_str());
  return correct;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    set_n_threads(1);
    bool correct = true;
    for (const Case& which : kCases)
      correct = run(argc > 1 ? argv[1] : "tests/data/flip-flop", which) && correct;
    return correct ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "fixed_points_bench: {}\n", error.what());
    return 1;
  }
}
