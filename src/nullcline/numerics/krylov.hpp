// SPDX-License-Identifier: BSD-3-Clause
// Iterative solvers for many large systems at once, in float32: matrices are seen only through
// products, which the operators compute for all systems together. One thread.
#pragma once

#include <span>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {

/// One square matrix A_b for each system b.
class BatchOperator {
 public:
  virtual ~BatchOperator() = default;
  /// out.row(i) = A_b in.row(i) with b = systems[i].
  virtual void apply(std::span<const Index> systems, ConstFloatMatrixRef in,
                     FloatMatrixRef out) = 0;
  /// out.row(i) = A_b^T in.row(i).
  virtual void apply_transposed(std::span<const Index> systems, ConstFloatMatrixRef in,
                                FloatMatrixRef out) = 0;
};

/// Solvers with the memory that they need: 4 n capacity (max_basis + 5) bytes and little more.
class BatchKrylov {
 public:
  BatchKrylov(Index n, Index capacity, Index max_basis);

  /// GMRES without restarts (Saad & Schultz 1986): A_b x = rhs for each b in `systems`, from x = 0;
  /// row i of `rhs` and `x` belongs to systems[i]. errors[i] = |A x - rhs| / |rhs|; a system stops
  /// when it is below `tolerance`, or when the basis is full.
  void gmres(BatchOperator& a, std::span<const Index> systems, ConstFloatMatrixRef rhs,
             float tolerance, FloatMatrixRef x, std::span<float> errors);

  /// Conjugate gradients for least squares (Bjorck 1996, 7.4): min |A x - rhs|^2 + mu |x|^2.
  /// errors[i] = |A^T (A x - rhs) + mu x| / |A^T rhs|; falls[i] = |rhs|^2 - |A x - rhs|^2.
  void least_squares(BatchOperator& a, std::span<const Index> systems, ConstFloatMatrixRef rhs,
                     std::span<const float> mu, float tolerance, int max_iterations,
                     FloatMatrixRef x, std::span<float> errors, std::span<float> falls);

 private:
  struct Rotation {
    float c = 1, s = 0;
  };
  float* basis(Index row) { return basis_.data() + row * (max_basis_ + 1) * n_; }
  float* hessenberg(Index row, Index column) {
    return hessenberg_.data() + (row * max_basis_ + column) * (max_basis_ + 1);
  }
  float orthogonalize(Index row, Index n_vectors, float* w, float* column);
  float extend(Index row, Index j, float* w);
  void combine(Index row, Index n_columns, float* x);
  void gather(const FloatMatrix& from, Index count);

  Index n_, max_basis_;
  std::vector<float> basis_, hessenberg_, right_side_, coefficients_, products_;
  std::vector<Rotation> rotations_;
  FloatMatrix in_, out_, residual_, direction_;
  std::vector<Index> rows_, active_;
  std::vector<float> gamma_;
};

}  // namespace nullcline::numerics
