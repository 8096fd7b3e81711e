// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/collocation.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "nullcline/cycles/internal/basis.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::cycles {

namespace {

using internal::gauss_points;
using internal::kNodes;

constexpr Index kFirstIntervals = 20;
constexpr Index kMostIntervals = 640;
constexpr Index kMostUnknowns = 3000;  // of the condensed system
constexpr Index kSmallBlock = 16;      // below it the calls of LAPACK cost more than the work
constexpr int kMaxNewtonSteps = 25;
constexpr double kConverged = 1e-12;  // the last correction, relative to the profile
constexpr double kLargestStep = 0.3;  // of a correction, relative to amplitude and period
constexpr double kVanished = 1e-7;    // amplitude relative to the guess's: an equilibrium

/// The flow at the Gauss points of all intervals.
struct Samples {
  Matrix states, slopes, rates, jacobians;
};

Samples sample(const dynamics::System& flow, ConstVectorRef input, const Profile& profile) {
  const Index n = profile.states.cols(), count = profile.n_intervals() * kDegree;
  Samples samples{Matrix::Zero(count, n), Matrix::Zero(count, n), Matrix(count, n),
                  Matrix(count * n, n)};
  for (Index i = 0; i < profile.n_intervals(); ++i)
    for (Index c = 0; c < kDegree; ++c)
      for (Index j = 0; j < kNodes; ++j) {
        const auto& gauss = gauss_points()[static_cast<std::size_t>(c)];
        const auto& node = profile.states.row((i * kDegree + j) % profile.n_points());
        samples.states.row(i * kDegree + c) += gauss.values[static_cast<std::size_t>(j)] * node;
        samples.slopes.row(i * kDegree + c) +=
            gauss.slopes[static_cast<std::size_t>(j)] / profile.width(i) * node;
      }
  const Matrix held = input.transpose();
  flow.evaluate(samples.states, held, samples.rates);
  flow.jacobian(samples.states, held, samples.jacobians);
  return samples;
}

}  // namespace

Linearization::Linearization(const dynamics::System& flow, ConstVectorRef input,
                             const Profile& profile, const ParameterSlopes& parameter_slopes)
    : profile_(profile),
      n_(profile.states.cols()),
      n_intervals_(profile.n_intervals()),
      transfers_(n_intervals_ * kDegree * n_, n_ + 3),
      phase_{Matrix::Zero(profile.n_points(), n_), 0, 0} {
  const Samples samples = sample(flow, input, profile);
  const Matrix slopes =
      parameter_slopes ? parameter_slopes(samples.states) : Matrix::Zero(samples.states.rows(), n_);
  const Matrix residuals = samples.slopes / profile.period - samples.rates;
  residual_ = residuals.cwiseAbs().maxCoeff();
  Matrix block(kDegree * n_, kDegree * n_);
  std::vector<int> pivots(static_cast<std::size_t>(kDegree * n_));
  for (Index i = 0; i < n_intervals_; ++i) {
    MatrixRef right = transfers_.middleRows(i * kDegree * n_, kDegree * n_);
    for (Index c = 0; c < kDegree; ++c) {
      const Index row = i * kDegree + c;
      const auto& gauss = gauss_points()[static_cast<std::size_t>(c)];
      const auto jacobian = samples.jacobians.middleRows(row * n_, n_);
      for (Index j = 0; j < kNodes; ++j) {
        const auto k = static_cast<std::size_t>(j);
        Matrix entry = -profile.period * gauss.values[k] * jacobian;
        entry.diagonal().array() += gauss.slopes[k] / profile.width(i);
        if (j == 0)
          right.block(c * n_, 0, n_, n_) = -entry;
        else
          block.block(c * n_, (j - 1) * n_, n_, n_) = entry;
        phase_.states.row((row - c + j) % profile.n_points()) +=
            profile.width(i) * gauss.weight * gauss.values[k] * samples.slopes.row(row);
      }
      right.block(c * n_, n_, n_, 1) = samples.rates.row(row).transpose();
      right.block(c * n_, n_ + 1, n_, 1) = profile.period * slopes.row(row).transpose();
      right.block(c * n_, n_ + 2, n_, 1) = -profile.period * residuals.row(row).transpose();
    }
    if (block.rows() <= kSmallBlock) {
      right = Eigen::PartialPivLU<Eigen::Ref<Matrix>>(block).solve(right).eval();
    } else {
      numerics::lu_factor(MatrixRef(block), pivots);
      numerics::lu_solve(block, pivots, right);
    }
  }
}

bool Linearization::solve(double residual_share, double phase, const Direction& condition,
                          double value, Direction& out) const {
  const Index size = n_intervals_ * n_ + 2, period = size - 2, parameter = size - 1;
  Matrix matrix = Matrix::Zero(size, size);
  Vector right(size);
  for (Index i = 0; i < n_intervals_; ++i) {
    const auto last = transfers_.middleRows(((i + 1) * kDegree - 1) * n_, n_);
    const Index row = i * n_, next = (i + 1) % n_intervals_ * n_;
    matrix.block(row, i * n_, n_, n_) -= last.leftCols(n_);
    matrix.block(row, next, n_, n_).diagonal().array() += 1;
    matrix.block(row, period, n_, 2) = -last.middleCols(n_, 2);
    right.segment(row, n_) = residual_share * last.col(n_ + 2);
  }
  // A linear form on the base points, in terms of the first ones of the intervals.
  const auto set_form = [&](Index row, const Matrix& form, double wanted) {
    for (Index i = 0; i < n_intervals_; ++i) {
      matrix.row(row).segment(i * n_, n_) += form.row(i * kDegree);
      for (Index j = 1; j < kDegree; ++j) {
        const auto transfer = transfers_.middleRows((i * kDegree + j - 1) * n_, n_);
        const Eigen::RowVectorXd weights = form.row(i * kDegree + j);
        matrix.row(row).segment(i * n_, n_) += weights * transfer.leftCols(n_);
        matrix.row(row).segment(period, 2) += weights * transfer.middleCols(n_, 2);
        wanted -= residual_share * weights.dot(transfer.col(n_ + 2).transpose());
      }
    }
    right(row) = wanted;
  };
  set_form(period, phase_.states, phase);
  const Matrix weighted = internal::point_weights(profile_).asDiagonal() * condition.states;
  set_form(parameter, weighted, value);
  matrix(parameter, period) += condition.period;
  matrix(parameter, parameter) += condition.parameter;

  std::vector<int> pivots(static_cast<std::size_t>(size));
  if (!numerics::lu_factor(MatrixRef(matrix), pivots)) return false;
  numerics::lu_solve(matrix, pivots, VectorRef(right));
  if (!right.allFinite()) return false;
  out.period = right(period);
  out.parameter = right(parameter);
  out.states.resize(profile_.n_points(), n_);
  Vector known(n_ + 3);
  known(n_ + 2) = residual_share;
  known.segment(n_, 2) = right.segment(period, 2);
  for (Index i = 0; i < n_intervals_; ++i) {
    known.head(n_) = right.segment(i * n_, n_);
    out.states.row(i * kDegree) = known.head(n_).transpose();
    for (Index j = 1; j < kDegree; ++j)
      out.states.row(i * kDegree + j) =
          (transfers_.middleRows((i * kDegree + j - 1) * n_, n_) * known).transpose();
  }
  return true;
}

Matrix Linearization::monodromy() const {
  Matrix product = Matrix::Identity(n_, n_);
  for (Index i = 0; i < n_intervals_; ++i)
    product = (transfers_.block(((i + 1) * kDegree - 1) * n_, 0, n_, n_) * product).eval();
  return product;
}

namespace {

/// Newton on one mesh.
bool converge(const dynamics::System& flow, ConstVectorRef input, Profile& profile) {
  const double first_amplitude = profile.amplitude();
  const Direction only_parameter{Matrix::Zero(profile.n_points(), profile.states.cols()), 0, 1};
  double last = std::numeric_limits<double>::infinity();
  for (int step = 0; step < kMaxNewtonSteps; ++step) {
    const Linearization linearization(flow, input, profile, {});
    Direction change;
    if (!std::isfinite(linearization.residual()) ||
        !linearization.solve(1, 0, only_parameter, 0, change))
      return false;
    const double amplitude = profile.amplitude();
    if (!(amplitude > kVanished * first_amplitude)) return false;
    const double relative = std::max(change.states.cwiseAbs().maxCoeff() / amplitude,
                                     std::abs(change.period) / profile.period);
    const double share = std::min(1.0, kLargestStep / relative);
    profile.states += share * change.states;
    profile.period += share * change.period;
    if (!(profile.period > 0)) return false;
    const double floor = kConverged * (1 + profile.states.cwiseAbs().maxCoeff() / amplitude);
    if (relative <= floor || (relative < 1e-8 && relative > 0.5 * last)) return true;
    last = relative;
  }
  return false;
}

}  // namespace

std::optional<Cycle> solve_cycle(const dynamics::System& flow, ConstVectorRef input, Profile guess,
                                 double tolerance) {
  const Index n = guess.states.cols();
  const Index most = std::clamp<Index>(kMostUnknowns / n, kFirstIntervals, kMostIntervals);
  Profile profile = std::move(guess);
  if (!converge(flow, input, profile)) return std::nullopt;
  Index n_intervals = profile.n_intervals();
  double change = 1;
  for (int round = 0; round < 8; ++round) {
    Profile finer = remeshed(profile, n_intervals);
    if (!converge(flow, input, finer)) return std::nullopt;
    change = std::abs(finer.period - profile.period) / finer.period;
    profile = std::move(finer);
    if ((round > 0 && change <= tolerance) || 2 * n_intervals > most) break;
    if (round > 0) n_intervals *= 2;
  }
  Cycle cycle = describe(flow, input, profile);
  cycle.period_error = change;
  return cycle;
}

}  // namespace nullcline::cycles
