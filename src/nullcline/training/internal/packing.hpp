// SPDX-License-Identifier: BSD-3-Clause
// Between the flat array of parameters and the panels that the products read.
#pragma once

#include <vector>

#include "nullcline/numerics/aligned.hpp"
#include "nullcline/training/internal/parameters.hpp"
#include "nullcline/training/internal/shape.hpp"

namespace nullcline::training::internal {

using numerics::AlignedVector;
using numerics::kCacheLine;

/// Weights in the order in which the products read them; made once per iteration.
template <class T>
struct PackedWeights {
  explicit PackedWeights(const Shape& shape);
  void pack(const Shape& shape, const ParameterLayout& layout, const std::vector<T>& values);

  AlignedVector<T> forward;             ///< panels of (k, columns): [W | A | b] transposed
  AlignedVector<T> candidate_forward;   ///< GRU: panels of (candidate_k, units)
  AlignedVector<T> backward;            ///< panels of (columns + n_outputs, units): [W; C]
  AlignedVector<T> candidate_backward;  ///< GRU, reset before: panels of (units, units)
  AlignedVector<T> readout;             ///< (k, output_stride): [C | 0 | d] transposed
  AlignedVector<T> initial_state;  ///< h0, then c0 (lstm) or phi(v0) (leaky-outside): (units) each
};

/// Gradients in the order in which the products write them.
template <class T>
struct PackedGradients {
  explicit PackedGradients(const Shape& shape);
  void set_zero();
  void add(const PackedGradients& other);
  /// Adds to `gradient`, laid out as the parameters.
  void unpack(const Shape& shape, const ParameterLayout& layout, std::vector<T>& gradient) const;

  AlignedVector<T> main;       ///< (k, columns)
  AlignedVector<T> candidate;  ///< GRU: (candidate_k, units)
  AlignedVector<T> readout;    ///< (n_outputs, state_stride), as state rows
  AlignedVector<T> initial_state;
};

}  // namespace nullcline::training::internal
