// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/classify.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using dynamics::Time;
using testing::linear_map;
using testing::PlainSystem;

FixedPoint linearized(const dynamics::System& system, const Vector& state) {
  FixedPoint point;
  point.state = state;
  linearize(system, Vector::Zero(system.n_inputs()), point);
  return point;
}

PlainSystem linear_flow(const Matrix& matrix) {
  return {matrix.rows(), Time::continuous, [matrix](const Vector& h) { return matrix * h; },
          [matrix](const Vector&) { return matrix; }};
}

// A rotation by `angle` with growth `modulus`, and a real direction, mixed by a shear.
Matrix spiral(double modulus, double angle, double real) {
  Matrix core = Matrix::Zero(3, 3);
  core.topLeftCorner(2, 2) << modulus * std::cos(angle), -modulus * std::sin(angle),
      modulus * std::sin(angle), modulus * std::cos(angle);
  core(2, 2) = real;
  const Matrix shear{{1, 2, 0}, {0, 1, -1}, {0, 0, 1}};
  const Matrix inverse{{1, -2, -2}, {0, 1, 1}, {0, 0, 1}};
  return shear * core * inverse;
}

TEST(Linearize, GivesModesOfAMap) {
  const FixedPoint point = linearized(linear_map(spiral(0.8, 0.3, -1.25)), Vector::Zero(3));
  EXPECT_NEAR(std::abs(point.eigenvalues(0) + 1.25), 0, 1e-14);  // the largest modulus first
  EXPECT_NEAR(std::abs(point.eigenvalues(1)), 0.8, 1e-14);
  EXPECT_GT(point.eigenvalues(1).imag(), 0);
  EXPECT_EQ(point.eigenvalues(2), std::conj(point.eigenvalues(1)));
  EXPECT_NEAR(point.time_constants(0), 1 / std::log(1.25), 1e-12);
  EXPECT_NEAR(point.time_constants(1), -1 / std::log(0.8), 1e-12);
  EXPECT_NEAR(point.frequencies(0), 0.5, 1e-14);  // alternating: half a cycle a step
  EXPECT_NEAR(point.frequencies(1), 0.3 / (2 * std::numbers::pi), 1e-14);
  EXPECT_EQ(point.n_unstable, 1);
  EXPECT_EQ(point.stability, Stability::saddle);
  EXPECT_FALSE(point.defective);
}

TEST(Linearize, GivesModesOfAFlow) {
  const FixedPoint point =
      linearized(linear_flow(Matrix{{-0.5, -2, 0}, {2, -0.5, 0}, {0, 0, 0.25}}), Vector::Zero(3));
  EXPECT_NEAR(point.eigenvalues(0).real(), 0.25, 1e-14);  // by falling real part
  EXPECT_NEAR(point.time_constants(0), 4, 1e-12);
  EXPECT_NEAR(point.time_constants(1), 2, 1e-12);
  EXPECT_NEAR(point.frequencies(1), 1 / std::numbers::pi, 1e-14);
  EXPECT_EQ(point.n_unstable, 1);
}

TEST(Linearize, GivesLeftEigenvectorsThatInvertTheRight) {
  Rng rng(7, Purpose::tests);
  Matrix a(12, 12);
  for (Index i = 0; i < a.size(); ++i) a.data()[i] = rng.normal();
  const FixedPoint point = linearized(linear_map(a), Vector::Zero(12));
  const ComplexMatrix product = point.left_eigenvectors * point.right_eigenvectors;
  EXPECT_LT((product - ComplexMatrix::Identity(12, 12)).cwiseAbs().maxCoeff(), 1e-12);
  const ComplexMatrix rebuilt =
      point.right_eigenvectors * point.eigenvalues.asDiagonal() * point.left_eigenvectors;
  EXPECT_LT((rebuilt - a.cast<std::complex<double>>()).cwiseAbs().maxCoeff(), 1e-11);
  for (Index j = 0; j < 12; ++j) EXPECT_NEAR(point.right_eigenvectors.col(j).norm(), 1, 1e-12);
}

TEST(Linearize, NamesStability) {
  const auto stability = [](const Matrix& m) {
    return linearized(linear_map(m), Vector::Zero(m.rows())).stability;
  };
  EXPECT_EQ(stability(Matrix{{0.5, 0}, {0, -0.9}}), Stability::stable);
  EXPECT_EQ(stability(Matrix{{1.5, 0}, {0, 0.9}}), Stability::saddle);
  EXPECT_EQ(stability(Matrix{{1.5, 0}, {0, -1.1}}), Stability::unstable);
  EXPECT_EQ(stability(Matrix{{1.0, 0}, {0, 0.5}}), Stability::degenerate);
  EXPECT_EQ(stability(Matrix{{-1 - 1e-10, 0}, {0, 0.5}}), Stability::degenerate);
  EXPECT_EQ(stability(Matrix{{-1 - 1e-8, 0}, {0, 0.5}}), Stability::saddle);
  // The same matrix is stable as a map and unstable as a flow.
  EXPECT_EQ(linearized(linear_flow(Matrix{{0.5, 0}, {0, 0.9}}), Vector::Zero(2)).stability,
            Stability::unstable);
}

TEST(Linearize, FlagsJordanBlocksAndSurvivesThem) {
  const FixedPoint block = linearized(linear_map(Matrix{{0.5, 1}, {0, 0.5}}), Vector::Zero(2));
  EXPECT_TRUE(block.defective);
  EXPECT_TRUE(block.left_eigenvectors.allFinite());
  const FixedPoint zero = linearized(linear_map(Matrix::Zero(2, 2)), Vector::Zero(2));
  EXPECT_FALSE(zero.defective);
  EXPECT_EQ(zero.time_constants(0), 0);
  const FixedPoint neutral = linearized(linear_map(Matrix::Identity(2, 2)), Vector::Zero(2));
  EXPECT_TRUE(std::isinf(neutral.time_constants(0)));
}

TEST(Linearize, MeasuresSpeedOnTheFullMap) {
  const FixedPoint point = linearized(linear_map(2 * Matrix::Identity(2, 2)), Vector{{3.0, 4.0}});
  EXPECT_DOUBLE_EQ(point.speed, 12.5);  // F(h) - h = h
  EXPECT_DOUBLE_EQ(point.residual, 4);
}

TEST(Linearize, AgreesWithEigenvaluesFromOutside) {
  for (const auto& [name, cell] : {std::pair{"vanilla16_seed1", models::CellKind::vanilla},
                                   {"gru16_seed0", models::CellKind::gru},
                                   {"lstm16_seed0", models::CellKind::lstm}}) {
    const testing::Oracle oracle = testing::load_oracle(name, cell);
    const Matrix re = oracle.truth.matrix("eigenvalues_re");
    for (Index i = 0; i < 3; ++i) {
      const FixedPoint point = linearized(*oracle.system, oracle.expected.row(i).transpose());
      for (Index j = 0; j < 3; ++j)
        EXPECT_NEAR(point.eigenvalues(j).real(), re(i, j), 1e-8) << name;
      EXPECT_EQ(point.n_unstable == 0,
                oracle.truth.values("stable")[static_cast<std::size_t>(i)] != 0)
          << name;
    }
  }
}

}  // namespace
}  // namespace nullcline::fixed_points
