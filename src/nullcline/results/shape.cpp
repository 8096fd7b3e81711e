// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/shape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/projection.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::results {

namespace {

constexpr Index kShownComponents = 3;
constexpr double kDecided = 0.5;  // of the level

}  // namespace

Shape shape_of(ConstMatrixRef states, ConstMatrixRef readouts, ConstVectorRef level) {
  NULLCLINE_ASSERT(readouts.rows() == states.rows());
  Shape shape;
  shape.n_states = states.rows();
  const Index n_channels = readouts.cols();
  shape.decided.assign(static_cast<std::size_t>(n_channels) + 1, 0);
  if (states.rows() == 0) return shape;
  shape.explained_variance =
      dynamics::principal_components(states, kShownComponents).explained_variance;
  shape.level = level.size() > 0 ? Vector(level)
                                 : Vector(readouts.cwiseAbs().colwise().maxCoeff().transpose());
  std::set<std::string> corners;
  for (Index i = 0; i < states.rows(); ++i) {
    std::size_t n_decided = 0;
    std::string signs;
    for (Index k = 0; k < n_channels; ++k) {
      n_decided += std::abs(readouts(i, k)) > kDecided * shape.level(k) ? 1 : 0;
      signs += readouts(i, k) > 0 ? '+' : '-';
    }
    ++shape.decided[n_decided];
    if (n_channels > 0 && static_cast<Index>(n_decided) == n_channels) corners.insert(signs);
  }
  shape.n_corners = static_cast<Index>(corners.size());
  return shape;
}

double explained_by_points(ConstMatrixRef states, ConstMatrixRef points) {
  const Vector mean = states.colwise().mean().transpose();
  const double variance = (states.rowwise() - mean.transpose()).squaredNorm();
  if (points.rows() == 0 || !(variance > 0)) return std::numeric_limits<double>::quiet_NaN();
  double left = 0;
  for (Index i = 0; i < states.rows(); ++i)
    left += (points.rowwise() - states.row(i)).rowwise().squaredNorm().minCoeff();
  return 1 - left / variance;
}

Vector alignment(ConstMatrixRef a, ConstMatrixRef b, Index n_axes) {
  if (a.rows() == 0 || b.rows() == 0) return {};
  const Matrix first = dynamics::principal_components(a, n_axes).axes;
  const Matrix second = dynamics::principal_components(b, n_axes).axes;
  if (first.rows() == 0 || second.rows() == 0) return {};
  // The singular values of first second^T are the roots of the eigenvalues of its square.
  const Matrix product = first * second.transpose();
  const bool is_wide = product.rows() < product.cols();
  const Matrix square =
      is_wide ? Matrix(product * product.transpose()) : Matrix(product.transpose() * product);
  const Vector values = numerics::symmetric_eigensystem(square).values;
  return values.reverse().cwiseMax(0).cwiseMin(1).cwiseSqrt();
}

std::vector<PairDistances> pair_distances(ConstMatrixRef states, ConstMatrixRef readouts) {
  NULLCLINE_ASSERT(readouts.rows() == states.rows());
  std::map<int, PairDistances> groups;
  for (Index i = 0; i < states.rows() && readouts.cols() > 0; ++i)
    for (Index j = 0; j < i; ++j) {
      int n_differing = 0;
      for (Index k = 0; k < readouts.cols(); ++k)
        n_differing += (readouts(i, k) > 0) != (readouts(j, k) > 0) ? 1 : 0;
      const double distance = (states.row(i) - states.row(j)).norm();
      PairDistances& group = groups[n_differing];
      group.n_differing = n_differing;
      group.least = group.n_pairs == 0 ? distance : std::min(group.least, distance);
      group.largest = std::max(group.largest, distance);
      group.mean += distance;
      ++group.n_pairs;
    }
  std::vector<PairDistances> result;
  for (auto& [n_differing, group] : groups) {
    group.mean /= static_cast<double>(group.n_pairs);
    result.push_back(group);
  }
  return result;
}

Matrix channel_shares(ConstMatrixRef states, ConstMatrixRef readouts) {
  NULLCLINE_ASSERT(readouts.rows() == states.rows());
  if (states.rows() == 0 || readouts.cols() == 0) return Matrix(0, readouts.cols());
  const dynamics::Projection components = dynamics::principal_components(states, readouts.cols());
  if (components.axes.rows() == 0) return Matrix(0, readouts.cols());
  const Matrix signs = readouts.unaryExpr([](double x) { return x > 0 ? 1.0 : -1.0; });
  Matrix shares = (components.project(states).transpose() * signs).cwiseAbs2();
  for (Index i = 0; i < shares.rows(); ++i)
    if (const double sum = shares.row(i).sum(); sum > 0) shares.row(i) /= sum;
  return shares;
}

Index n_distinct(ConstMatrixRef states, double distance) {
  std::vector<Index> kept;
  for (Index i = 0; i < states.rows(); ++i)
    if (std::none_of(kept.begin(), kept.end(),
                     [&](Index j) { return (states.row(i) - states.row(j)).norm() <= distance; }))
      kept.push_back(i);
  return static_cast<Index>(kept.size());
}

Matrix states_of(const fixed_points::FixedPointSet& set, bool fixed_only, Index n_states) {
  Matrix states(static_cast<Index>(set.points.size()), n_states);
  Index n = 0;
  for (const fixed_points::FixedPoint& point : set.points)
    if (!fixed_only || point.kind == fixed_points::Kind::fixed)
      states.row(n++) = point.state.transpose();
  states.conservativeResize(n, Eigen::NoChange);
  return states;
}

}  // namespace nullcline::results
