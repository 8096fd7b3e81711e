// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/conventions.hpp"

namespace nullcline::interchange {

Matrix in_our_order(ConstMatrixRef rows, const std::array<int, 4>& places, int n_gates) {
  const Index size = rows.rows() / n_gates;
  Matrix ordered(rows.rows(), rows.cols());
  for (int gate = 0; gate < n_gates; ++gate)
    ordered.middleRows(gate * size, size) =
        rows.middleRows(places[static_cast<std::size_t>(gate)] * size, size);
  return ordered;
}

}  // namespace nullcline::interchange
