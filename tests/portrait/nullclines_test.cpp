// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/nullclines.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::portrait {
namespace {

const dynamics::Box kSquare{Vector::Constant(2, -2), Vector::Constant(2, 2)};

template <class Formula>
struct First {
  Formula formula;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = formula(h[0], h[1]);
    out[1] = h[1];
  }
};

template <class Formula>
Nullcline trace(Formula formula, const dynamics::Box& box = kSquare,
                const NullclineOptions& options = {}) {
  const dynamics::FunctionSystem<First<Formula>> system(First<Formula>{formula}, 2, 0,
                                                        dynamics::Time::continuous);
  return trace_zero_set(component(system, Vector(0), 0), box, options);
}

int n_closed(const Nullcline& nullcline) {
  int n = 0;
  for (const NullclineCurve& curve : nullcline.curves) n += curve.is_closed ? 1 : 0;
  return n;
}

TEST(Nullclines, AnOIsOneClosedCurveOnTheCircle) {
  const Nullcline o = trace([](auto x, auto y) { return x * x + y * y - decltype(x)(1.0); });
  ASSERT_EQ(o.curves.size(), 1U);
  EXPECT_EQ(n_closed(o), 1);
  EXPECT_TRUE(o.branch_points.empty());
  EXPECT_EQ(o.verdict, fixed_points::Verdict::proven);
  EXPECT_LE(o.max_residual, 1e-15);
  const Matrix& points = o.curves[0].points;
  double length = 0;
  for (Index i = 0; i < points.rows(); ++i) {
    EXPECT_NEAR(points.row(i).norm(), 1, 1e-14);
    if (i > 0) length += (points.row(i) - points.row(i - 1)).norm();
  }
  EXPECT_NEAR(length, 2 * M_PI, 1e-3);
}

TEST(Nullclines, ASmallOIsNotLostBetweenCells) {
  // Far smaller than the coarsest cells, and away from their corners.
  const Nullcline o = trace([](auto x, auto y) {
    using T = decltype(x);
    const T u = x - T(0.5173), v = y - T(0.3191);
    return u * u + v * v - T(1e-8);
  });
  ASSERT_EQ(o.curves.size(), 1U);
  EXPECT_EQ(n_closed(o), 1);
  EXPECT_LE(o.max_residual, 1e-12);
}

TEST(Nullclines, AUEndsTwiceAtTheBox) {
  const Nullcline u = trace([](auto x, auto y) { return y - x * x; });
  ASSERT_EQ(u.curves.size(), 1U);
  EXPECT_EQ(n_closed(u), 0);
  const Matrix& points = u.curves[0].points;
  EXPECT_NEAR(std::abs(points(0, 0)), std::sqrt(2.0), 1e-13);
  EXPECT_NEAR(points(0, 1), 2, 1e-13);
  EXPECT_NEAR(points(0, 0), -points(points.rows() - 1, 0), 1e-13);
}

TEST(Nullclines, APitchforkHasFourArmsAtItsBranchPoint) {
  // x (y - x^2): the axis and a parabola that touches it nowhere else.
  const Nullcline fork = trace([](auto x, auto y) { return x * (y - x * x); });
  ASSERT_EQ(fork.branch_points.size(), 1U);
  EXPECT_EQ(fork.branch_points[0].n_arms, 4);
  EXPECT_NEAR(fork.branch_points[0].place.norm(), 0, 1e-9);
  EXPECT_EQ(fork.curves.size(), 4U);
  EXPECT_EQ(n_closed(fork), 0);
  EXPECT_LE(fork.max_residual, 1e-9);
}

TEST(Nullclines, ABrokenPitchforkIsTwoCurvesOnTheRightSides) {
  for (const double gap : {1e-4, -1e-4, 1e-8, -1e-8}) {
    const Nullcline broken = trace([gap](auto x, auto y) {
      using T = decltype(x);
      return x * (y - x * x) - T(gap);
    });
    EXPECT_TRUE(broken.branch_points.empty()) << gap;
    ASSERT_EQ(broken.curves.size(), 2U) << gap;
    for (const NullclineCurve& curve : broken.curves) {
      EXPECT_FALSE(curve.is_closed);
      // One curve stays on one side of the axis: with the sign of x all along it.
      EXPECT_GT(curve.points.col(0).minCoeff() * curve.points.col(0).maxCoeff(), 0) << gap;
    }
  }
}

TEST(Nullclines, ACrossingOffTheGridIsFound) {
  const Nullcline cross = trace([](auto x, auto y) {
    using T = decltype(x);
    return (x - T(0.1234567)) * (y + T(0.7654321)) + (x - T(0.1234567)) * (x - T(0.1234567));
  });
  ASSERT_EQ(cross.branch_points.size(), 1U);
  EXPECT_EQ(cross.branch_points[0].n_arms, 4);
  EXPECT_NEAR(cross.branch_points[0].place(0), 0.1234567, 1e-8);
  EXPECT_NEAR(cross.branch_points[0].place(1), -0.7654321, 1e-8);
}

TEST(Nullclines, AnIsolatedZeroIsAPoint) {
  const Nullcline dot = trace([](auto x, auto y) { return x * x + y * y; });
  ASSERT_EQ(dot.branch_points.size(), 1U);
  EXPECT_EQ(dot.branch_points[0].n_arms, 0);
  EXPECT_TRUE(dot.curves.empty());
  const Nullcline none = trace([](auto x, auto y) { return x * x + y * y + decltype(x)(1e-9); });
  EXPECT_TRUE(none.branch_points.empty());
  EXPECT_TRUE(none.curves.empty());
}

TEST(Nullclines, AnAreaOfZerosIsSaidAndNotFollowed) {
  NullclineOptions options;
  options.max_cells = 20000;
  const Nullcline area = trace([](auto x, auto) { return x - x; }, kSquare, options);
  EXPECT_EQ(area.verdict, fixed_points::Verdict::not_proven);
  EXPECT_NE(area.note.find("fills an area"), std::string::npos);
}

TEST(Nullclines, BoxesOfUnequalSidesAreTracedAlike) {
  const dynamics::Box box{Eigen::Vector2d(-2, -2000), Eigen::Vector2d(2, 2000)};
  const Nullcline o =
      trace([](auto x, auto y) { return x * x + 1e-6 * (y * y) - decltype(x)(1.0); }, box);
  ASSERT_EQ(o.curves.size(), 1U);
  EXPECT_EQ(n_closed(o), 1);
}

TEST(Nullclines, WithoutIntervalsTheCurvesAreFoundButNotProven) {
  PlaneFunction g;
  g.value = [](double x, double y) { return x * x + y * y - 1; };
  g.gradient = [](double x, double y, double* out) {
    out[0] = 2 * x;
    out[1] = 2 * y;
  };
  const Nullcline o = trace_zero_set(g, kSquare);
  ASSERT_EQ(o.curves.size(), 1U);
  EXPECT_EQ(n_closed(o), 1);
  EXPECT_EQ(o.verdict, fixed_points::Verdict::not_proven);
}

TEST(Nullclines, BadBoxesAndLevelsAreRefused) {
  const auto circle = [](auto x, auto y) { return x * x + y * y - decltype(x)(1.0); };
  EXPECT_THROW(trace(circle, {Vector::Zero(2), Vector::Zero(2)}), InvalidInput);
  NullclineOptions options;
  options.finest = 40;
  EXPECT_THROW(trace(circle, kSquare, options), InvalidInput);
}

}  // namespace
}  // namespace nullcline::portrait
