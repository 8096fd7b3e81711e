// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::numerics {

/// A constant matrix for many products with vectors, which memory bounds: where single precision
/// holds every entry exactly, the matrix is kept in half the memory. Products are in double
/// precision either way.
class CompactMatrix {
 public:
  explicit CompactMatrix(ConstMatrixRef matrix);
  bool is_single() const { return !single_.empty() || double_.size() == 0; }
  /// out = a x.  x: (cols), out: (rows).
  void multiply_vector(ConstVectorRef x, VectorRef out) const;

 private:
  Index rows_, cols_;
  std::vector<float> single_;
  Matrix double_;
};

}  // namespace nullcline::numerics
