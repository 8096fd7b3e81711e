// SPDX-License-Identifier: BSD-3-Clause
// Batched iterative solvers, against factorizations in float64.
#include "nullcline/numerics/krylov.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {
namespace {

std::size_t size(Index n) { return static_cast<std::size_t>(n); }

// A matrix for each system, and how many rows were ever asked of each.
class Matrices : public BatchOperator {
 public:
  Matrices(Index count, Index n, double spread) : calls(size(count), 0) {
    Rng rng(7, Purpose::tests);
    for (Index b = 0; b < count; ++b) {
      Matrix m = Matrix::Identity(n, n);
      for (Index i = 0; i < m.size(); ++i)
        m.data()[i] += spread * rng.normal() / std::sqrt(static_cast<double>(n));
      matrices.push_back(m);
    }
  }
  void apply(std::span<const Index> systems, ConstFloatMatrixRef in, FloatMatrixRef out) override {
    for (Index i = 0; i < in.rows(); ++i) {
      ++calls[size(systems[size(i)])];
      out.row(i) = in.row(i) * matrices[size(systems[size(i)])].transpose().cast<float>();
    }
  }
  void apply_transposed(std::span<const Index> systems, ConstFloatMatrixRef in,
                        FloatMatrixRef out) override {
    for (Index i = 0; i < in.rows(); ++i)
      out.row(i) = in.row(i) * matrices[size(systems[size(i)])].cast<float>();
  }

  std::vector<Matrix> matrices;
  std::vector<int> calls;
};

FloatMatrix random_rows(Index rows, Index cols) {
  Rng rng(8, Purpose::tests);
  FloatMatrix m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<float>(rng.normal());
  return m;
}

constexpr Index kSize = 50, kCount = 5;

TEST(Gmres, SolvesEachSystemToTheTolerance) {
  Matrices a(kCount, kSize, 0.3);
  a.matrices[2] = 2 * Matrix::Identity(kSize, kSize);  // one product is enough
  const FloatMatrix rhs = random_rows(kCount, kSize);
  FloatMatrix x(kCount, kSize);
  std::vector<Index> systems{4, 3, 2, 1, 0};
  std::vector<float> errors(size(kCount));
  BatchKrylov krylov(kSize, kCount, 40);
  krylov.gmres(a, systems, rhs, 1e-5f, x, errors);
  for (Index i = 0; i < kCount; ++i) {
    const Matrix& m = a.matrices[size(systems[size(i)])];
    const Vector b = rhs.row(i).transpose().cast<double>();
    const Vector left = m * x.row(i).transpose().cast<double>() - b;
    EXPECT_LE(left.norm(), 2e-5 * b.norm());
    EXPECT_LE(errors[size(i)], 1e-5f);
  }
  EXPECT_EQ(a.calls[2], 1);
  EXPECT_GT(a.calls[0], 4);
}

TEST(Gmres, SaysWhenItsBasisWasTooSmall) {
  Matrices a(1, kSize, 3.0);
  const FloatMatrix rhs = random_rows(1, kSize);
  FloatMatrix x(1, kSize);
  std::vector<Index> systems{0};
  std::vector<float> errors(1);
  BatchKrylov krylov(kSize, 1, 5);
  krylov.gmres(a, systems, rhs, 1e-5f, x, errors);
  EXPECT_EQ(a.calls[0], 5);
  const Vector b = rhs.row(0).transpose().cast<double>();
  const double left = (a.matrices[0] * x.row(0).transpose().cast<double>() - b).norm() / b.norm();
  EXPECT_GT(left, 1e-2);
  EXPECT_NEAR(static_cast<double>(errors[0]), left, 1e-4);  // what it says is what is left
}

TEST(Gmres, LeavesZeroAndBrokenRightSidesAlone) {
  Matrices a(2, kSize, 0.3);
  FloatMatrix rhs = FloatMatrix::Zero(2, kSize);
  rhs(1, 3) = NAN;
  FloatMatrix x(2, kSize);
  std::vector<Index> systems{0, 1};
  std::vector<float> errors(2);
  BatchKrylov krylov(kSize, 2, 5);
  krylov.gmres(a, systems, rhs, 1e-5f, x, errors);
  EXPECT_EQ(x.norm(), 0);
  EXPECT_EQ(errors[0], 0);
  EXPECT_EQ(errors[1], 1);
}

TEST(LeastSquares, SolvesTheDampedNormalEquations) {
  Matrices a(kCount, kSize, 0.5);
  const FloatMatrix rhs = random_rows(kCount, kSize);
  FloatMatrix x(kCount, kSize);
  std::vector<Index> systems{0, 1, 2, 3, 4};
  std::vector<float> mu{0, 1e-3f, 0.1f, 1, 30}, errors(size(kCount)), falls(size(kCount));
  BatchKrylov krylov(kSize, kCount, 5);
  krylov.least_squares(a, systems, rhs, mu, 1e-3f, 200, x, errors, falls);
  for (Index i = 0; i < kCount; ++i) {
    const Matrix& m = a.matrices[size(i)];
    const Vector b = rhs.row(i).transpose().cast<double>();
    const Vector solution = x.row(i).transpose().cast<double>();
    const Vector left =
        m.transpose() * (m * solution - b) + static_cast<double>(mu[size(i)]) * solution;
    EXPECT_LE(left.norm(), 1.5e-3 * (m.transpose() * b).norm()) << i;
    const double fall = b.squaredNorm() - (m * solution - b).squaredNorm();
    EXPECT_NEAR(static_cast<double>(falls[size(i)]), fall, 1e-4 * b.squaredNorm()) << i;
  }
}

TEST(LeastSquares, SaysWhenItHadTooFewIterations) {
  Matrices a(1, kSize, 2.0);
  const FloatMatrix rhs = random_rows(1, kSize);
  FloatMatrix x(1, kSize);
  std::vector<Index> systems{0};
  std::vector<float> mu{0}, errors(1), falls(1);
  BatchKrylov krylov(kSize, 1, 5);
  krylov.least_squares(a, systems, rhs, mu, 1e-3f, 3, x, errors, falls);
  EXPECT_GT(errors[0], 1e-3f);
}

}  // namespace
}  // namespace nullcline::numerics
