// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/projection.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::dynamics {

Matrix Projection::project(ConstMatrixRef states) const {
  return (states.rowwise() - origin.transpose()) * axes.transpose();
}

Projection principal_components(ConstMatrixRef states, Index n_axes) {
  if (states.rows() < 1 || n_axes < 1)
    throw InvalidInput(fmt::format(
        "principal components: found {} states and {} axes, expected at least one of each",
        states.rows(), n_axes));
  Projection result;
  result.name = "PCA";
  result.origin = states.colwise().mean().transpose();
  const Matrix centered = states.rowwise() - result.origin.transpose();
  // The covariance is small (n_states squared) whatever the number of states.
  Matrix covariance(states.cols(), states.cols());
  const Matrix transposed = centered.transpose();
  numerics::multiply_transposed(transposed, transposed, covariance);
  const auto [values, vectors] = numerics::symmetric_eigensystem(covariance);
  const double total = std::max(values.sum(), 0.0);
  const Index n = values.size();
  Index kept = 0;
  while (kept < std::min(n_axes, n) && values(n - 1 - kept) > 1e-24 * std::max(total, 1e-300))
    ++kept;
  result.axes.resize(kept, n);
  result.explained_variance.resize(kept);
  for (Index axis = 0; axis < kept; ++axis) {
    Vector direction = vectors.col(n - 1 - axis);
    Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    if (direction(largest) < 0) direction = -direction;
    result.axes.row(axis) = direction.transpose();
    result.explained_variance(axis) = values(n - 1 - axis) / total;
    result.labels.push_back(
        fmt::format("PC {} ({:.1f} %)", axis + 1, 100 * result.explained_variance(axis)));
  }
  return result;
}

}  // namespace nullcline::dynamics
