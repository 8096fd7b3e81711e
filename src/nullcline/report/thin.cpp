// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/thin.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nullcline::report {
namespace {

// A trajectory that diverged ends before its first row that is not finite.
Matrix finite_part(const Matrix& trajectory) {
  Index n = 0;
  while (n < trajectory.rows() && trajectory.row(n).allFinite()) ++n;
  return trajectory.topRows(n);
}

std::vector<Index> kept_rows(const Matrix& trajectory, double distance) {
  std::vector<Index> rows{0};
  for (Index i = 1; i < trajectory.rows(); ++i) {
    const double d = (trajectory.row(i) - trajectory.row(rows.back())).norm();
    if (i + 1 == trajectory.rows() || d > distance) rows.push_back(i);
  }
  return rows;
}

double bounding_box_diagonal(std::span<const Matrix> trajectories) {
  const Index n_axes = trajectories.front().cols();
  Vector low = Vector::Constant(n_axes, std::numeric_limits<double>::infinity());
  Vector high = -low;
  for (const Matrix& trajectory : trajectories) {
    low = low.cwiseMin(trajectory.colwise().minCoeff().transpose());
    high = high.cwiseMax(trajectory.colwise().maxCoeff().transpose());
  }
  return (high - low).norm();
}

std::vector<Matrix> every_nth(std::span<const Matrix> trajectories, Index n_kept) {
  std::vector<Matrix> kept;
  const auto n = static_cast<Index>(trajectories.size());
  for (Index i = 0; i < n_kept; ++i)
    kept.push_back(trajectories[static_cast<std::size_t>(i * n / n_kept)]);
  return kept;
}

Index count_kept(std::span<const Matrix> trajectories, double distance) {
  Index n = 0;
  for (const Matrix& trajectory : trajectories)
    n += static_cast<Index>(kept_rows(trajectory, distance).size());
  return n;
}

// The smallest distance, within 1 %, that keeps at most max_points.
double smallest_distance(std::span<const Matrix> trajectories, double diagonal, Index max_points) {
  double low = 0, high = diagonal;
  while (high - low > 0.01 * high && high > 1e-6 * diagonal) {
    const double middle = (low + high) / 2;
    (count_kept(trajectories, middle) <= max_points ? high : low) = middle;
  }
  return high;
}

}  // namespace

ThinnedTrajectories thin_trajectories(std::span<const Matrix> trajectories, Index max_points) {
  std::vector<Matrix> kept;
  for (const Matrix& trajectory : trajectories) {
    kept.push_back(finite_part(trajectory));
    if (kept.back().rows() == 0) kept.pop_back();
  }
  if (2 * static_cast<Index>(kept.size()) > max_points)
    kept = every_nth(kept, std::max<Index>(0, max_points / 2));

  ThinnedTrajectories thinned;
  if (kept.empty()) return thinned;
  const double diagonal = bounding_box_diagonal(kept);
  Index n_points = 0;
  for (const Matrix& trajectory : kept) n_points += trajectory.rows();
  double distance = -1;  // keeps all
  if (n_points > max_points) {
    distance = smallest_distance(kept, diagonal, max_points);
    thinned.tolerance = diagonal > 0 ? distance / diagonal : 0;
  }
  for (Matrix& trajectory : kept) {
    const std::vector<Index> rows = kept_rows(trajectory, distance);
    thinned.n_points += static_cast<Index>(rows.size());
    thinned.trajectories.emplace_back(trajectory(rows, Eigen::all));
  }
  return thinned;
}

std::vector<Index> thin_curve(std::span<const double> values, Index max_points) {
  const auto n = static_cast<Index>(values.size());
  std::vector<Index> kept;
  const Index n_stretches = std::max<Index>(2, max_points / 2 - 1);
  if (n <= 2 * n_stretches) {
    for (Index i = 0; i < n; ++i) kept.push_back(i);
    return kept;
  }
  const auto value = [&](Index i) { return values[static_cast<std::size_t>(i)]; };
  for (Index s = 0; s < n_stretches; ++s) {
    Index lowest = s * n / n_stretches, highest = lowest;
    for (Index i = lowest + 1; i < (s + 1) * n / n_stretches; ++i) {
      if (!std::isfinite(value(i))) continue;
      if (!std::isfinite(value(lowest)) || value(i) < value(lowest)) lowest = i;
      if (!std::isfinite(value(highest)) || value(i) > value(highest)) highest = i;
    }
    kept.push_back(std::min(lowest, highest));
    if (lowest != highest) kept.push_back(std::max(lowest, highest));
  }
  if (kept.front() != 0) kept.insert(kept.begin(), 0);
  if (kept.back() != n - 1) kept.push_back(n - 1);
  return kept;
}

}  // namespace nullcline::report
