// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/embedding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::comparison {

namespace {

void require_distances(ConstMatrixRef distances) {
  if (distances.rows() != distances.cols() || distances.rows() < 1)
    throw InvalidInput(fmt::format("distances: found {} x {} values, expected a square matrix",
                                   distances.rows(), distances.cols()));
  for (Index i = 0; i < distances.rows(); ++i)
    for (Index j = 0; j <= i; ++j) {
      const double there = distances(i, j), back = distances(j, i);
      if (!std::isfinite(there) || there < 0 || (i == j && there != 0))
        throw InvalidInput(fmt::format("distances: found {} from {} to {}, expected {}", there, i,
                                       j, i == j ? "0" : "a number that is not negative"));
      if (!(std::abs(there - back) <= 1e-9 * (there + back)))
        throw InvalidInput(fmt::format(
            "distances: found {} from {} to {} but {} back, expected symmetry", there, i, j, back));
    }
}

Matrix distances_of(const Matrix& points) {
  Matrix result(points.rows(), points.rows());
  for (Index i = 0; i < points.rows(); ++i)
    result.row(i) = (points.rowwise() - points.row(i)).rowwise().norm().transpose();
  return result;
}

}  // namespace

ClassicalScaling classical_scaling(ConstMatrixRef distances, Index n_dimensions) {
  require_distances(distances);
  const Index n = distances.rows();
  if (n_dimensions < 1 || n_dimensions > n)
    throw InvalidInput(fmt::format("n_dimensions: found {}, expected 1 to {}", n_dimensions, n));
  Matrix b = distances.cwiseAbs2() / -2;
  const Vector means = b.rowwise().mean();
  const double mean = means.mean();
  b.colwise() -= means;
  b.rowwise() -= means.transpose();
  b.array() += mean;
  b = (b + Matrix(b.transpose())) / 2;
  const numerics::SymmetricEigensystem system = numerics::symmetric_eigensystem(b);
  ClassicalScaling result;
  result.eigenvalues = system.values.reverse();
  result.points.resize(n, n_dimensions);
  for (Index k = 0; k < n_dimensions; ++k) {
    const Vector axis = system.vectors.col(n - 1 - k);
    Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    const double sign = axis(largest) < 0 ? -1 : 1;
    result.points.col(k) = sign * std::sqrt(std::max(result.eigenvalues(k), 0.0)) * axis;
  }
  return result;
}

Smacof smacof(ConstMatrixRef distances, ConstMatrixRef start, const SmacofOptions& options) {
  constexpr double kLeastDistance = 1e-5;  // where two points fell together
  require_distances(distances);
  const Index n = distances.rows();
  if (start.rows() != n || start.cols() < 1 || !start.allFinite())
    throw InvalidInput(fmt::format("start: found {} x {} values, expected {} points, all finite",
                                   start.rows(), start.cols(), n));
  Smacof result{start, {}};
  double before = 0;
  for (int i = 0; i < options.max_iterations; ++i) {
    Matrix current = distances_of(result.points);
    const double stress = (current - distances).squaredNorm() / 2;
    current = (current.array() == 0).select(kLeastDistance, current);
    // Guttman's transform.
    Matrix b = -distances.cwiseQuotient(current);
    b.diagonal().setZero();
    b.diagonal() = -b.rowwise().sum();
    result.points = b * result.points / static_cast<double>(n);
    result.stress.push_back(stress);
    const double scaled = stress / result.points.rowwise().norm().sum();
    if (i > 0 && before - scaled < options.tolerance) break;
    before = scaled;
  }
  return result;
}

Matrix align(ConstMatrixRef points, ConstMatrixRef reference) {
  return align(points, reference, points);
}

Matrix align(ConstMatrixRef points, ConstMatrixRef reference, ConstMatrixRef moved) {
  if (points.rows() != reference.rows() || points.cols() != reference.cols() || points.size() == 0)
    throw InvalidInput(fmt::format("points: found {} x {}, expected {} x {} as the reference",
                                   points.rows(), points.cols(), reference.rows(),
                                   reference.cols()));
  if (moved.cols() != points.cols())
    throw InvalidInput(
        fmt::format("moved: found {} coordinates, expected {}", moved.cols(), points.cols()));
  const Eigen::RowVectorXd here = points.colwise().mean(), there = reference.colwise().mean();
  const Matrix centered = points.rowwise() - here;
  const numerics::Svd svd =
      numerics::svd(Matrix(centered.transpose() * (reference.rowwise() - there)));
  return (((moved.rowwise() - here) * svd.u * svd.v_transposed).rowwise() + there).eval();
}

}  // namespace nullcline::comparison
