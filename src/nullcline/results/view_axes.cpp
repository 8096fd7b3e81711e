// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/view_axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "nullcline/core/error.hpp"

namespace nullcline::results {

using dynamics::Projection;
using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;

Matrix cloud(const Visited& visited, const FixedPointSet& set) {
  std::vector<const Matrix*> parts;
  for (const Matrix& steps : visited.trajectories) parts.push_back(&steps);
  if (parts.empty()) parts.push_back(&visited.states);
  Index n = static_cast<Index>(parts.size() == 1 ? set.points.size() : 0);
  for (const Matrix* part : parts) n += part->rows();
  Matrix all(n, visited.states.cols());
  Index row = 0;
  for (const Matrix* part : parts) {
    all.middleRows(row, part->rows()) = *part;
    row += part->rows();
  }
  for (std::size_t i = 0; row < n; ++i, ++row) all.row(row) = set.points[i].state.transpose();
  return all;
}

Projection filled(Projection projection, const Projection& pca) {
  const Index wanted = std::min(kAxes, projection.axes.rows() + pca.axes.rows());
  const Index own = std::min(projection.axes.rows(), kAxes);
  projection.axes.conservativeResize(wanted, Eigen::NoChange);
  projection.labels.resize(static_cast<std::size_t>(own));
  for (Index k = own; k < wanted; ++k) {
    projection.axes.row(k) = pca.axes.row(k - own);
    projection.labels.push_back(pca.labels[static_cast<std::size_t>(k - own)]);
  }
  return projection;
}

std::size_t central_point(const FixedPointSet& set, int wanted) {
  if (wanted < -1 || wanted >= static_cast<int>(set.points.size()))
    throw InvalidInput(
        fmt::format("--mode-point: found {}, expected -1 to {}", wanted, set.points.size() - 1));
  if (wanted >= 0) return static_cast<std::size_t>(wanted);
  std::size_t best = 0;
  for (std::size_t i = 1; i < set.points.size(); ++i)
    if (set.points[i].kind == fixed_points::Kind::fixed &&
        set.points[i].n_unstable > set.points[best].n_unstable)
      best = i;
  return best;
}

Projection mode_axes(const FixedPoint& point, std::size_t number) {
  Projection projection;
  projection.name = fmt::format("modes of point {}", number);
  projection.origin = point.state;
  projection.axes.resize(0, point.state.size());
  const auto add = [&](const Vector& row, std::string label) {
    const Index k = projection.axes.rows();
    if (k == kAxes) return;
    projection.axes.conservativeResize(k + 1, Eigen::NoChange);
    projection.axes.row(k) = row.transpose();
    projection.labels.push_back(std::move(label));
  };
  for (Index k = 0; k < point.left_eigenvectors.rows(); ++k) {
    const std::complex<double> value = point.eigenvalues(k);
    if (value.imag() < 0) continue;
    const Vector re = point.left_eigenvectors.row(k).real().transpose();
    const Vector im = point.left_eigenvectors.row(k).imag().transpose();
    if (value.imag() == 0) {
      add(re, fmt::format("mode λ = {:.3f}", value.real()));
    } else {
      add(re, fmt::format("Re mode |λ| = {:.3f}", std::abs(value)));
      add(im, fmt::format("Im mode |λ| = {:.3f}", std::abs(value)));
    }
  }
  return projection;
}

Projection input_axes(const dynamics::System& system, const FixedPoint& point,
                      const Vector& input) {
  const Matrix pushes = input_jacobian_at(system, point.state, input);
  Projection projection;
  projection.name = "inputs";
  projection.origin = point.state;
  projection.axes.resize(0, point.state.size());
  for (Index k = 0; k < std::min(pushes.cols(), kAxes); ++k) {
    const double norm = pushes.col(k).norm();
    if (!(norm > 0) || !std::isfinite(norm)) continue;
    const Index n = projection.axes.rows();
    projection.axes.conservativeResize(n + 1, Eigen::NoChange);
    projection.axes.row(n) = pushes.col(k).transpose() / norm;
    projection.labels.push_back(fmt::format("input {}", k + 1));
  }
  return projection;
}

}  // namespace nullcline::results
