// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/ranks.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace nullcline::comparison {

Vector upper_triangle(ConstMatrixRef matrix) {
  Vector entries(matrix.rows() * (matrix.rows() - 1) / 2);
  Index next = 0;
  for (Index i = 0; i < matrix.rows(); ++i)
    for (Index j = i + 1; j < matrix.cols(); ++j) entries(next++) = matrix(i, j);
  return entries;
}

Vector ranks(ConstVectorRef values) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return values(a) < values(b); });
  Vector result(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values(order[last + 1]) == values(order[first])) ++last;
    for (std::size_t i = first; i <= last; ++i)
      result(order[i]) = static_cast<double>(first + last) / 2;
    first = last + 1;
  }
  return result;
}

}  // namespace nullcline::comparison
