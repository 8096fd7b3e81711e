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

// B D B^-1 in whole numbers and halves, so that W is exact and its eigenvalues are D.
Matrix with_eigenvalues(const Vector& d) {
  const Matrix b{{1, 2, 0, 1}, {0, 1, -1, 2}, {0, 0, 1, 3}, {0, 0, 0, 1}};
  const Matrix inverse{{1, -2, -2, 9}, {0, 1, 1, -5}, {0, 0, 1, -3}, {0, 0, 0, 1}};
  EXPECT_EQ(Matrix(b * inverse), Matrix(Matrix::Identity(4, 4)));
  return b * d.asDiagonal() * inverse;
}

TEST(Spectrum, DiscsHoldTheExactEigenvalues) {
  const Vector exact{{3, -2, 0.5, -0.25}};
  const FixedPoint point = certified_origin(*tanh_map(with_eigenvalues(exact)));
  ASSERT_TRUE(std::isfinite(point.eigenvalue_radius));
  EXPECT_LT(point.eigenvalue_radius, 1e-10);
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

TEST(Spectrum, ADefectiveMatrixIsNotProven) {
  const FixedPoint point = certified_origin(*tanh_map(Matrix{{0.5, 1}, {0, 0.5}}));
  EXPECT_EQ(point.verdict, Verdict::proven);
  EXPECT_EQ(point.stability_verdict, Verdict::not_proven);
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
