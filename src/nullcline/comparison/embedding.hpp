// SPDX-License-Identifier: BSD-3-Clause
// Multidimensional scaling: points in the plane whose distances are those of a matrix, as far as
// that can be.
#pragma once

#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::comparison {

/// Classical scaling (Torgerson 1952): B = -1/2 J D^2 J, and its leading eigenpairs as
/// V sqrt(Lambda). The largest entry of each axis is positive.
struct ClassicalScaling {
  Matrix points;       ///< (n, n_dimensions); 0 along directions of no positive eigenvalue
  Vector eigenvalues;  ///< (n), falling; negative ones: the distances are not Euclidean
};
/// @throws InvalidInput if `distances` is not square, symmetric, finite, non-negative with a zero
/// diagonal, or n_dimensions is not 1 to n.
ClassicalScaling classical_scaling(ConstMatrixRef distances, Index n_dimensions = 2);

struct SmacofOptions {
  int max_iterations = 1000;
  double tolerance = 1e-12;  ///< least decrease of stress / sum_i |x_i| that goes on
};

/// Metric scaling by majorization (de Leeuw 1977; Borg & Groenen 2005, chapter 8): lowers the
/// stress 1/2 sum_ij (|x_i - x_j| - D_ij)^2 over all ordered pairs from the given points.
struct Smacof {
  Matrix points;               ///< (n, n_dimensions)
  std::vector<double> stress;  ///< after each iteration
};
/// @throws InvalidInput as classical_scaling does, or if `start` has not n rows.
Smacof smacof(ConstMatrixRef distances, ConstMatrixRef start, const SmacofOptions& options = {});

/// `points` moved, rotated or reflected, without scaling, to lie as near as possible to `reference`
/// (both (n, n_dimensions)). @throws InvalidInput
Matrix align(ConstMatrixRef points, ConstMatrixRef reference);
/// The same motion, of other points too: `moved` is (m, n_dimensions).
Matrix align(ConstMatrixRef points, ConstMatrixRef reference, ConstMatrixRef moved);

}  // namespace nullcline::comparison
