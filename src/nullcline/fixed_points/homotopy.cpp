// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/homotopy.hpp"

#include <algorithm>
#include <cmath>

#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/internal/many_lu.hpp"
#include "nullcline/fixed_points/merge.hpp"
#include "nullcline/fixed_points/newton.hpp"

namespace nullcline::fixed_points {

namespace {

constexpr double kFirstStep = 0.05;
constexpr double kLongestStep = 1.0;
constexpr double kShortestStep = 1e-7;
constexpr double kLargestT = 2;
constexpr int kMaxCorrections = 6;
constexpr double kCorrectorTolerance = 1e-6;
constexpr double kMaxContraction = 0.5;
constexpr int kMaxArrivalSteps = 20;
// The first correction, as a share of the step, above which a step is refused and below which the
// next one is longer.
constexpr double kLargeCorrection = 0.3;
constexpr double kSmallCorrection = 0.08;

// Some paths side by side, each with steps of its own length; a path does not see the others.
// Lengths are measured by |dh|^2 / n + dt^2. Each step solves with one matrix, factored at the
// predicted point:   [ t Dr - (1-t) I   r + h - h0 ] [dh]   [ -H ]
//          [ tangent_h / n     tangent_t ] [dt] = [  0 ]
class PathBundle {
 public:
  PathBundle(const Equation& equation, const Matrix& starts)
      : equation_(equation),
        n_(equation.size()),
        count_(starts.rows()),
        starts_(starts),
        here_(count_, n_ + 1),
        tangent_(count_, n_ + 1),
        there_(count_, n_ + 1),
        correction_(count_, n_ + 1),
        residual_(count_, n_),
        jacobian_(count_ * n_, n_),
        solver_(count_, n_ + 1),
        walks_(static_cast<std::size_t>(count_)) {}

  std::vector<Path> run(int max_steps) {
    begin();
    while (is_any([](const Walk& walk) { return walk.goes_on(); })) {
      for (Walk& walk : walks_) {
        if (!walk.goes_on()) continue;
        if (walk.path.n_steps >= max_steps)
          walk.end = Termination::max_iterations;
        else
          ++walk.path.n_steps;
      }
      step();
      for (Index k = 0; k < count_; ++k)
        if (walk(k).goes_on()) advance(k);
    }
    std::vector<Path> paths;
    for (Walk& walk : walks_) {
      walk.path.termination = walk.path.zeros.empty() ? walk.end : Termination::converged;
      paths.push_back(std::move(walk.path));
    }
    return paths;
  }

 private:
  struct Walk {
    Path path;
    Termination end = Termination::not_run;
    double length = kFirstStep;
    double share = 0;  // of the step that was taken: its first correction; refused steps: 2
    double previous = 0;
    bool is_corrected = false;  // and what is left is the new tangent
    bool goes_on() const { return end == Termination::not_run; }
    bool is_being_corrected() const { return goes_on() && !is_corrected && share < 2; }
  };

  Walk& walk(Index k) { return walks_[static_cast<std::size_t>(k)]; }
  template <class Condition>
  bool is_any(Condition condition) const {
    return std::any_of(walks_.begin(), walks_.end(), condition);
  }

  double weighted_norm(const Matrix& rows, Index k) const {
    const auto u = rows.row(k);
    return std::sqrt(u.head(n_).squaredNorm() / static_cast<double>(n_) + u(n_) * u(n_));
  }

  void begin() {
    here_.leftCols(n_) = starts_;
    here_.col(n_).setZero();
    equation_.residual(starts_, residual_);
    tangent_.leftCols(n_) = residual_;
    tangent_.col(n_).setOnes();
    for (Index k = 0; k < count_; ++k) {
      tangent_.row(k) /= weighted_norm(tangent_, k);
      if (!tangent_.row(k).allFinite()) walk(k).end = Termination::diverged;
    }
  }

  // At the predicted points, whose residuals were just set. Paths that ended get any matrix.
  void factor() {
    equation_.jacobian(there_.leftCols(n_), jacobian_);
    for (Index k = 0; k < count_; ++k) {
      MatrixRef matrix = solver_.matrix(k);
      const double t = there_(k, n_);
      matrix.topLeftCorner(n_, n_) = t * jacobian_.middleRows(k * n_, n_);
      matrix.diagonal().head(n_).array() -= 1 - t;
      matrix.col(n_).head(n_) =
          (residual_.row(k) + there_.row(k).head(n_) - starts_.row(k)).transpose();
      matrix.row(n_).head(n_) = tangent_.row(k).head(n_) / static_cast<double>(n_);
      matrix(n_, n_) = tangent_(k, n_);
    }
    solver_.factor();
  }

  // Predicts and corrects to `there_`, and turns the tangents of the steps that succeeded.
  void step() {
    for (Index k = 0; k < count_; ++k) {
      if (walk(k).goes_on()) there_.row(k) = here_.row(k) + walk(k).length * tangent_.row(k);
      walk(k).share = 0;
      walk(k).is_corrected = false;
    }
    for (int i = 0; i < kMaxCorrections; ++i) {
      if (!is_any([](const Walk& walk) { return walk.is_being_corrected(); })) break;
      equation_.residual(there_.leftCols(n_), residual_);
      if (i == 0) factor();
      for (Index k = 0; k < count_; ++k) {  // -H, with H = t r(h) + (1 - t) (h0 - h)
        const double t = there_(k, n_);
        correction_.row(k).head(n_) =
            -t * residual_.row(k) - (1 - t) * (starts_.row(k) - there_.row(k).head(n_));
        correction_(k, n_) = 0;
      }
      solver_.solve(correction_);
      for (Index k = 0; k < count_; ++k)
        if (walk(k).is_being_corrected()) correct(k, i);
    }
    correction_.setZero();
    correction_.col(n_).setOnes();
    solver_.solve(correction_);
    for (Index k = 0; k < count_; ++k) {
      if (!walk(k).goes_on() || !walk(k).is_corrected) continue;
      tangent_.row(k) = correction_.row(k) / weighted_norm(correction_, k);
      if (!tangent_.row(k).allFinite()) walk(k).end = Termination::diverged;
    }
  }

  void correct(Index k, int i) {
    Walk& path = walk(k);
    const double size = weighted_norm(correction_, k);
    if (i == 0) path.share = size / path.length;
    const bool is_refused = !std::isfinite(size) || path.share > kLargeCorrection ||
                            (i > 0 && size > kMaxContraction * path.previous);
    if (!is_refused) there_.row(k) += correction_.row(k);
    path.previous = size;
    path.is_corrected = !is_refused && size <= kCorrectorTolerance;
    if (is_refused || (!path.is_corrected && i + 1 == kMaxCorrections)) path.share = 2;
  }

  void advance(Index k) {
    Walk& path = walk(k);
    if (!path.is_corrected) {
      path.length /= 2;
      if (path.length < kShortestStep) path.end = Termination::stalled;
      return;
    }
    const double t = here_(k, n_), next_t = there_(k, n_);
    if ((t < 1) != (next_t < 1)) add_zero(k);
    if (!(next_t >= 0 && next_t <= kLargestT)) path.end = Termination::diverged;
    here_.row(k) = there_.row(k);
    if (path.share < kSmallCorrection) path.length = std::min(2 * path.length, kLongestStep);
  }

  // The path crossed t = 1 between here_ and there_: Newton on r from the crossing.
  void add_zero(Index k) {
    const double share = (1 - here_(k, n_)) / (there_(k, n_) - here_(k, n_));
    const Matrix crossing = (here_.row(k) + share * (there_.row(k) - here_.row(k))).leftCols(n_);
    const EndStates ends = solve_newton(equation_, crossing, UniquenessBoxes(n_), kMaxArrivalSteps);
    Path& path = walk(k).path;
    path.n_steps += static_cast<int>(ends.n_steps);
    if (ends.terminations[0] == Termination::converged)
      path.zeros.emplace_back(ends.points.row(0).transpose());
  }

  const Equation& equation_;
  const Index n_, count_;
  const Matrix& starts_;
  Matrix here_, tangent_, there_, correction_;  // (count, n + 1): h and t
  Matrix residual_, jacobian_;
  internal::ManyLu solver_;
  std::vector<Walk> walks_;
};

}  // namespace

Index bundle_size(Index size) { return internal::ManyLu::best_count(size + 1); }

std::vector<Path> trace_homotopies(const Equation& equation, ConstMatrixRef starts, int max_steps) {
  const Index size = bundle_size(equation.size());
  const auto n_bundles = static_cast<std::size_t>((starts.rows() + size - 1) / size);
  std::vector<std::vector<Path>> bundles(n_bundles);
  parallel_for(n_bundles, [&](std::size_t bundle) {
    Matrix rows(size, equation.size());  // those that are left over get the last start once more
    for (Index k = 0; k < size; ++k)
      rows.row(k) = starts.row(std::min(static_cast<Index>(bundle) * size + k, starts.rows() - 1));
    bundles[bundle] = PathBundle(equation, rows).run(max_steps);
  });
  std::vector<Path> paths;
  for (std::vector<Path>& bundle : bundles)
    for (Path& path : bundle)
      if (static_cast<Index>(paths.size()) < starts.rows()) paths.push_back(std::move(path));
  return paths;
}

}  // namespace nullcline::fixed_points
