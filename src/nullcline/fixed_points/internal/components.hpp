// SPDX-License-Identifier: BSD-3-Clause
// The blocks of a matrix that is block triangular once its rows and columns are ordered.
#pragma once

#include <functional>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::fixed_points::internal {

/// The strongly connected components of the graph with an edge from i to j where has_entry(i, j),
/// 0 <= i, j < n. The eigenvalues of a matrix without entries elsewhere are those of its diagonal
/// blocks on the components.
std::vector<std::vector<Index>> strong_components(
    Index n, const std::function<bool(Index, Index)>& has_entry);

}  // namespace nullcline::fixed_points::internal
