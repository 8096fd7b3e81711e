// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/krylov.hpp"

#include <cblas.h>

#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::numerics {

namespace {

using FloatVector = Eigen::Map<Eigen::VectorXf>;

std::size_t size(Index n) { return static_cast<std::size_t>(n); }
int as_int(Index n) { return static_cast<int>(n); }

}  // namespace

BatchKrylov::BatchKrylov(Index n, Index capacity, Index max_basis)
    : n_(n),
      max_basis_(max_basis),
      basis_(size(capacity * (max_basis + 1) * n)),
      hessenberg_(size(capacity * max_basis * (max_basis + 1))),
      right_side_(size(capacity * (max_basis + 1))),
      coefficients_(size(max_basis)),
      products_(size(max_basis)),
      rotations_(size(capacity * max_basis)),
      in_(capacity, n),
      out_(capacity, n),
      residual_(capacity, n),
      direction_(capacity, n),
      rows_(size(capacity)),
      active_(size(capacity)),
      gamma_(size(capacity)) {}

// Puts the rows that are still at work together, for one product.
void BatchKrylov::gather(const FloatMatrix& from, Index count) {
  for (Index a = 0; a < count; ++a) in_.row(a) = from.row(rows_[size(a)]);
}

void BatchKrylov::gmres(BatchOperator& a, std::span<const Index> systems, ConstFloatMatrixRef rhs,
                        float tolerance, FloatMatrixRef x, std::span<float> errors) {
  Index n_active = 0;
  x.setZero();
  for (Index row = 0; row < rhs.rows(); ++row) {
    const float norm = rhs.row(row).norm();
    errors[size(row)] = norm == 0 ? 0.0f : 1.0f;
    if (!(norm > 0) || !std::isfinite(norm)) continue;
    FloatVector(basis(row), n_) = rhs.row(row).transpose() / norm;
    right_side_[size(row * (max_basis_ + 1))] = norm;
    gamma_[size(row)] = norm;
    rows_[size(n_active++)] = row;
  }
  for (Index j = 0; j < max_basis_ && n_active > 0; ++j) {
    for (Index i = 0; i < n_active; ++i) {
      active_[size(i)] = systems[size(rows_[size(i)])];
      in_.row(i) = FloatVector(basis(rows_[size(i)]) + j * n_, n_).transpose();
    }
    a.apply({active_.data(), size(n_active)}, in_.topRows(n_active), out_.topRows(n_active));
    Index kept = 0;
    for (Index i = 0; i < n_active; ++i) {
      const Index row = rows_[size(i)];
      const float error = extend(row, j, out_.row(i).data()) / gamma_[size(row)];
      errors[size(row)] = error;
      if (error > tolerance && j + 1 < max_basis_) {
        rows_[size(kept++)] = row;
        continue;
      }
      combine(row, j + 1, x.row(row).data());
    }
    n_active = kept;
  }
}

// Column j of the Hessenberg matrix from w = A v_j, and v_{j+1}. Returns the norm of the residual.
float BatchKrylov::extend(Index row, Index j, float* w) {
  float* column = hessenberg(row, j);
  const float norm = orthogonalize(row, j + 1, w, column);
  if (norm > 0)
    FloatVector(basis(row) + (j + 1) * n_, n_) = FloatVector(w, n_) / norm;
  else
    FloatVector(basis(row) + (j + 1) * n_, n_).setZero();
  Rotation* rotations = rotations_.data() + row * max_basis_;
  for (Index i = 0; i < j; ++i) {
    const float upper = column[i];
    column[i] = rotations[i].c * upper + rotations[i].s * column[i + 1];
    column[i + 1] = rotations[i].c * column[i + 1] - rotations[i].s * upper;
  }
  const float length = std::hypot(column[j], norm);
  if (length > 0) rotations[j] = {column[j] / length, norm / length};
  column[j] = length;
  float* g = right_side_.data() + row * (max_basis_ + 1);
  g[j + 1] = -rotations[j].s * g[j];
  g[j] *= rotations[j].c;
  return std::abs(g[j + 1]);
}

// Classical Gram-Schmidt, a second time where much was taken away. Returns what is left of |w|.
float BatchKrylov::orthogonalize(Index row, Index n_vectors, float* w, float* column) {
  constexpr float kMuch = 0.5f;
  const float* v = basis(row);
  FloatVector vector(w, n_);
  float before = vector.norm(), after = before;
  std::fill(column, column + n_vectors + 1, 0.0f);
  for (int pass = 0; pass < 2; ++pass) {
    cblas_sgemv(CblasRowMajor, CblasNoTrans, as_int(n_vectors), as_int(n_), 1.0f, v, as_int(n_), w,
                1, 0.0f, products_.data(), 1);
    cblas_sgemv(CblasRowMajor, CblasTrans, as_int(n_vectors), as_int(n_), -1.0f, v, as_int(n_),
                products_.data(), 1, 1.0f, w, 1);
    for (Index i = 0; i < n_vectors; ++i) column[i] += products_[size(i)];
    after = vector.norm();
    if (after > kMuch * before) break;
    before = after;
  }
  return after;
}

// x = V y with R y = g.
void BatchKrylov::combine(Index row, Index n_columns, float* x) {
  const float* g = right_side_.data() + row * (max_basis_ + 1);
  for (Index i = n_columns - 1; i >= 0; --i) {
    float sum = g[i];
    for (Index k = i + 1; k < n_columns; ++k) sum -= hessenberg(row, k)[i] * coefficients_[size(k)];
    coefficients_[size(i)] = sum / hessenberg(row, i)[i];
  }
  cblas_sgemv(CblasRowMajor, CblasTrans, as_int(n_columns), as_int(n_), 1.0f, basis(row),
              as_int(n_), coefficients_.data(), 1, 0.0f, x, 1);
}

void BatchKrylov::least_squares(BatchOperator& a, std::span<const Index> systems,
                                ConstFloatMatrixRef rhs, std::span<const float> mu, float tolerance,
                                int max_iterations, FloatMatrixRef x, std::span<float> errors,
                                std::span<float> falls) {
  Index n_active = rhs.rows();
  const auto active = [&] { return std::span<const Index>(active_.data(), size(n_active)); };
  for (Index row = 0; row < n_active; ++row) {
    rows_[size(row)] = row;
    active_[size(row)] = systems[size(row)];
  }
  x.setZero();
  residual_.topRows(n_active) = rhs;
  a.apply_transposed(active(), rhs, out_.topRows(n_active));
  direction_.topRows(n_active) = out_.topRows(n_active);
  for (Index row = 0; row < n_active; ++row) {
    gamma_[size(row)] = direction_.row(row).squaredNorm();
    right_side_[size(row)] = gamma_[size(row)];  // |A^T rhs|^2
    errors[size(row)] = gamma_[size(row)] == 0 ? 0.0f : 1.0f;
  }
  for (int k = 0; k < max_iterations && n_active > 0; ++k) {
    gather(direction_, n_active);
    a.apply(active(), in_.topRows(n_active), out_.topRows(n_active));
    for (Index i = 0; i < n_active; ++i) {
      const Index row = rows_[size(i)];
      const float curvature =
          out_.row(i).squaredNorm() + mu[size(row)] * direction_.row(row).squaredNorm();
      const float length = gamma_[size(row)] / curvature;
      x.row(row) += length * direction_.row(row);
      residual_.row(row) -= length * out_.row(i);
    }
    gather(residual_, n_active);
    a.apply_transposed(active(), in_.topRows(n_active), out_.topRows(n_active));
    Index kept = 0;
    for (Index i = 0; i < n_active; ++i) {
      const Index row = rows_[size(i)];
      out_.row(i) -= mu[size(row)] * x.row(row);
      const float gamma = out_.row(i).squaredNorm();
      errors[size(row)] = std::sqrt(gamma / right_side_[size(row)]);
      if (!(errors[size(row)] > tolerance)) continue;  // also where it is not a number
      direction_.row(row) = out_.row(i) + (gamma / gamma_[size(row)]) * direction_.row(row);
      gamma_[size(row)] = gamma;
      rows_[size(kept)] = row;
      active_[size(kept++)] = systems[size(row)];
    }
    n_active = kept;
  }
  for (Index row = 0; row < rhs.rows(); ++row)
    falls[size(row)] = rhs.row(row).squaredNorm() - residual_.row(row).squaredNorm();
}

}  // namespace nullcline::numerics
