// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/many_lu.hpp"

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points::internal {

namespace {

constexpr Index kLargestLaneSize = 97;  // above it LAPACK's blocking wins

std::size_t size_of(Index n) { return static_cast<std::size_t>(n); }

}  // namespace

Index ManyLu::best_count(Index size) {
  return size <= kLargestLaneSize ? numerics::lane_kernels<double>().lanes : 1;
}

ManyLu::ManyLu(Index count, Index size)
    : count_(count),
      size_(size),
      matrices_(count * size, size),
      kernels_(numerics::lane_kernels<double>()) {
  NULLCLINE_ASSERT(count == 1 || count == kernels_.lanes);
  if (count == 1) {
    pivots_.resize(size_of(size));
    return;
  }
  const Index stride = size | 1;
  pivots_.resize(size_of(size * count));
  lane_matrices_.resize(size_of(size * stride * count));
  lane_vectors_.resize(size_of(size * count));
  pack_ = {size, stride, lane_matrices_.data(), pivots_.data()};
}

void ManyLu::factor() {
  if (!uses_lanes()) {
    numerics::lu_factor(MatrixRef(matrices_), pivots_);
    return;
  }
  for (Index i = 0; i < size_; ++i)
    for (Index j = 0; j < size_; ++j)
      for (Index k = 0; k < count_; ++k)
        lane_matrices_[size_of((i * pack_.stride + j) * count_ + k)] = matrices_(k * size_ + i, j);
  kernels_.factor(pack_);
}

void ManyLu::solve(MatrixRef rows) {
  if (!uses_lanes()) {
    Eigen::Map<Vector> right_hand_side(rows.data(), size_);
    numerics::lu_solve(matrices_, pivots_, VectorRef(right_hand_side));
    return;
  }
  for (Index i = 0; i < size_; ++i)
    for (Index k = 0; k < count_; ++k) lane_vectors_[size_of(i * count_ + k)] = rows(k, i);
  kernels_.solve(pack_, lane_vectors_.data());
  for (Index i = 0; i < size_; ++i)
    for (Index k = 0; k < count_; ++k) rows(k, i) = lane_vectors_[size_of(i * count_ + k)];
}

}  // namespace nullcline::fixed_points::internal
