// SPDX-License-Identifier: BSD-3-Clause
// A fixed point of a trained network is followed through a fold in one input. Whatever the distance
// from the fold, the search says what is there: a point, or a ghost and how long it holds.
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>

#include "nullcline/core/rng.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

// Along the curve of zeros (h, u) of r, with u the first input, by v.(h - h0) = s.
class FoldCurve {
 public:
  FoldCurve(const dynamics::System& system, Vector input)
      : system_(system), input_(std::move(input)) {}

  struct Point {
    Vector h;
    double u = 0, slope = 0;  // du/ds
  };

  // The last zero on the way from `h` as u goes up by steps of `step`.
  Point walk(Vector h, double step) {
    double u = 0;
    for (int i = 0; i < 10000; ++i) {
      const Polished next = polish(at(u + step), h);
      if (!(next.residual < 1e-12) || (next.point - h).norm() > 0.3) break;
      h = next.point;
      u += step;
    }
    return {h, u, 0};
  }

  Point fold(const Point& near) {
    origin_ = near.h;
    direction_ =
        numerics::svd(at(near.u).jacobian_at(near.h)).v_transposed.bottomRows(1).transpose();
    Point a = solve(near, 0), b = solve(a, 1e-3);
    double s_a = 0, s_b = 1e-3;
    for (int i = 0; i < 60 && std::abs(s_b - s_a) > 1e-13; ++i) {
      const double s = s_b - b.slope * (s_b - s_a) / (b.slope - a.slope);
      if (!std::isfinite(s)) break;
      a = b;
      s_a = s_b;
      b = solve(b, s);
      s_b = s;
    }
    return b;
  }

  Vector input(double u) const {
    Vector input = input_;
    input(0) = u;
    return input;
  }

 private:
  Equation at(double u) const { return {system_, input(u)}; }

  Matrix bordered(const Point& p) const {
    const Index n = p.h.size();
    const Equation equation = at(p.u);
    Matrix matrix = Matrix::Zero(n + 1, n + 1);
    matrix.topLeftCorner(n, n) = equation.jacobian_at(p.h);
    matrix.col(n).head(n) = input_jacobian_at(equation.solved(), p.h, equation.input()).col(0);
    matrix.row(n).head(n) = direction_.transpose();
    return matrix;
  }

  Point solve(Point p, double s) const {
    const Index n = p.h.size();
    for (int i = 0; i < 50; ++i) {
      Vector rest(n + 1);
      rest.head(n) = at(p.u).residual_at(p.h);
      rest(n) = direction_.dot(p.h - origin_) - s;
      const Vector step = Eigen::PartialPivLU<Matrix>(bordered(p)).solve(rest);
      p.h -= step.head(n);
      p.u -= step(n);
      if (step.cwiseAbs().maxCoeff() < 1e-15) break;
    }
    Vector along = Vector::Zero(n + 1);
    along(n) = 1;
    p.slope = Eigen::PartialPivLU<Matrix>(bordered(p)).solve(along)(n);
    return p;
  }

  const dynamics::System& system_;
  const Vector input_;
  Vector origin_, direction_;
};

class Fold : public ::testing::Test {
 protected:
  void SetUp() override {
    oracle_ = testing::load_oracle("gru16_seed0", models::CellKind::gru);
    FoldCurve curve(*oracle_.system, oracle_.input);
    for (Index i = 0; i < oracle_.expected.rows() && !found_; ++i) {
      FixedPoint point;
      point.state = oracle_.expected.row(i).transpose();
      for (const double step : {0.01, -0.01}) {
        const auto end = curve.walk(point.state, step);
        if (std::abs(end.u) < 0.05 || std::abs(end.u) > 3) continue;
        fold_ = curve.fold(end);
        found_ = std::abs(fold_.slope) < 1e-9;
        sign_ = step > 0 ? 1 : -1;
        if (found_) break;
      }
    }
    ASSERT_TRUE(found_);
  }

  FixedPointSet search(double past) const {
    Vector input = oracle_.input;
    input(0) = fold_.u + sign_ * past;
    // Starts around the fold itself: what happens there is the question.
    Matrix visited = fold_.h.transpose().replicate(64, 1);
    Rng rng(5, Purpose::tests);
    for (Index i = 0; i < visited.size(); ++i) visited.data()[i] += 1e-3 * rng.normal();
    return find_fixed_points(*oracle_.system, input, visited);
  }

  // The point nearest to the fold, or null if none is within `reach`.
  static const FixedPoint* nearest(const FixedPointSet& set, const Vector& h, double reach) {
    const FixedPoint* best = nullptr;
    for (const FixedPoint& point : set.points) {
      const double distance = (point.state - h).norm();
      if (distance > reach) continue;
      reach = distance;
      best = &point;
    }
    return best;
  }

  testing::Oracle oracle_;
  FoldCurve::Point fold_;
  double sign_ = 1;
  bool found_ = false;
};

TEST_F(Fold, BeforeItThePointIsProven) {
  for (const double before : {1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12}) {
    const FixedPointSet set = search(-before);
    const double reach = 10 * std::sqrt(before);
    const FixedPoint* point = nearest(set, fold_.h, reach);
    ASSERT_NE(point, nullptr) << before;
    EXPECT_EQ(point->kind, Kind::fixed) << before;
    EXPECT_EQ(point->verdict, Verdict::proven) << before;
    EXPECT_LT(point->radius, 1e-8) << before;
    EXPECT_EQ(set.audit.index_sum, 1) << before;
    // Its twin is there as well, proven and apart, and between them they cancel.
    int n_near = 0, sum = 0;
    for (const FixedPoint& other : set.points)
      if ((other.state - fold_.h).norm() < reach && other.kind == Kind::fixed) {
        ++n_near;
        sum += other.index;
      }
    EXPECT_EQ(n_near, 2) << before;
    EXPECT_EQ(sum, 0) << before;
  }
}

TEST_F(Fold, AtItNothingIsClaimed) {
  const FixedPoint* point = nullptr;
  const FixedPointSet set = search(0);
  point = nearest(set, fold_.h, 1e-5);
  ASSERT_NE(point, nullptr);
  EXPECT_EQ(point->kind, Kind::undecided);
  EXPECT_EQ(point->verdict, Verdict::not_proven);
  EXPECT_NE(set.audit.completeness, Completeness::proven);
  EXPECT_NE(set.audit.completeness, Completeness::statistical);
}

TEST_F(Fold, BehindItAGhostIsProvenToBeNoPoint) {
  double previous = 0;
  for (const double past : {1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-3, 3e-3, 1e-2}) {
    const FixedPointSet set = search(past);
    const FixedPoint* point = nearest(set, fold_.h, 5 * past + 1e-8);
    ASSERT_NE(point, nullptr) << past;
    EXPECT_EQ(point->kind, Kind::slow) << past;
    EXPECT_EQ(point->verdict, Verdict::proven) << past;
    // Free of points over a distance that goes as the root, like the distance of the two that met.
    EXPECT_GT(point->exclusion_radius, 0.1 * std::sqrt(past)) << past;
    EXPECT_LT(point->exclusion_radius, std::sqrt(past)) << past;
    EXPECT_EQ(set.audit.index_sum, 1) << past;
    if (past > 1e-12 && past <= 1e-4) {
      EXPECT_NEAR(previous / point->lifetime, 10, 0.05) << past;
    }
    previous = point->lifetime;
  }
}

TEST_F(Fold, TheLifetimeIsThatOfTheNetwork) {
  // Set out from where the attractor was before the fold, and leave it behind.
  const FixedPointSet before = search(-1e-2);
  const Vector start = nearest(before, fold_.h, 0.5)->state;
  const double distance = (start - fold_.h).norm();
  for (const auto& [past, error] : {std::pair{1e-8, 0.01}, {1e-6, 0.02}, {1e-4, 0.15}}) {
    const FixedPointSet set = search(past);
    const double predicted = nearest(set, fold_.h, 1e-3)->lifetime;
    Vector input = oracle_.input;
    input(0) = fold_.u + sign_ * past;
    Vector h = start;
    int steps = 0;
    while ((start - fold_.h).dot(h - fold_.h) > 0 || (h - fold_.h).norm() < distance) {
      h = evaluate_at(*oracle_.system, h, input);
      ASSERT_LT(++steps, 10 * predicted);
    }
    EXPECT_NEAR(steps / predicted, 1, error) << past;
  }
}

}  // namespace
}  // namespace nullcline::fixed_points
