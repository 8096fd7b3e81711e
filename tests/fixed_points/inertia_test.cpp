// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/inertia.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/rng.hpp"

namespace nullcline::fixed_points {
namespace {

using dynamics::Time;

Matrix gaussian(Index n, std::uint64_t seed) {
  Rng rng(seed, Purpose::analysis_data);
  Matrix m(n, n);
  for (double& value : m.reshaped<Eigen::RowMajor>()) value = rng.normal();
  return m;
}

// U = I - 2 v v^T / |v|^2: orthogonal up to rounding, and its own inverse.
Matrix reflected(const Matrix& a, std::uint64_t seed) {
  const Vector v = gaussian(a.rows(), seed).col(0);
  const Matrix u = Matrix::Identity(a.rows(), a.rows()) - 2 / v.squaredNorm() * v * v.transpose();
  return u * a * u;
}

// An upper triangular matrix with these eigenvalues and entries of size `coupling` above them.
Matrix triangular(const Vector& eigenvalues, double coupling, std::uint64_t seed) {
  Matrix a = eigenvalues.asDiagonal();
  a.triangularView<Eigen::StrictlyUpper>() = Matrix(coupling * gaussian(a.rows(), seed));
  return a;
}

std::optional<int> count(const Matrix& a, double radius = 0, Time time = Time::discrete) {
  return count_beyond(time, a, Matrix::Constant(a.rows(), a.cols(), radius));
}

TEST(CountBeyond, CountsInStronglyNonNormalMatrices) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Vector values{{0.5, 0.5, -2, 0.5, 3, 0.25, -2, 0.5}};
    EXPECT_EQ(count(reflected(triangular(values, 1, seed), seed)), 3) << seed;
  }
}

TEST(CountBeyond, TakesReciprocalPairs) {
  EXPECT_EQ(count(reflected(triangular(Vector{{2, 0.5, 2, 0.5}}, 1, 1), 2)), 2);
}

TEST(CountBeyond, SeesBothSidesOfTheImaginaryAxisInAFlow) {
  const Vector values{{0.5, -0.5, -2, 0.5, 1, -0.25}};
  EXPECT_EQ(count(reflected(triangular(values, 1, 3), 4), 0, Time::continuous), 3);
}

TEST(CountBeyond, IsSilentWhereAnEigenvalueIsOnTheBoundary) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const double on_it : {1.0, -1.0}) {
      const Vector values{{0.5, on_it, -2, 0.5, 3}};
      EXPECT_FALSE(count(reflected(triangular(values, 1, seed), seed)).has_value()) << seed;
    }
    const Vector values{{0.5, 0, -2, 0.5, 3}};
    EXPECT_FALSE(
        count(reflected(triangular(values, 1, seed), seed), 0, Time::continuous).has_value());
  }
  const double angle = 0.7;
  const Matrix rotation{{std::cos(angle), -std::sin(angle)}, {std::sin(angle), std::cos(angle)}};
  EXPECT_FALSE(count(rotation).has_value());
}

TEST(CountBeyond, HoldsForAllMatricesWithinTheRadii) {
  const Matrix a{{0.9}};
  EXPECT_EQ(count(a, 0.05), 0);
  EXPECT_FALSE(count(a, 0.1 + 1e-9).has_value());
  EXPECT_EQ(count(Matrix{{1.1}}, 0.05), 1);
  EXPECT_FALSE(count(Matrix{{1.1}}, 0.11).has_value());
  // Entries of 1e-3 may turn [[0, 1000], [0, 0]] into a matrix with the eigenvalues 1 and -1.
  const Matrix shift{{0, 1000}, {0, 0}};
  Matrix radii = Matrix::Zero(2, 2);
  radii(1, 0) = 2e-3;
  EXPECT_FALSE(count_beyond(Time::discrete, shift, radii).has_value());
}

TEST(CountBeyond, DoesNotMindBadlyScaledStates) {
  Matrix a = triangular(Vector{{0.5, 0.5, -2, 0.5}}, 1, 5);
  a(3, 0) = 1e-3;
  const Vector scale{{1, 1e8, 1e-8, 1e4}};
  EXPECT_EQ(count(Matrix(scale.asDiagonal() * a * scale.cwiseInverse().asDiagonal())), 1);
}

TEST(CountBeyond, RefusesWhatIsNotFinite) {
  EXPECT_FALSE(count(Matrix{{std::nan("")}}).has_value());
  EXPECT_FALSE(count(Matrix{{0.5}}, std::numeric_limits<double>::infinity()).has_value());
}

}  // namespace
}  // namespace nullcline::fixed_points
