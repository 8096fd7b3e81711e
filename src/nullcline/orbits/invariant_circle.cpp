// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/invariant_circle.hpp"

#include <fmt/format.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/projection.hpp"
#include "nullcline/orbits/cyclic_system.hpp"
#include "nullcline/orbits/internal/circle_newton.hpp"

namespace nullcline::orbits {

namespace {

using Complex = std::complex<double>;
using internal::Circle;
constexpr double kTurn = 2 * std::numbers::pi;
constexpr Index kFirstModes = 16;
constexpr Index kMaxJacobianNumbers = Index{1} << 25;

// exp(-1 / (t (1 - t))) at the inner points of [0, 1], with sum 1: averages of a quasi-periodic
// observable converge faster than any power of their number.
Vector birkhoff_weights(Index n) {
  Vector weights(n);
  for (Index i = 0; i < n; ++i) {
    const double t = static_cast<double>(i + 1) / static_cast<double>(n + 1);
    weights(i) = std::exp(-1 / (t * (1 - t)));
  }
  return weights / weights.sum();
}

Matrix trajectory(const dynamics::System& map, const Matrix& input, ConstVectorRef state, Index n) {
  Matrix states(n, state.size()), current = state.transpose(), next(1, state.size());
  for (Index i = 0; i < n; ++i) {
    states.row(i) = current.row(0);
    map.evaluate(current, input, next);
    current.swap(next);
  }
  return states;
}

// The mean turn around the center, in the plane of the largest two principal components. A turn of
// a circle without fixed points never passes a whole number, so the branch [0, 1) is the right one.
double mean_turn(const Matrix& states, const Vector& weights) {
  const dynamics::Projection plane = dynamics::principal_components(states, 2);
  if (plane.axes.rows() < 2) return std::nan("");
  Matrix flat = plane.project(states);
  flat.rowwise() -= Eigen::RowVectorXd(weights.transpose() * flat);
  double sum = 0, total = 0;
  for (Index i = 0; i + 1 < flat.rows(); ++i) {
    const double turn =
        std::atan2(flat(i + 1, 1), flat(i + 1, 0)) - std::atan2(flat(i, 1), flat(i, 0));
    sum += weights(i) * (turn / kTurn - std::floor(turn / kTurn));
    total += weights(i);
  }
  return sum / total;
}

// The circle through the trajectory, from its Fourier coefficients.
Circle fourier_circle(const Matrix& states, const Vector& weights, double rotation, Index n_modes) {
  const Index n = 2 * n_modes + 1;
  Circle circle{Matrix::Zero(n, states.cols()), rotation};
  for (Index m = 0; m <= n_modes; ++m) {
    ComplexVector phase(states.rows());
    for (Index t = 0; t < states.rows(); ++t) {
      const double turns = static_cast<double>(m) * rotation * static_cast<double>(t);
      phase(t) = weights(t) * std::polar(1.0, -kTurn * (turns - std::floor(turns)));
    }
    const Vector re = states.transpose() * phase.real(), im = states.transpose() * phase.imag();
    for (Index j = 0; j < n; ++j) {
      const double angle = kTurn * static_cast<double>(m * j) / static_cast<double>(n);
      const double twice = m == 0 ? 1 : 2;
      circle.samples.row(j) += twice * (std::cos(angle) * re - std::sin(angle) * im).transpose();
    }
  }
  return circle;
}

// How well the circle repeats the trajectory: root mean square, relative to its spread.
double misfit(const Matrix& states, const Circle& circle) {
  const Index n = std::min<Index>(states.rows(), 256);
  Vector angles(n);
  for (Index t = 0; t < n; ++t) angles(t) = static_cast<double>(t) * circle.rotation;
  const Matrix difference = interpolate_circle(circle.samples, angles) - states.topRows(n);
  const double spread = (states.rowwise() - states.colwise().mean()).norm() /
                        std::sqrt(static_cast<double>(states.rows()));
  return difference.norm() / (std::sqrt(static_cast<double>(n)) * spread);
}

// Newton steps on one grid, until the error on it stops falling.
bool solve_on_grid(const dynamics::System& map, const Matrix& input, Circle& circle,
                   double target) {
  constexpr int kMaxSteps = 12;
  double error = internal::invariance_error(map, input, circle, 0);
  for (int step = 0; step < kMaxSteps && error > target; ++step) {
    Circle trial = circle;
    if (!internal::newton_step(map, input, trial)) return false;
    const double trial_error = internal::invariance_error(map, input, trial, 0);
    if (!(trial_error < error)) return error < 1e3 * target;
    circle = trial;
    error = trial_error;
  }
  return error <= 1e3 * target;
}

// Adds modes until the curve is invariant between the grid points too. Returns the error there.
double refine(const dynamics::System& map, const Matrix& input, const Matrix& states,
              const Vector& weights, Circle& circle, const CircleOptions& options) {
  const double rotation = circle.rotation;
  const Vector mean = circle.samples.colwise().mean();
  const double size = (circle.samples.rowwise() - mean.transpose()).cwiseAbs().maxCoeff();
  Circle best = circle;
  double best_error = std::numeric_limits<double>::infinity();
  bool is_solved = false;
  for (Index n_modes = kFirstModes; n_modes <= options.max_modes; n_modes *= 2) {
    const Index n = 2 * n_modes + 1;
    if (n_modes > kFirstModes && n * map.n_states() * map.n_states() > kMaxJacobianNumbers) break;
    circle = is_solved ? internal::with_modes(circle, n_modes)
                       : fourier_circle(states, weights, rotation, n_modes);
    is_solved = solve_on_grid(map, input, circle, 0.1 * options.target * size);
    const double error =
        internal::invariance_error(map, input, circle, 0.5 / static_cast<double>(n));
    if (error < best_error) {
      best_error = error;
      best = circle;
    }
    if (error <= options.target * size) break;
  }
  circle = best;
  return best_error <= options.accepted * size ? best_error
                                               : std::numeric_limits<double>::infinity();
}

// Whether F moves the circle along itself: then F^n with n > 1 does too, and says nothing new.
bool is_on_circle(const Matrix& samples, const Vector& state) {
  constexpr Index kAngles = 2001;
  constexpr double kNear = 0.01;  // of the size of the circle
  const Matrix curve = interpolate_circle(samples, Vector::LinSpaced(kAngles, 0, 1));
  const double size = (curve.rowwise() - curve.row(0)).rowwise().norm().maxCoeff();
  return (curve.rowwise() - state.transpose()).rowwise().norm().minCoeff() <= kNear * size;
}

// A turn of at most one half: the other sense of the angle, where it is more.
void choose_sense(Circle& circle) {
  circle.rotation -= std::floor(circle.rotation);
  if (circle.rotation <= 0.5) return;
  circle.rotation = 1 - circle.rotation;
  const Index n = circle.samples.rows();
  circle.samples.bottomRows(n - 1) = circle.samples.bottomRows(n - 1).colwise().reverse().eval();
}

// The circles that F permutes, one after the other.
Matrix all_circles(const dynamics::System& map, const Matrix& input, const Matrix& first, int n) {
  Matrix all(n * first.rows(), first.cols());
  Matrix current = first, next(first.rows(), first.cols());
  for (int i = 0; i < n; ++i) {
    all.middleRows(i * first.rows(), first.rows()) = current;
    map.evaluate(current, input, next);
    current.swap(next);
  }
  return all;
}

}  // namespace

Matrix interpolate_circle(ConstMatrixRef samples, ConstVectorRef angles) {
  return internal::interpolation_matrix(samples.rows(), angles) * samples;
}

std::optional<Orbit> find_invariant_circle(const dynamics::System& map, ConstVectorRef input,
                                           ConstVectorRef state, const CircleOptions& options) {
  if (state.size() != map.n_states() || input.size() != map.n_inputs())
    throw InvalidInput(fmt::format("state, input: found {} and {} values, expected {} and {}",
                                   state.size(), input.size(), map.n_states(), map.n_inputs()));
  constexpr double kLargestMisfit = 0.05;
  const Matrix held = input.transpose();
  const Vector weights = birkhoff_weights(options.n_trajectory);
  for (int n_circles = 1; n_circles <= options.max_circles; ++n_circles) {
    const IteratedSystem iterate(map, n_circles);
    const Matrix states = trajectory(iterate, held, state, options.n_trajectory);
    if (!states.allFinite()) return std::nullopt;
    const double rotation = mean_turn(states, weights);
    if (!std::isfinite(rotation)) return std::nullopt;
    Circle circle = fourier_circle(states, weights, rotation, kFirstModes);
    if (!(misfit(states, circle) <= kLargestMisfit)) continue;
    const double error = refine(iterate, held, states, weights, circle, options);
    if (!std::isfinite(error)) continue;
    if (n_circles > 1 &&
        is_on_circle(circle.samples, evaluate_at(map, circle.samples.row(0).transpose(), input)))
      return std::nullopt;
    choose_sense(circle);
    Orbit orbit;
    orbit.kind = Kind::invariant_circle;
    orbit.period = n_circles;
    orbit.rotation_number = circle.rotation;
    orbit.points = all_circles(map, held, circle.samples, n_circles);
    orbit.residual = error;
    orbit.stability = fixed_points::Stability::stable;
    orbit.evidence = fmt::format("invariant up to {:.1e} with {} Fourier modes", error,
                                 (circle.samples.rows() - 1) / 2);
    return orbit;
  }
  return std::nullopt;
}

}  // namespace nullcline::orbits
