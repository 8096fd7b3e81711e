// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/merge.hpp"

#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::fixed_points {

void UniquenessBoxes::add(ConstVectorRef center, double half_width, Index id) {
  NULLCLINE_ASSERT(center.size() == size_ && half_width > 0);
  centers_.insert(centers_.end(), center.data(), center.data() + size_);
  half_widths_.push_back(half_width);
  ids_.push_back(id);
}

Index UniquenessBoxes::find(const double* point) const {
  for (std::size_t box = 0; box < half_widths_.size(); ++box) {
    const double* center = centers_.data() + box * static_cast<std::size_t>(size_);
    Index i = 0;
    while (i < size_ && std::abs(point[i] - center[i]) <= half_widths_[box]) ++i;
    if (i == size_) return ids_[box];
  }
  return -1;
}

}  // namespace nullcline::fixed_points
