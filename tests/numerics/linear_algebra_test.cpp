// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/linear_algebra.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>

#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/absolute_products.hpp"

namespace nullcline::numerics {
namespace {

Matrix random_matrix(Index rows, Index cols, std::uint64_t index) {
  Rng rng(3, Purpose::tests, index);
  Matrix m(rows, cols);
  for (double& x : m.reshaped()) x = rng.normal();
  return m;
}

TEST(LinearAlgebra, ProductsAgreeWithEigenAlsoOnBlocks) {
  const Matrix a = random_matrix(7, 5, 0), b = random_matrix(5, 9, 1), c = random_matrix(9, 5, 2);
  Matrix out = Matrix::Constant(7, 12, 3);
  multiply(a, b, out.leftCols(9));
  EXPECT_LT((out.leftCols(9) - a * b).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_EQ(out(0, 11), 3);
  multiply_transposed(a.leftCols(4), c.leftCols(4), out.leftCols(9), 1.0);
  EXPECT_LT(
      (out.leftCols(9) - a * b - a.leftCols(4) * c.leftCols(4).transpose()).cwiseAbs().maxCoeff(),
      1e-14);
}

TEST(LinearAlgebra, SolvesWithTheFactorsOfANonsymmetricMatrix) {
  const Matrix a = random_matrix(12, 12, 3), b = random_matrix(12, 3, 4);
  Matrix lu = a;
  std::vector<int> pivots(12);
  ASSERT_TRUE(lu_factor(lu, pivots));
  Vector x = b.col(0);
  lu_solve(lu, pivots, VectorRef(x));
  EXPECT_LT((a * x - b.col(0)).cwiseAbs().maxCoeff(), 1e-12);
  Matrix solutions = b;
  lu_solve(lu, pivots, MatrixRef(solutions));
  EXPECT_LT((a * solutions - b).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_EQ(lu_sign(lu, pivots), a.determinant() > 0 ? 1 : -1);
  EXPECT_LT((inverse(a) * a - Matrix::Identity(12, 12)).cwiseAbs().maxCoeff(), 1e-12);
}

// Sizes around whole panels, and rows whose largest entries are far from the diagonal.
TEST(LinearAlgebra, FloatInversesInvert) {
  Rng rng(5, Purpose::tests);
  for (const Index n : {1, 2, 7, 16, 31, 32, 33, 64, 100, 130, 600}) {
    FloatMatrix a(n, n);
    for (float& value : a.reshaped()) value = static_cast<float>(rng.normal());
    for (Index i = 0; i < n; ++i) a(i, n - 1 - i) += 4 * std::sqrt(static_cast<float>(n));
    const Matrix rest = inverse(a).cast<double>() * a.cast<double>() - Matrix::Identity(n, n);
    EXPECT_LT(rest.cwiseAbs().maxCoeff(), 2e-5) << n;
  }
}

TEST(LinearAlgebra, FloatInversesOfSingularMatricesAreNoNumbers) {
  for (const Index n : {1, 2, 40, 600}) {
    FloatMatrix a = FloatMatrix::Identity(n, n);
    a.row(n - 1).setZero();
    EXPECT_TRUE(inverse(a).hasNaN()) << n;
  }
}

TEST(LinearAlgebra, AbsoluteProductsAreThoseOfMagnitudes) {
  Rng rng(6, Purpose::tests);
  for (const Index n : {1, 3, 8, 15, 16, 17, 40}) {
    FloatMatrix a(3, n);
    Vector v(n);
    for (float& value : a.reshaped()) value = static_cast<float>(rng.normal());
    for (double& value : v) value = rng.uniform();
    const Matrix wide = a.cast<double>();
    const Vector expected = wide.cwiseAbs() * v;
    EXPECT_LT((absolute_product(a, v) - expected).cwiseAbs().maxCoeff(), 1e-13);
    EXPECT_LT((absolute_product(wide, v) - expected).cwiseAbs().maxCoeff(), 1e-13);
  }
}

TEST(LinearAlgebra, SingularMatricesAreReported) {
  Matrix a = Matrix::Ones(3, 3);
  std::vector<int> pivots(3);
  EXPECT_FALSE(lu_factor(a, pivots));
  EXPECT_EQ(lu_sign(a, pivots), 0);
  EXPECT_TRUE(inverse(Matrix::Zero(2, 2)).hasNaN());
}

// A rotation by 0.3 scaled by 2, beside the eigenvalue 5: known by hand.
TEST(LinearAlgebra, EigenvaluesOfARotation) {
  Matrix a = Matrix::Zero(3, 3);
  a << 2 * std::cos(0.3), -2 * std::sin(0.3), 1, 2 * std::sin(0.3), 2 * std::cos(0.3), 1, 0, 0, 5;
  const Eigensystem e = eigensystem(a);
  ASSERT_TRUE(e.converged);
  const ComplexMatrix residual =
      a.cast<std::complex<double>>() * e.right - e.right * e.values.asDiagonal();
  EXPECT_LT(residual.cwiseAbs().maxCoeff(), 1e-14);
  std::vector<double> angles;
  for (Index j = 0; j < 3; ++j) {
    EXPECT_NEAR(e.right.col(j).norm(), 1, 1e-14);
    angles.push_back(std::arg(e.values(j)));
  }
  std::sort(angles.begin(), angles.end());
  EXPECT_NEAR(angles[0], -0.3, 1e-14);
  EXPECT_NEAR(angles[1], 0, 1e-14);
  EXPECT_NEAR(angles[2], 0.3, 1e-14);
  ComplexVector values = eigenvalues(a);
  EXPECT_NEAR(values.cwiseAbs().maxCoeff(), 5, 1e-13);
}

TEST(LinearAlgebra, SvdAndSymmetricEigensystemRebuildTheirMatrix) {
  const Matrix a = random_matrix(8, 5, 5);
  const Svd s = svd(a);
  EXPECT_LT((s.u * s.s.asDiagonal() * s.v_transposed - a).cwiseAbs().maxCoeff(), 1e-13);
  EXPECT_GE(s.s(0), s.s(4));
  const Matrix b = a.transpose() * a;
  const SymmetricEigensystem e = symmetric_eigensystem(b);
  EXPECT_LT((b * e.vectors - e.vectors * e.values.asDiagonal()).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_NEAR(e.values(4), s.s(0) * s.s(0), 1e-12);
}

}  // namespace
}  // namespace nullcline::numerics
