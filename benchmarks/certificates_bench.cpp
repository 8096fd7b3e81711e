// SPDX-License-Identifier: BSD-3-Clause
// Certificates beside one factorization by LAPACK (dgetrf) of a matrix of the same size; one
// thread.
//
//   certificates_bench
//
// Prints one JSON object a line. `existence` proves that exactly one point is there, `certificate`
// looks for the widest box in which it is alone too; both over the time of dgetrf.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "measure.hpp"
#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace {

using namespace nullcline;
using models::CellKind;

// Weights of standard deviation 0.5 / sqrt(n) and no biases: the origin is a fixed point.
models::Network random_network(CellKind cell, Index n) {
  const Index n_gates = cell == CellKind::gru ? 3 : cell == CellKind::lstm ? 4 : 1;
  models::Network net;
  net.cell = cell;
  net.input_weights = Matrix::Zero(n_gates * n, 1);
  net.recurrent_weights.resize(n_gates * n, n);
  net.bias = Vector::Zero(n_gates * n);
  if (cell == CellKind::gru) net.recurrent_bias = Vector::Zero(n);
  net.initial_state = Vector::Zero(cell == CellKind::lstm ? 2 * n : n);
  Rng rng(1, Purpose::perturbations, 0);
  for (double& weight : net.recurrent_weights.reshaped())
    weight = 0.5 * rng.normal() / std::sqrt(static_cast<double>(n));
  return net;
}

// The fastest of five runs of many.
double seconds_of(int n_runs, const std::function<void()>& work) {
  double best = 1e300;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const double start = bench::thread_seconds();
    for (int i = 0; i < n_runs; ++i) work();
    best = std::min(best, (bench::thread_seconds() - start) / n_runs);
  }
  return best;
}

bool run(CellKind cell, Index n) {
  const auto system = models::make_system(random_network(cell, n));
  const fixed_points::Equation equation(*system, Vector::Zero(1));
  const Vector point = Vector::Zero(equation.size());
  const auto certificate = fixed_points::certify(equation, point);
  if (certificate.verdict != fixed_points::Verdict::proven) {
    fmt::print(stderr, "{} units: not proven\n", n);
    return false;
  }
  const int n_runs = static_cast<int>(std::max<Index>(2, 200000 / (n * n)));
  const Matrix jacobian = equation.jacobian_at(point);
  Matrix factors(n, n);
  std::vector<int> pivots(static_cast<std::size_t>(n));
  const double copy = seconds_of(n_runs, [&] { factors = jacobian; });
  const double lu = seconds_of(n_runs,
                               [&] {
                                 factors = jacobian;
                                 numerics::lu_factor(factors, pivots);
                               }) -
                    copy;
  const double existence =
      seconds_of(n_runs, [&] { fixed_points::certify(equation, point, false); });
  const double whole = seconds_of(n_runs, [&] { fixed_points::certify(equation, point); });
  fmt::print("{}\n", nlohmann::ordered_json{{"cell", std::string(name_of(cell))},
                                            {"units", n},
                                            {"dgetrf_microseconds", 1e6 * lu},
                                            {"microseconds", 1e6 * whole},
                                            {"existence", existence / lu},
                                            {"certificate", whole / lu},
                                            {"uniqueness_radius", certificate.uniqueness_radius}}
                         .dump());
  return true;
}

}  // namespace

int main() {
  set_n_threads(1);
  bool correct = true;
  for (const CellKind cell : {CellKind::vanilla, CellKind::gru, CellKind::lstm})
    for (const Index n : {16, 32, 64, 128, 256, 512, 1000}) correct = run(cell, n) && correct;
  return correct ? 0 : 1;
}
