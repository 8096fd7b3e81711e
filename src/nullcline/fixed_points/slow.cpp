// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/slow.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/numerics/normal_equations.hpp"

namespace nullcline::fixed_points {

namespace {

constexpr int kMaxSteps = 60;
constexpr double kStationary =
    1e-7;  // |A^T r| / |r|, relative to A or to its change with the state
constexpr double kLongestStep = 0.5;
constexpr double kDifference = 1e-4;  // for second differences along a line

// D2r[v, v]: analytic where the system has it.
Vector second_derivative(const Equation& equation, const Vector& x, const Vector& v) {
  if (const auto exact = equation.solved().directional_derivatives(x, equation.input(), v))
    return exact->second;
  const double step = kDifference * (1 + x.cwiseAbs().maxCoeff());
  return (equation.residual_at(x + step * v) - 2 * equation.residual_at(x) +
          equation.residual_at(x - step * v)) /
         (step * step);
}

// The unit vector that A^T A shrinks most, by inverse iteration.
Vector weakest_direction(const Matrix& gram) {
  Matrix factor = gram;
  const double shift = 1e-14 * gram.trace() / static_cast<double>(gram.rows());
  factor.diagonal().array() += std::max(shift, 1e-300);
  Vector v = Vector::Ones(gram.rows()).normalized();
  if (!numerics::cholesky_factor(factor)) return v;
  for (int i = 0; i < 4; ++i) {
    numerics::cholesky_solve(factor, v);
    if (!v.allFinite() || v.norm() == 0) return Vector::Ones(gram.rows()).normalized();
    v.normalize();
  }
  return v;
}

// The relative error of r that rounding makes, which is all of it close to a fold.
double noise(const Equation& equation, const Vector& x, const Vector& residual) {
  return rounding_floor(equation, x) / residual.norm();
}

// Lower q; or, where q differs by no more than rounding, a smaller gradient.
bool is_better(const Equation& equation, const Vector& trial, double q, double gradient) {
  const Vector residual = equation.residual_at(trial);
  const double error = std::max(1e-10, noise(equation, trial, residual));
  const double q_there = residual.squaredNorm();
  if (q_there < (1 - error) * q) return true;
  return q_there < (1 + error) * q &&
         (equation.jacobian_at(trial).transpose() * residual).norm() < gradient / 2;
}

// One damped Newton step on q; false if q cannot be lowered.
bool descend(const Equation& equation, const Matrix& jacobian, const Vector& residual, Vector& x) {
  const Vector gradient = jacobian.transpose() * residual;
  Matrix hessian(x.size(), x.size());
  numerics::gram(jacobian, hessian);
  const Vector v = weakest_direction(hessian);
  const double beta = std::abs(residual.dot(second_derivative(equation, x, v)));
  hessian += beta * v * v.transpose();
  hessian.diagonal().array() += 1e-14 * hessian.trace() / static_cast<double>(x.size());
  if (!numerics::cholesky_factor(hessian)) return false;
  Vector step = -gradient;
  numerics::cholesky_solve(hessian, step);
  const double length = step.cwiseAbs().maxCoeff();
  const double limit = kLongestStep * (1 + x.cwiseAbs().maxCoeff());
  if (!std::isfinite(length)) return false;
  if (length > limit) step *= limit / length;
  const double q = residual.squaredNorm();
  for (double damping = 1; damping > 1e-4; damping /= 4) {
    Vector trial = x + damping * step;
    equation.project(trial);
    if (!is_better(equation, trial, q, gradient.norm())) continue;
    x = trial;
    return true;
  }
  return false;
}

// With one state A itself vanishes at a ghost: then its slope in x is the measure.
bool is_stationary(const Equation& equation, const Vector& x, const Vector& residual,
                   const Matrix& jacobian) {
  if (!jacobian.allFinite()) return false;
  Matrix gram(x.size(), x.size());
  numerics::gram(jacobian, gram);
  const double bend = second_derivative(equation, x, weakest_direction(gram)).norm();
  const double scale = std::max(jacobian.norm(), bend);
  const double tolerance = std::max(kStationary, noise(equation, x, residual));
  return (jacobian.transpose() * residual).norm() <= tolerance * scale * residual.norm();
}

// The passage time along the weak direction of a stationary point of q, or nothing.
std::optional<double> passage_time(const Equation& equation, const Vector& x,
                                   const Vector& residual, const Matrix& jacobian) {
  const numerics::Svd svd = numerics::svd(jacobian);
  const Index last = x.size() - 1;
  const Vector w = svd.u.col(last), v = svd.v_transposed.row(last).transpose();
  const double scale = w.dot(v);
  if (scale == 0) return std::nullopt;
  const double eps = w.dot(residual) / scale;
  const double a = w.dot(second_derivative(equation, x, v)) / (2 * scale);
  const double b = svd.s(last) / scale;
  const double discriminant = 4 * eps * a - b * b;  // of eps + b x + a x^2
  if (!(discriminant > 0)) return std::nullopt;
  return 2 * std::numbers::pi / std::sqrt(discriminant);
}

// A step of a map; of a flow its fastest time constant. Along the one direction of a single state
// the Jacobian of a ghost is zero: nothing to compare with.
double shortest_time(const Equation& equation, const Matrix& jacobian) {
  if (equation.solved().time() == dynamics::Time::discrete) return 1;
  if (jacobian.rows() == 1) return 0;
  return 1 / std::max(jacobian.cwiseAbs().rowwise().sum().maxCoeff(), 1e-300);
}

}  // namespace

std::optional<SlowPoint> refine_slow_point(
    const Equation& equation, ConstVectorRef start,
    const std::function<bool(const Vector& state)>& is_known) {
  Vector x = start;
  for (int i = 0; i < kMaxSteps; ++i) {
    if (is_known && is_known(x)) return std::nullopt;
    const Vector residual = equation.residual_at(x);
    if (!residual.allFinite()) return std::nullopt;
    if (!descend(equation, equation.jacobian_at(x), residual, x)) break;
  }
  const Vector residual = equation.residual_at(x);
  const Matrix jacobian = equation.jacobian_at(x);
  const double q = residual.squaredNorm() / 2;
  const bool is_zero = residual.cwiseAbs().maxCoeff() <= rounding_floor(equation, x);
  if (!(q <= kLargestSlowSpeed) || is_zero || !is_stationary(equation, x, residual, jacobian))
    return std::nullopt;
  const std::optional<double> lifetime = passage_time(equation, x, residual, jacobian);
  if (!lifetime || *lifetime < kShortestLifetime * shortest_time(equation, jacobian))
    return std::nullopt;
  return SlowPoint{x, q, *lifetime};
}

std::vector<SlowPoint> distinct_slow_points(const Equation& equation,
                                            std::vector<SlowPoint> points) {
  constexpr double kRounding = 1e-6;  // of q, relative
  std::stable_sort(points.begin(), points.end(),
                   [](const SlowPoint& a, const SlowPoint& b) { return a.q < b.q; });
  std::vector<SlowPoint> kept;
  for (SlowPoint& point : points) {
    const bool is_new = std::none_of(kept.begin(), kept.end(), [&](const SlowPoint& other) {
      const Vector way = other.state - point.state;
      const Vector residual = equation.residual_at(point.state);
      const double error = std::max(kRounding, 2 * noise(equation, point.state, residual));
      for (const double share : {0.25, 0.5, 0.75}) {
        const double q = equation.residual_at(point.state + share * way).squaredNorm() / 2;
        if (!(q <= point.q * (1 + error))) return false;
      }
      return true;
    });
    if (is_new) kept.push_back(std::move(point));
    if (kept.size() == kMaxSlowPoints) break;
  }
  return kept;
}

}  // namespace nullcline::fixed_points
