// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/matrix.hpp"

namespace nullcline::task_analysis {

/// The graph of nearest neighbors of n points, the rows of `points`, by Euclidean distance:
/// A(i, j) = 1 if j is among the `n_neighbors` points nearest to i, or i among those nearest to j;
/// (n, n), symmetric, without loops. Of equal distances the point that stands first counts.
/// @throws InvalidInput if n_neighbors is below 1.
Matrix nearest_neighbor_graph(ConstMatrixRef points, int n_neighbors = 1);

}  // namespace nullcline::task_analysis
