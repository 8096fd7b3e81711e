// SPDX-License-Identifier: BSD-3-Clause
// Products of exact matrices with intervals, by midpoints and radii on SIMD lanes. The bounds hold
// for any order of summation and with or without fused operations; they are proven in
// docs/methods/interval.md.
#pragma once

#include <span>

#include "nullcline/core/matrix.hpp"
#include "nullcline/numerics/interval.hpp"

namespace nullcline::numerics {

/// Encloses sum_j a_j v_j over n terms; the whole line where that overflows.
Interval dot(const double* a, const Interval* v, Index n);

/// An exact row-major matrix times a vector of intervals.
struct MatrixProduct {
  const double* matrix = nullptr;
  const Interval* vector = nullptr;
  Index cols = 0;
};
/// out encloses the sum of the terms and of `offset`, `rows` numbers each; the whole line where
/// that overflows. Not in place.
void affine(std::span<const MatrixProduct> terms, const double* offset, Interval* out, Index rows);

/// Most rows that `combine_rows` takes.
inline constexpr std::size_t kMostCombinedRows = 4;
/// One term of a linear combination of rows: an interval times n exact numbers.
struct ScaledRow {
  Interval scale;
  const double* row = nullptr;
};
/// out_j encloses sum_k terms[k].scale * terms[k].row[j], j < n, for at most kMostCombinedRows
/// terms.
void combine_rows(std::span<const ScaledRow> terms, Interval* out, Index n);

/// v_j = scale * v_j + term.scale * term.row[j], enclosed, in place for j < n.
void scale_and_add(const Interval& scale, const ScaledRow& term, Interval* v, Index n);

/// out encloses A B for exact A (rows, inner) and B (inner, cols), all row-major.
void product(const double* a, const Interval* b, Interval* out, Index rows, Index inner,
             Index cols);

/// An upper bound of sum_j max |x_j - m_j| over x_j in v_j, j < n.
double distance_sum(const Interval* v, const double* m, Index n);

}  // namespace nullcline::numerics
