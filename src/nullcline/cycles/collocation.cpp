// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/collocation.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "nullcline/cycles/elimination.hpp"
#include "nullcline/cycles/internal/basis.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::cycles {

namespace {

using internal::gauss_points;
using internal::kNodes;

constexpr Index kFirstIntervals = 20;
constexpr Index kMostIntervals = 640;
constexpr Index kMostUnknowns = 3000;  // of the condensed system
constexpr Index kSmallBlock = 64;      // up to it the calls of LAPACK cost more than the work
constexpr int kMaxNewtonSteps = 25;
constexpr double kConverged = 1e-12;  // the last correction, relative to the profile
constexpr double kLargestStep = 0.3;  // of a correction, relative to amplitude and period
constexpr double kSameTurn = 1e-6;    // distance of two turns of one cycle, in amplitudes
constexpr double kLeastPeriodError = 1e-13;
constexpr double kVanished = 1e-7;  // amplitude relative to the guess's: an equilibrium

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
  const Index size = kDegree * n_;
  Matrix rows(size, size + n_ + 3);  // u_1 ... u_m, then the columns of the transfers
  std::vector<int> pivots(static_cast<std::size_t>(size));
  for (Index i = 0; i < n_intervals_; ++i) {
    for (Index c = 0; c < kDegree; ++c) {
      const Index row = i * kDegree + c;
      const auto& gauss = gauss_points()[static_cast<std::size_t>(c)];
      const auto jacobian = samples.jacobians.middleRows(row * n_, n_);
      for (Index j = 0; j < kNodes; ++j) {
        const auto k = static_cast<std::size_t>(j);
        const double sign = j == 0 ? -1 : 1;
        auto entry = rows.block(c * n_, j == 0 ? size : (j - 1) * n_, n_, n_);
        entry = -sign * profile.period * gauss.values[k] * jacobian;
        entry.diagonal().array() += sign * gauss.slopes[k] / profile.width(i);
        phase_.states.row((row - c + j) % profile.n_points()) +=
            profile.width(i) * gauss.weight * gauss.values[k] * samples.slopes.row(row);
      }
      rows.block(c * n_, size + n_, n_, 1) = samples.rates.row(row).transpose();
      rows.block(c * n_, size + n_ + 1, n_, 1) = profile.period * slopes.row(row).transpose();
      rows.block(c * n_, size + n_ + 2, n_, 1) = -profile.period * residuals.row(row).transpose();
    }
    if (size <= kSmallBlock) {
      if (eliminate(rows, size))
        substitute(rows, size);
      else
        residual_ = std::numeric_limits<double>::quiet_NaN();
    } else {
      Matrix block = rows.leftCols(size), right = rows.rightCols(n_ + 3);
      numerics::lu_factor(MatrixRef(block), pivots);
      numerics::lu_solve(block, pivots, MatrixRef(right));
      rows.rightCols(n_ + 3) = right;
    }
    transfers_.middleRows(i * size, size) = rows.rightCols(n_ + 3);
  }
}

bool Linearization::solve(double residual_share, double phase, const Direction& condition,
                          double value, Direction& out) const {
  constexpr Index kBorders = 2;  // the period and the parameter
  const Index borders = n_intervals_ * n_;
  CyclicSystem system(n_intervals_, n_, kBorders);
  Matrix last(n_, n_ + 3);
  for (Index i = 0; i < n_intervals_; ++i) {
    last = transfers_.middleRows(((i + 1) * kDegree - 1) * n_, n_);
    last.col(n_ + 2) *= residual_share;
    system.set_interval(i, last);
  }
  // A linear form on the base points, in terms of the first ones of the intervals.
  const auto set_form = [&](Index index, const Matrix& form, double wanted) {
    auto row = system.conditions().row(index);
    for (Index i = 0; i < n_intervals_; ++i) {
      row.segment(i * n_, n_) += form.row(i * kDegree);
      for (Index j = 1; j < kDegree; ++j)
        for (Index k = 0; k < n_; ++k) {
          const auto transfer = transfers_.row((i * kDegree + j - 1) * n_ + k);
          const double weight = form(i * kDegree + j, k);
          row.segment(i * n_, n_) += weight * transfer.head(n_);
          row.segment(borders, kBorders) += weight * transfer.segment(n_, kBorders);
          wanted -= residual_share * weight * transfer(n_ + 2);
        }
    }
    row(borders + kBorders) = wanted;
  };
  set_form(0, phase_.states, phase);
  const Matrix weighted = internal::point_weights(profile_).asDiagonal() * condition.states;
  set_form(1, weighted, value);
  system.conditions()(1, borders) += condition.period;
  system.conditions()(1, borders + 1) += condition.parameter;

  Matrix ends;
  Vector found;
  if (!system.solve(ends, found)) return false;
  out.period = found(0);
  out.parameter = found(1);
  out.states.resize(profile_.n_points(), n_);
  Vector known(n_ + 3);
  known(n_ + 2) = residual_share;
  known.segment(n_, kBorders) = found;
  for (Index i = 0; i < n_intervals_; ++i) {
    known.head(n_) = ends.row(i).transpose();
    out.states.row(i * kDegree) = ends.row(i);
    for (Index j = 1; j < kDegree; ++j)
      for (Index k = 0; k < n_; ++k)
        out.states(i * kDegree + j, k) =
            transfers_.row((i * kDegree + j - 1) * n_ + k).dot(known.transpose());
  }
  return true;
}

Monodromy Linearization::monodromy() const {
  Monodromy product{Matrix::Identity(n_, n_), 1};
  for (Index i = 0; i < n_intervals_; ++i) {
    const Matrix transfer = transfers_.block(((i + 1) * kDegree - 1) * n_, 0, n_, n_);
    product.matrix = (transfer * product.matrix).eval();
    product.determinant *= transfer.determinant();
  }
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

namespace {

// The first k-th of the period, where the profile is the same k times over; else nothing.
std::optional<Profile> part_that_repeats(const Profile& profile, int k) {
  const double tolerance = kSameTurn * profile.amplitude();
  for (Index point = 0; point < profile.n_points(); ++point) {
    const Index interval = point / kDegree;
    const double s = profile.mesh(interval) + profile.width(interval) *
                                                  static_cast<double>(point % kDegree) /
                                                  static_cast<double>(kDegree);
    const Vector later = profile.at(s + 1.0 / k);
    if (!((later - profile.states.row(point).transpose()).cwiseAbs().maxCoeff() <= tolerance))
      return std::nullopt;
  }
  std::vector<double> mesh{0};
  for (Index i = 1; i < profile.n_intervals() && k * profile.mesh(i) < 1 - 1e-9; ++i)
    mesh.push_back(k * profile.mesh(i));
  mesh.push_back(1);
  Profile part{profile.period / k, Eigen::Map<const Vector>(mesh.data(), std::ssize(mesh)), {}};
  part.states.resize(part.n_intervals() * kDegree, profile.states.cols());
  for (Index point = 0; point < part.n_points(); ++point) {
    const Index interval = point / kDegree;
    const double s = part.mesh(interval) + part.width(interval) *
                                               static_cast<double>(point % kDegree) /
                                               static_cast<double>(kDegree);
    part.states.row(point) = profile.at(s / k).transpose();
  }
  return part;
}

// A smaller change is rounding, which the period's own digits do not show.
double relative_change(const Profile& a, const Profile& b) {
  return std::max(std::abs(a.period - b.period) / b.period, kLeastPeriodError);
}

}  // namespace

std::optional<Cycle> solve_cycle(const dynamics::System& flow, ConstVectorRef input, Profile guess,
                                 double tolerance) {
  const Index n = guess.states.cols();
  const Index most = std::clamp<Index>(kMostUnknowns / n, kFirstIntervals, kMostIntervals);
  Profile profile = std::move(guess);
  if (!converge(flow, input, profile)) return std::nullopt;
  Index n_intervals = profile.n_intervals();
  for (int round = 0; round < 2; ++round) {  // the mesh settles
    profile = remeshed(profile, n_intervals);
    if (!converge(flow, input, profile)) return std::nullopt;
  }
  double change = std::numeric_limits<double>::infinity();
  for (; change > tolerance && 2 * n_intervals <= most; n_intervals *= 2) {
    Profile finer = remeshed(profile, 2 * n_intervals);
    if (!converge(flow, input, finer)) return std::nullopt;
    change = relative_change(profile, finer);
    profile = std::move(finer);
  }
  if (!std::isfinite(change)) {  // too many states for a finer mesh
    Profile coarser = remeshed(profile, n_intervals / 2);
    if (converge(flow, input, coarser)) change = relative_change(coarser, profile);
  }
  for (const int k : {2, 3, 5, 7, 11, 13})
    if (auto part = part_that_repeats(profile, k))
      return solve_cycle(flow, input, std::move(*part), tolerance);
  Cycle cycle = describe(flow, input, profile);
  cycle.period_error = change;
  return cycle;
}

}  // namespace nullcline::cycles
