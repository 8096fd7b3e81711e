// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/neighbors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "nullcline/core/error.hpp"

namespace nullcline::task_analysis {

Matrix nearest_neighbor_graph(ConstMatrixRef points, int n_neighbors) {
  if (n_neighbors < 1)
    throw InvalidInput(fmt::format("n_neighbors: found {}, expected at least 1", n_neighbors));
  const Index n = points.rows();
  Matrix graph = Matrix::Zero(n, n);
  for (Index i = 0; i < n; ++i) {
    std::vector<std::pair<double, Index>> others;
    for (Index j = 0; j < n; ++j)
      if (j != i) others.emplace_back((points.row(i) - points.row(j)).squaredNorm(), j);
    const auto n_edges = std::min(static_cast<std::ptrdiff_t>(others.size()),
                                  static_cast<std::ptrdiff_t>(n_neighbors));
    std::partial_sort(others.begin(), others.begin() + n_edges, others.end());
    for (auto other = others.begin(); other != others.begin() + n_edges; ++other)
      graph(i, other->second) = graph(other->second, i) = 1;
  }
  return graph;
}

}  // namespace nullcline::task_analysis
