// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/spectrum.hpp"

#include <gtest/gtest.h>

#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::fixed_points {
namespace {

using dynamics::Time;

// The Jacobian of tanh(W h) at its fixed point h = 0 is W.
std::unique_ptr<dynamics::System> tanh_map(const Matrix& w, Time time = Time::discrete) {
  models::Network net;
  net.cell = models::CellKind::vanilla;
  net.input_weights = Matrix::Zero(w.rows(), 1);
  net.recurrent_weights = w;
  net.bias = Vector::Zero(w.rows());
  net.initial_state = Vector::Zero(w.rows());
  return models::make_system(net, time);
}

FixedPoint certified_origin(const dynamics::System& system) {
  FixedPoint point;
  point.state = Vector::Zero(system.n_states());
  const Vector input = Vector::Zero(system.n_inputs());
  linearize(system, input, point);
  const Equation equation(system, input);
  const Certificate certificate = certify(equation, point.state);
  point.verdict = certificate.verdict;
  point.radius = certificate.radius;
  certify_stability(system, input, point);
  return point;
}

Matrix rotation(double modulus, double angle) {
  return Matrix{{modulus * std::cos(angle), -modulus * std::sin(angle)},
                {modulus * std::sin(angle), modulus * std::cos(angle)}};
}

// B D B^-1 in whole numbers and halves, so that W is exact and its eigenvalues are those of D.
Matrix similar_to(const Matrix& d) {
  const Matrix b{{4, 2, 1, 1}, {3, 0, 1, 2}, {3, 1, 4, 3}, {1, 0, 1, 1}};
  const Matrix inverse{{1, -2, -2, 9}, {-1, 3, 3, -14}, {1, -3, -2, 11}, {-2, 5, 4, -19}};
  EXPECT_EQ(Matrix(b * inverse), Matrix(Matrix::Identity(4, 4)));
  return b * d * inverse;
}
Matrix with_eigenvalues(const Vector& d) { return similar_to(d.asDiagonal()); }

// The characteristic polynomial of the first column's negative entries: x^n + c_1 x^(n-1) + ...
Matrix companion(const Vector& c) {
  Matrix w = Matrix::Zero(c.size(), c.size());
  w.col(0) = -c;
  for (Index i = 0; i + 1 < c.size(); ++i) w(i, i + 1) = 1;
  return w;
}

// The coefficients of the product of (x - root), without the first one.
Vector polynomial(const std::vector<double>& roots) {
  Vector c = Vector::Zero(static_cast<Index>(roots.size()) + 1);
  c(0) = 1;
  for (const double root : roots)
    for (Index k = c.size() - 1; k > 0; --k) c(k) -= root * c(k - 1);
  return c.tail(c.size() - 1);
}

TEST(Spectrum, DiscsHoldTheExactEigenvalues) {
  const Vector exact{{3, -2, 0.5, -0.25}};
  const FixedPoint point = certified_origin(*tanh_map(with_eigenvalues(exact)));
  ASSERT_TRUE(std::isfinite(point.eigenvalue_radius));
  EXPECT_LT(point.eigenvalue_radius, 1e-9);
  for (Index i = 0; i < 4; ++i)
    EXPECT_LE(std::abs(point.eigenvalues(i) - exact(i)), point.eigenvalue_radius);
  EXPECT_EQ(point.stability_verdict, Verdict::proven);
  EXPECT_EQ(point.n_unstable, 2);
  EXPECT_EQ(point.stability, Stability::saddle);
}

TEST(Spectrum, AWiderBoxWidensTheDiscs) {
  const auto system = tanh_map(with_eigenvalues(Vector{{3, -2, 0.5, -0.25}}));
  FixedPoint point = certified_origin(*system);
  const double narrow = point.eigenvalue_radius;
  point.radius = 1e-3;
  // tanh' falls from 1 to 1 - 1e-6 |row of W|^2 over such a box: the discs must cover it.
  EXPECT_GT(eigenvalue_radius(*system, Vector::Zero(1), point), std::max(narrow, 1e-6));
}

// A radius that is the width of a lift is wider than what the equation of all states gives.
TEST(Spectrum, WhereDiscsMeetTheBoundaryTheBoxIsMadeTighter) {
  const auto system = tanh_map(with_eigenvalues(Vector{{3, -2, 0.5, -0.999}}));
  FixedPoint point = certified_origin(*system);
  point.radius = 3e-6;
  point.stability_verdict = Verdict::not_proven;
  ASSERT_GT(eigenvalue_radius(*system, Vector::Zero(1), point), 0.01);
  certify_stability(*system, Vector::Zero(1), point);
  EXPECT_LT(point.radius, 1e-7);
  EXPECT_LT(point.eigenvalue_radius, 1e-3);
  EXPECT_EQ(point.stability_verdict, Verdict::proven);
  EXPECT_EQ(point.stability, Stability::saddle);
  EXPECT_EQ(point.n_unstable, 2);
}

TEST(Spectrum, DecidesBothSidesOfTheCircleAndNotOnIt) {
  const FixedPoint inside = certified_origin(*tanh_map(rotation(1 - 1e-11, 0.7)));
  EXPECT_EQ(inside.stability_verdict, Verdict::proven);
  EXPECT_EQ(inside.stability, Stability::stable);
  const FixedPoint outside = certified_origin(*tanh_map(rotation(1 + 1e-11, 0.7)));
  EXPECT_EQ(outside.stability_verdict, Verdict::proven);
  EXPECT_EQ(outside.n_unstable, 2);
  EXPECT_EQ(outside.stability, Stability::unstable);
  // Proven to be a point, and its eigenvalues are on the circle up to rounding: no verdict.
  const FixedPoint on_it = certified_origin(*tanh_map(Matrix{{0, -1}, {1, 0}}));
  EXPECT_EQ(on_it.verdict, Verdict::proven);
  EXPECT_EQ(on_it.stability_verdict, Verdict::not_proven);
  EXPECT_EQ(on_it.stability, Stability::degenerate);
}

TEST(Spectrum, OfAFlowIsComparedWithTheImaginaryAxis) {
  // F - h: the eigenvalues of W - I.
  const FixedPoint stable =
      certified_origin(*tanh_map(with_eigenvalues(Vector{{0.5, -3, 0.25, -1}}), Time::continuous));
  EXPECT_EQ(stable.stability_verdict, Verdict::proven);
  EXPECT_EQ(stable.stability, Stability::stable);
  const FixedPoint saddle =
      certified_origin(*tanh_map(with_eigenvalues(Vector{{2, -3, 0.25, 1.5}}), Time::continuous));
  EXPECT_EQ(saddle.stability_verdict, Verdict::proven);
  EXPECT_EQ(saddle.n_unstable, 2);
}

TEST(Spectrum, AnExactlyTriangularMatrixHasItsDiagonal) {
  const FixedPoint point = certified_origin(*tanh_map(Matrix{{0.5, 1}, {0, 0.5}}));
  EXPECT_EQ(point.stability_verdict, Verdict::proven);
  EXPECT_EQ(point.stability, Stability::stable);
  EXPECT_LT(point.eigenvalue_radius, 1e-12);
  // Twelve units, reordered, with two defective eigenvalues.
  Matrix chain = Matrix::Zero(12, 12);
  for (Index i = 0; i < 12; ++i) {
    const Index row = i * 5 % 12;
    chain(row, row) = i % 3 == 0 ? -2 : 0.5;
    for (Index j = i + 1; j < 12; ++j) chain(row, j * 5 % 12) = 3;
  }
  const FixedPoint ordered = certified_origin(*tanh_map(chain));
  EXPECT_EQ(ordered.stability_verdict, Verdict::proven);
  EXPECT_EQ(ordered.n_unstable, 4);
}

TEST(Spectrum, DefectiveEigenvaluesAreCounted) {
  Matrix jordan = 0.5 * Matrix::Identity(4, 4);
  jordan.diagonal(1).setOnes();
  const FixedPoint stable = certified_origin(*tanh_map(similar_to(jordan)));
  EXPECT_EQ(stable.stability_verdict, Verdict::proven);
  EXPECT_EQ(stable.stability, Stability::stable);
  jordan(0, 0) = jordan(1, 1) = 2;  // 2 and its reciprocal, both defective
  jordan(1, 2) = 0;
  const FixedPoint saddle = certified_origin(*tanh_map(similar_to(jordan)));
  EXPECT_EQ(saddle.stability_verdict, Verdict::proven);
  EXPECT_EQ(saddle.n_unstable, 2);
  EXPECT_EQ(saddle.stability, Stability::saddle);
}

TEST(Spectrum, CompanionMatricesAreDecidedOnBothSidesOfTheCircle) {
  const std::vector<std::pair<std::vector<double>, int>> cases{{std::vector<double>(6, 0.5), 0},
                                                               {{0.5, 0.5, 0.5, -2, -2, -2}, 3},
                                                               {{0, 0, 0, 0.75, 0.75, -1.5}, 1},
                                                               {std::vector<double>(5, -2), 5}};
  for (const auto& [roots, n_unstable] : cases) {
    const FixedPoint point = certified_origin(*tanh_map(companion(polynomial(roots))));
    EXPECT_EQ(point.stability_verdict, Verdict::proven) << n_unstable;
    EXPECT_EQ(point.n_unstable, n_unstable);
  }
  // One of the roots on the circle: nothing is proven, whatever the others are.
  for (const auto& roots : {std::vector<double>{-1, 0.5, 0.5, 0.5}, {-1, -1, 0.25, 0.25}}) {
    const FixedPoint point = certified_origin(*tanh_map(companion(polynomial(roots))));
    EXPECT_EQ(point.verdict, Verdict::proven);
    EXPECT_EQ(point.stability_verdict, Verdict::not_proven);
    EXPECT_EQ(point.stability, Stability::degenerate);
  }
}

TEST(Spectrum, DefectiveEigenvaluesOfAFlowAreCounted) {
  Matrix jordan = 0.5 * Matrix::Identity(4, 4);
  jordan.diagonal(1).setOnes();
  jordan(0, 0) = jordan(1, 1) = 1.5;
  const FixedPoint saddle = certified_origin(*tanh_map(similar_to(jordan), Time::continuous));
  EXPECT_EQ(saddle.stability_verdict, Verdict::proven);
  EXPECT_EQ(saddle.n_unstable, 2);
}

TEST(Spectrum, WrongEigenvaluesAreNotProven) {
  const auto system = tanh_map(with_eigenvalues(Vector{{3, -2, 0.5, -0.25}}));
  FixedPoint point = certified_origin(*system);
  point.eigenvalues(2) = 1.5;  // the disc around it must grow to hold 0.5
  certify_stability(*system, Vector::Zero(1), point);
  EXPECT_GE(point.eigenvalue_radius, 1.0);
  FixedPoint twisted = certified_origin(*system);
  twisted.left_eigenvectors.row(1) = twisted.left_eigenvectors.row(0);
  EXPECT_FALSE(std::isfinite(eigenvalue_radius(*system, Vector::Zero(1), twisted)));
}

}  // namespace
}  // namespace nullcline::fixed_points
