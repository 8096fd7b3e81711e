// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/dsa.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "nullcline/comparison/transport.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::comparison {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kRankTolerance = 1e-10;

Matrix bracket(const Matrix& x, const Matrix& y) { return x * y - y * x; }
Matrix skew(const Matrix& x) { return (x - x.transpose()) / 2; }
double dot(const Matrix& x, const Matrix& y) { return x.cwiseProduct(y).sum(); }

void check_operators(ConstMatrixRef a, ConstMatrixRef b) {
  for (const auto* x : {&a, &b})
    if (x->rows() != x->cols() || x->rows() < 1 || !x->allFinite())
      throw InvalidInput(
          fmt::format("operator: found {} x {} values, expected a square matrix of numbers",
                      x->rows(), x->cols()));
}

// Raises g(C) = tr(A^T M), M = C B C^T. Along exp(W) C with W skew, to second order,
// g + tr(A^T [W, M]) + 1/2 tr(A^T [W, [W, M]]).
class Alignment {
 public:
  Alignment(const Matrix& a, const Matrix& b, Matrix start)
      : a_(a), b_(b), rotation_(std::move(start)) {
    update();
  }

  void run() {
    constexpr int kSteps = 200;
    constexpr double kConverged = 1e-14, kLargest = 1;
    double radius = 0.25;
    for (int i = 0; i < kSteps && gradient_.norm() > kConverged && radius > kConverged; ++i) {
      const Matrix step = solve_model(radius);
      const double promised = dot(gradient_, step) + dot(step, hessian(step)) / 2;
      const Matrix before = rotation_;
      const double value = value_, slope = gradient_.norm();
      rotation_ = retract(step) * rotation_;
      update();
      // Where rounding hides the rise, the gradient tells.
      const bool is_small = promised < 1e-13;
      const double ratio =
          is_small ? (gradient_.norm() < slope ? 1.0 : 0.0) : (value_ - value) / promised;
      if (ratio > 0.75 && step.norm() > 0.9 * radius) radius = std::min(2 * radius, kLargest);
      if (ratio < 0.25) radius = step.norm() / 4;
      if (ratio > 0.1) continue;
      rotation_ = before;
      update();
      if (is_small) break;
    }
  }

  const Matrix& rotation() const { return rotation_; }
  double residual() const { return (a_ - moved_).norm(); }

 private:
  void update() {
    moved_ = rotation_ * b_ * rotation_.transpose();
    value_ = dot(a_, moved_);
    gradient_ = skew(a_ * moved_.transpose() - moved_.transpose() * a_);
  }

  Matrix hessian(const Matrix& w) const {
    const Matrix p = bracket(w, a_), q = bracket(w, moved_);
    return skew(moved_.transpose() * p - p * moved_.transpose() + a_.transpose() * q -
                q * a_.transpose()) /
           2;
  }

  // Steihaug's truncated conjugate gradients for the quadratic model within the radius.
  Matrix solve_model(double radius) const {
    const Index n = a_.rows();
    Matrix step = Matrix::Zero(n, n), residual = gradient_, direction = gradient_;
    const double enough = gradient_.norm() * std::min(0.1, gradient_.norm());
    for (Index i = 0; i < n * n; ++i) {
      const Matrix turned = hessian(direction);
      const double curvature = -dot(direction, turned);
      const double squared = residual.squaredNorm();
      const double length = squared / curvature;
      if (curvature <= 0 || (step + length * direction).norm() >= radius) {
        const double dd = direction.squaredNorm(), sd = dot(step, direction);
        const double room = radius * radius - step.squaredNorm();
        return step + (std::sqrt(sd * sd + dd * room) - sd) / dd * direction;
      }
      step += length * direction;
      residual += length * turned;
      if (residual.norm() <= enough) break;
      direction = residual + residual.squaredNorm() / squared * direction;
    }
    return step;
  }

  // Cayley's transform agrees with exp to second order.
  static Matrix retract(const Matrix& w) {
    const Matrix identity = Matrix::Identity(w.rows(), w.cols());
    return (identity - w / 2).partialPivLu().solve(identity + w / 2);
  }

  const Matrix &a_, &b_;
  Matrix rotation_, moved_, gradient_;
  double value_ = 0;
};

// Uniform on O(n), with the determinant that is asked for.
Matrix random_rotation(Index n, std::uint64_t seed, std::uint64_t start) {
  Rng rng(seed, Purpose::perturbations, start);
  Matrix normal(n, n);
  for (double& value : normal.reshaped<Eigen::RowMajor>()) value = rng.normal();
  const Eigen::HouseholderQR<Matrix> qr(normal);
  Matrix q = qr.householderQ();
  for (Index i = 0; i < n; ++i)
    if (qr.matrixQR()(i, i) < 0) q.col(i) *= -1;
  if ((q.determinant() > 0) != (start % 2 == 0)) q.row(0) *= -1;
  return q;
}

Index steps_needed(const DsaOptions& options) {
  return (Index{options.n_delays} - 1) * options.delay + 2;
}

Matrix delayed(ConstMatrixRef samples, Index n_trials, const DsaOptions& options) {
  const Index n_steps = samples.rows() / n_trials, n_units = samples.cols();
  const Index lost = (options.n_delays - 1) * Index{options.delay}, kept = n_steps - lost;
  Matrix result(n_trials * kept, options.n_delays * n_units);
  for (Index trial = 0; trial < n_trials; ++trial)
    for (Index d = 0; d < options.n_delays; ++d)
      result.block(trial * kept, d * n_units, kept, n_units) =
          samples.middleRows(trial * n_steps + lost - d * options.delay, kept);
  return result;
}

}  // namespace

Matrix delay_operator(ConstMatrixRef samples, Index n_trials, const DsaOptions& options) {
  const auto require = [](bool ok, const char* name, double found, const char* expected) {
    if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
  };
  require(options.n_delays >= 1, "n_delays", options.n_delays, "at least 1");
  require(options.delay >= 1, "delay", options.delay, "at least 1");
  require(options.rank >= 1, "rank", options.rank, "at least 1");
  require(options.ridge >= 0 && std::isfinite(options.ridge), "ridge", options.ridge, "0 or more");
  if (n_trials < 1 || samples.rows() % n_trials != 0)
    throw InvalidInput(fmt::format("n_trials: found {}, expected a divisor of the {} samples",
                                   n_trials, samples.rows()));
  const Index n_steps = samples.rows() / n_trials;
  if (n_steps < steps_needed(options))
    throw InvalidInput(
        fmt::format("dsa: found trials of {} steps, expected at least {} for {} "
                    "delays of {}",
                    n_steps, steps_needed(options), options.n_delays, options.delay));
  const Matrix states = delayed(samples, n_trials, options);
  const numerics::Svd svd = numerics::svd(states);
  const Index r = options.rank;
  if (svd.s.size() < r || !(svd.s(r - 1) > kRankTolerance * svd.s(0))) return {};
  const Index kept = states.rows() / n_trials;
  Matrix gram = options.ridge * Matrix::Identity(r, r), cross = Matrix::Zero(r, r);
  for (Index trial = 0; trial < n_trials; ++trial) {
    const Matrix now = svd.u.block(trial * kept, 0, kept - 1, r);
    const Matrix next = svd.u.block(trial * kept + 1, 0, kept - 1, r);
    gram += now.transpose() * now;
    cross += now.transpose() * next;
  }
  const Eigen::FullPivLU<Matrix> lu(gram);
  if (!lu.isInvertible()) return {};
  return lu.solve(cross).transpose();
}

bool fits_trials(const Activity& activity, const DsaOptions& options) {
  return activity.n_samples() / activity.n_trials >= steps_needed(options);
}

OperatorDistance operator_distance(ConstMatrixRef a, ConstMatrixRef b,
                                   const AlignmentOptions& options) {
  constexpr double kSame = 1e-7;  // two minima that differ by less are one
  check_operators(a, b);
  if (a.rows() != b.rows())
    throw InvalidInput(
        fmt::format("operators: found sizes {} and {}, expected one size", a.rows(), b.rows()));
  if (options.n_starts < 2 || options.n_starts > 1000000)
    throw InvalidInput(fmt::format("n_starts: found {}, expected 2 to 1000000", options.n_starts));
  if (a.norm() == 0 || b.norm() == 0) return {kNaN, kNaN, kNaN, 0, {}};
  const Matrix x = a / a.norm(), y = b / b.norm();
  OperatorDistance best;
  best.frobenius = std::numeric_limits<double>::infinity();
  std::vector<double> angles;
  for (int start = 0; start < options.n_starts; ++start) {
    Alignment alignment(x, y,
                        random_rotation(x.rows(), options.seed, static_cast<std::uint64_t>(start)));
    alignment.run();
    const double residual = alignment.residual();
    // Both have norm 1, so that this is arccos, with no digits lost near 0.
    angles.push_back(2 * std::asin(std::min(residual / 2, 1.0)));
    if (residual < best.frobenius) {
      best.frobenius = residual;
      best.angular = angles.back();
      best.rotation = alignment.rotation();
    }
  }
  best.spread = *std::max_element(angles.begin(), angles.end()) - best.angular;
  best.n_best = static_cast<int>(std::count_if(
      angles.begin(), angles.end(), [&](double angle) { return angle < best.angular + kSame; }));
  return best;
}

double eigenvalue_distance_squared(ConstMatrixRef a, ConstMatrixRef b) {
  check_operators(a, b);
  const Index n = std::max(a.rows(), b.rows());
  ComplexVector x = ComplexVector::Zero(n), y = ComplexVector::Zero(n);
  x.head(a.rows()) = numerics::eigenvalues(a);
  y.head(b.rows()) = numerics::eigenvalues(b);
  Matrix cost(n, n);
  for (Index i = 0; i < n; ++i) cost.row(i) = (y.array() - x(i)).abs2().transpose();
  const Vector masses = Vector::Constant(n, 1 / static_cast<double>(n));
  return dot(cost, optimal_transport(cost, masses, masses));
}

}  // namespace nullcline::comparison
