// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::fixed_points {

/// Boxes that hold exactly one zero each, around the zeros found so far.
///
/// Two end states are the same point exactly when one lies in the other's box: there is no
/// tolerance. Inside its box a zero also attracts the chord iteration x - Y r(x) with the Y of its
/// certificate, so that a solver which enters a box may stop there.
class UniquenessBoxes {
 public:
  explicit UniquenessBoxes(Index size) : size_(size) {}

  /// The box {x : |x - center| <= half_width} in the infinity norm; `id` is what `find` returns.
  void add(ConstVectorRef center, double half_width, Index id);
  /// The id of the box that holds `point` (size() numbers), or -1. Does not allocate.
  Index find(const double* point) const;

 private:
  Index size_;
  std::vector<double> centers_;  // one after the other
  std::vector<double> half_widths_;
  std::vector<Index> ids_;
};

}  // namespace nullcline::fixed_points
