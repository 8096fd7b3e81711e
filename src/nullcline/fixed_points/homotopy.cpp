// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/homotopy.hpp"

#include <cmath>

#include "nullcline/fixed_points/merge.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

constexpr double kFirstStep = 0.05;
constexpr double kLongestStep = 1.0;
constexpr double kShortestStep = 1e-7;
constexpr double kLargestT = 2;
constexpr int kMaxCorrections = 6;
constexpr double kCorrectorTolerance = 1e-6;
constexpr double kMaxContraction = 0.5;
// The first correction, as a share of the step, above which a step is refused and below which the
// next one is longer.
constexpr double kLargeCorrection = 0.3;
constexpr double kSmallCorrection = 0.08;

// Lengths are measured by |dh|^2 / n + dt^2. Each step solves with one matrix, factored at the
// predicted point:   [ t Dr - (1-t) I   r + h - h0 ] [dh]   [ -H ]
//          [ tangent_h / n     tangent_t ] [dt] = [  0 ]
class PathTracker {
 public:
  PathTracker(const Equation& equation, ConstVectorRef start)
      : equation_(equation),
        n_(equation.size()),
        start_(start),
        here_(n_ + 1),
        tangent_(n_ + 1),
        there_(n_ + 1),
        correction_(n_ + 1),
        row_(1, n_),
        residual_(1, n_),
        jacobian_(n_, n_),
        matrix_(n_ + 1, n_ + 1),
        pivots_(static_cast<std::size_t>(n_ + 1)) {}

  Path run(int max_steps) {
    Path path;
    here_.head(n_) = start_;
    here_(n_) = 0;
    Termination end = begin();
    double length = kFirstStep;
    while (end == Termination::not_run) {
      if (path.n_steps >= max_steps) {
        end = Termination::max_iterations;
        break;
      }
      ++path.n_steps;
      const double share = step(length);  // the first correction's share of the step, or above 1
      if (share > kLargeCorrection) {
        length /= 2;
        if (length < kShortestStep) end = Termination::stalled;
        continue;
      }
      if ((here_(n_) < 1) != (there_(n_) < 1)) add_zero(path);
      if (!(there_(n_) >= 0 && there_(n_) <= kLargestT)) end = Termination::diverged;
      here_ = there_;
      if (share < kSmallCorrection) length = std::min(2 * length, kLongestStep);
    }
    path.termination = path.zeros.empty() ? end : Termination::converged;
    return path;
  }

 private:
  double weighted_norm(const Vector& u) const {
    return std::sqrt(u.head(n_).squaredNorm() / static_cast<double>(n_) + u(n_) * u(n_));
  }

  void set_residual(const Vector& u) {
    row_.row(0) = u.head(n_).transpose();
    equation_.residual(row_, residual_);
  }

  // H = t r(h) + (1 - t) (h0 - h) of the point whose residual was just set.
  void negative_homotopy(const Vector& u) {
    const double t = u(n_);
    correction_.head(n_) = -t * residual_.row(0).transpose() - (1 - t) * (start_ - u.head(n_));
    correction_(n_) = 0;
  }

  Termination begin() {
    set_residual(here_);
    tangent_.head(n_) = residual_.row(0).transpose();
    tangent_(n_) = 1;
    tangent_ /= weighted_norm(tangent_);
    return tangent_.allFinite() ? Termination::not_run : Termination::diverged;
  }

  void factor(const Vector& u) {
    const double t = u(n_);
    row_.row(0) = u.head(n_).transpose();
    equation_.jacobian(row_, jacobian_);
    matrix_.topLeftCorner(n_, n_) = t * jacobian_;
    matrix_.diagonal().head(n_).array() -= 1 - t;
    matrix_.col(n_).head(n_) = residual_.row(0).transpose() + u.head(n_) - start_;
    matrix_.row(n_).head(n_) = tangent_.head(n_).transpose() / static_cast<double>(n_);
    matrix_(n_, n_) = tangent_(n_);
    numerics::lu_factor(matrix_, pivots_);
  }

  // Predicts and corrects to `there_`, and turns the tangent if that succeeded.
  double step(double length) {
    there_ = here_ + length * tangent_;
    double share = 2, previous = 0;
    for (int i = 0; i < kMaxCorrections; ++i) {
      set_residual(there_);
      if (i == 0) factor(there_);
      negative_homotopy(there_);
      numerics::lu_solve(matrix_, pivots_, VectorRef(correction_));
      const double size = weighted_norm(correction_);
      if (!std::isfinite(size)) return 2;
      if (i == 0) share = size / length;
      if (share > kLargeCorrection || (i > 0 && size > kMaxContraction * previous)) return 2;
      there_ += correction_;
      previous = size;
      if (size <= kCorrectorTolerance) break;
      if (i + 1 == kMaxCorrections) return 2;
    }
    correction_.setZero();
    correction_(n_) = 1;
    numerics::lu_solve(matrix_, pivots_, VectorRef(correction_));
    tangent_ = correction_ / weighted_norm(correction_);
    return tangent_.allFinite() ? share : 2;
  }

  // The path crossed t = 1 between here_ and there_: Newton on r from the crossing.
  void add_zero(Path& path) {
    const double share = (1 - here_(n_)) / (there_(n_) - here_(n_));
    const Matrix crossing = (here_ + share * (there_ - here_)).head(n_).transpose();
    const EndStates ends = solve_newton(equation_, crossing, UniquenessBoxes(n_), kMaxArrivalSteps);
    path.n_steps += static_cast<int>(ends.n_steps);
    if (ends.terminations[0] == Termination::converged)
      path.zeros.emplace_back(ends.points.row(0).transpose());
  }

  static constexpr int kMaxArrivalSteps = 20;
  const Equation& equation_;
  const Index n_;
  const Vector start_;
  Vector here_, tangent_, there_, correction_;
  Matrix row_, residual_, jacobian_, matrix_;
  std::vector<int> pivots_;
};

}  // namespace

Path trace_homotopy(const Equation& equation, ConstVectorRef start, int max_steps) {
  return PathTracker(equation, start).run(max_steps);
}

}  // namespace nullcline::fixed_points
