// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/activity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::comparison {

namespace {
constexpr double kRankTolerance = 1e-10;
constexpr double kTie = 1e-12;  // shares of variance that differ by less are equal
}  // namespace

Index Activity::n_directions(double share) const {
  const double wanted = (share - kTie) * s.squaredNorm();
  double sum = 0;
  for (Index k = 0; k < rank(); ++k) {
    sum += s(k) * s(k);
    if (sum >= wanted) return k + 1;
  }
  return rank();
}

Activity make_activity(ConstMatrixRef samples, Index n_trials) {
  if (samples.rows() < 2 || samples.cols() < 1)
    throw InvalidInput(
        fmt::format("activity: found {} samples of {} units, expected at least 2 of at least 1",
                    samples.rows(), samples.cols()));
  if (!samples.allFinite()) throw InvalidInput("activity: found a value that is not finite");
  if (n_trials < 1 || samples.rows() % n_trials != 0)
    throw InvalidInput(fmt::format("n_trials: found {}, expected a divisor of the {} samples",
                                   n_trials, samples.rows()));
  Activity result;
  result.samples = samples;
  result.n_trials = n_trials;
  Matrix centered = samples.rowwise() - samples.colwise().mean();
  // The mean of equal values may be off by a rounding error: a dead unit is exactly 0.
  for (Index j = 0; j < centered.cols(); ++j)
    if ((samples.col(j).array() == samples(0, j)).all()) centered.col(j).setZero();
  result.energies = centered.rowwise().squaredNorm();
  numerics::Svd svd = numerics::svd(centered);
  Index rank = 0;
  while (rank < svd.s.size() && svd.s(rank) > kRankTolerance * svd.s(0)) ++rank;
  result.basis = svd.u.leftCols(rank).transpose();
  result.s = svd.s.head(rank);
  result.v = svd.v_transposed.topRows(rank).transpose();
  return result;
}

std::string sample_warning(Index n_samples, Index n_units) {
  constexpr Index kEnough = 10;  // samples for each unit
  if (n_samples >= kEnough * n_units) return "";
  return fmt::format(
      "{} samples are few for {} units: measures other than unbiased_cka are then high for "
      "unrelated data too{}",
      n_samples, n_units,
      n_samples <= n_units ? ", and canonical correlations are 1 whatever the data" : "");
}

std::string sample_warning(const std::vector<Activity>& activities) {
  Index n_samples = std::numeric_limits<Index>::max(), n_units = 0;
  for (const Activity& activity : activities) {
    n_samples = std::min(n_samples, activity.n_samples());
    n_units = std::max(n_units, activity.n_units());
  }
  return sample_warning(n_samples, n_units);
}

}  // namespace nullcline::comparison
