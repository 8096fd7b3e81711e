// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/lyapunov.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::orbits {

namespace {

constexpr int kBlocks = 20;
constexpr Index kMaxStates = 4096;  // kept of the trajectory

// Gram-Schmidt on the rows, twice for orthogonality to rounding; logs(i) = ln R_ii.
void orthonormalize(Matrix& rows, Vector& logs) {
  for (Index i = 0; i < rows.rows(); ++i) {
    double length = 1;
    for (int pass = 0; pass < 2; ++pass) {
      for (Index j = 0; j < i; ++j) rows.row(i) -= rows.row(i).dot(rows.row(j)) * rows.row(j);
      const double norm = rows.row(i).norm();
      length *= norm;
      if (norm > 0) rows.row(i) /= norm;
    }
    logs(i) = std::log(length);
  }
}

bool is_zero(const LyapunovSpectrum& spectrum, Index i) {
  return std::abs(spectrum.exponents(i)) <= 3 * spectrum.errors(i);
}

bool is_negative(const LyapunovSpectrum& spectrum, Index i) {
  return i >= spectrum.exponents.size() || spectrum.exponents(i) < -3 * spectrum.errors(i);
}

}  // namespace

LyapunovSpectrum lyapunov_spectrum(const dynamics::System& map, ConstVectorRef input,
                                   ConstVectorRef state, Index n_exponents, int n_steps) {
  const Index n = map.n_states();
  if (map.time() != dynamics::Time::discrete)
    throw InvalidInput("Lyapunov exponents: found a flow, expected a map (time = discrete)");
  if (n_exponents < 1 || n_exponents > n)
    throw InvalidInput(fmt::format("n_exponents: found {}, expected 1 to {}", n_exponents, n));
  if (n_steps < kBlocks)
    throw InvalidInput(fmt::format("n_steps: found {}, expected at least {}", n_steps, kBlocks));
  if (state.size() != n || input.size() != map.n_inputs())
    throw InvalidInput(fmt::format("state, input: found {} and {} values, expected {} and {}",
                                   state.size(), input.size(), n, map.n_inputs()));
  const Matrix held = input.transpose();
  Matrix current = state.transpose(), next(1, n), jacobian(n, n);
  Matrix tangents(n_exponents, n), images(n_exponents, n);
  Rng rng(0, Purpose::perturbations);
  for (double& value : tangents.reshaped<Eigen::RowMajor>()) value = rng.normal();
  Vector logs(n_exponents);
  orthonormalize(tangents, logs);

  LyapunovSpectrum spectrum;
  Matrix sums = Matrix::Zero(kBlocks, n_exponents);
  const int block_steps = n_steps / kBlocks, n_transient = n_steps / 10;
  const int n_counted = block_steps * kBlocks;
  const int stride = (n_counted + static_cast<int>(kMaxStates) - 1) / static_cast<int>(kMaxStates);
  spectrum.states.resize((n_counted + stride - 1) / stride, n);
  for (int step = -n_transient; step < n_counted; ++step) {
    if (step >= 0 && step % stride == 0) spectrum.states.row(step / stride) = current.row(0);
    map.jacobian(current, held, jacobian);
    numerics::multiply_transposed(tangents, jacobian, images);
    tangents.swap(images);
    orthonormalize(tangents, logs);
    map.evaluate(current, held, next);
    current.swap(next);
    if (step >= 0) sums.row(step / block_steps) += logs.transpose();
  }
  const Matrix means = sums / block_steps;
  const Vector mean = means.colwise().mean();
  const Vector variance =
      (means.rowwise() - mean.transpose()).array().square().colwise().sum().matrix() /
      (kBlocks - 1);
  spectrum.exponents = mean;
  spectrum.errors = (variance / kBlocks).cwiseSqrt();
  spectrum.end = current.row(0).transpose();
  spectrum.finite = spectrum.end.allFinite() && mean.allFinite();
  return spectrum;
}

Kind classify(const LyapunovSpectrum& spectrum) {
  if (!spectrum.finite) return Kind::undecided;
  if (spectrum.exponents(0) > 5 * spectrum.errors(0)) return Kind::chaotic;
  Index n_zero = 0;
  while (n_zero < spectrum.exponents.size() && is_zero(spectrum, n_zero)) ++n_zero;
  if (n_zero == 0 || !is_negative(spectrum, n_zero)) return Kind::undecided;
  if (n_zero == spectrum.exponents.size() && n_zero > 1) return Kind::undecided;
  // A closed curve needs two states, a torus of k dimensions k + 1.
  if (n_zero >= spectrum.states.cols()) return Kind::undecided;
  return n_zero == 1 ? Kind::invariant_circle : Kind::torus;
}

}  // namespace nullcline::orbits
