// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support.hpp"

namespace nullcline::continuation {
namespace {

using namespace nullcline::testing;

std::vector<const Branch*> curves_of(const Continuation& result, BranchKind kind) {
  std::vector<const Branch*> found;
  for (const Branch& curve : result.curves)
    if (curve.kind == kind) found.push_back(&curve);
  return found;
}

TEST(ContinueCurves, FindsTheBogdanovTakensPointOnBothCurves) {
  const auto system = flow(BogdanovTakens{1}, 2, 2, 3);
  const auto result = continue_branches(system, vec({0, -1}), {"input[0]", -0.5, 0.5},
                                        ParameterRange{"input[1]", -2, 2});
  const auto folds = curves_of(result, BranchKind::fold_curve);
  ASSERT_EQ(folds.size(), 1u);
  for (Index i = 0; i < folds[0]->parameters.rows(); ++i) {
    const double b1 = folds[0]->parameters(i, 0), b2 = folds[0]->parameters(i, 1);
    EXPECT_NEAR(b1, b2 * b2 / 4, 1e-10);
    EXPECT_NEAR(folds[0]->states(i, 0), -b2 / 2, 1e-10);
  }
  const auto hopfs = curves_of(result, BranchKind::hopf_curve);
  ASSERT_EQ(hopfs.size(), 1u);
  for (Index i = 0; i < hopfs[0]->parameters.rows(); ++i) {
    EXPECT_NEAR(hopfs[0]->parameters(i, 0), 0, 1e-10);
    EXPECT_LE(hopfs[0]->parameters(i, 1), 1e-9);
  }
  EXPECT_TRUE(hopfs[0]->begin == EndReason::codimension_two ||
              hopfs[0]->end == EndReason::codimension_two);
  for (const Branch* curve : {folds[0], hopfs[0]}) {
    const auto points = events({*curve}, EventType::bogdanov_takens);
    ASSERT_EQ(points.size(), 1u);
    EXPECT_NEAR(points[0].parameters(0), 0, 1e-9);
    EXPECT_NEAR(points[0].parameters(1), 0, 1e-9);
  }
  EXPECT_TRUE(events(result.curves, EventType::cusp).empty());
}

TEST(ContinueCurves, FindsTheCuspWhereTwoFoldsMeet) {
  const auto system = flow(Cusp{}, 1, 2, 3);
  const auto result = continue_branches(system, vec({0, 1}), {"input[0]", -1, 1},
                                        ParameterRange{"input[1]", -1, 1.5});
  const auto folds = curves_of(result, BranchKind::fold_curve);
  ASSERT_EQ(folds.size(), 1u);  // the second fold is on the curve of the first
  EXPECT_EQ(events(result.branches, EventType::fold).size(), 2u);
  for (Index i = 0; i < folds[0]->parameters.rows(); ++i) {
    const double x = folds[0]->states(i, 0);
    EXPECT_NEAR(folds[0]->parameters(i, 1), 3 * x * x, 1e-9);
    EXPECT_NEAR(folds[0]->parameters(i, 0), -2 * x * x * x, 1e-9);
  }
  const auto cusps = events(result.curves, EventType::cusp);
  ASSERT_EQ(cusps.size(), 1u);
  EXPECT_NEAR(cusps[0].parameters.norm(), 0, 1e-9);
}

// Equation 9 with both biases free: two eigenvalues vanish where tanh' at both units has the sum
// 2 / (1.5 cos) and the product 1 / 2.25.
struct Equation9Biases {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    using numerics::tanh;
    const double c = 1.5 * std::cos(M_PI / 20), s = 1.5 * std::sin(M_PI / 20);
    out[0] = S(0.5) * (tanh(S(c) * h[0] + S(s) * h[1] + x[0]) - h[0]);
    out[1] = S(0.5) * (tanh(S(c) * h[1] - S(s) * h[0] + x[1]) - h[1]);
  }
};

TEST(ContinueCurves, FindsTheBogdanovTakensPointsOfEquation9InClosedForm) {
  const auto system = flow(Equation9Biases{}, 2, 2, 1);
  const auto result = continue_branches(system, vec({0.32, 0}), {"input[1]", -0.6, 0.6},
                                        ParameterRange{"input[0]", -0.6, 0.6});
  const double c = 1.5 * std::cos(M_PI / 20), s = 1.5 * std::sin(M_PI / 20);
  const double half = 1 / c, root = std::sqrt(half * half - 1 / 2.25);
  const double h1 = std::sqrt(1 - half - root), h2 = std::sqrt(1 - half + root);
  const auto points = events(result.curves, EventType::bogdanov_takens);
  EXPECT_GE(points.size(), 4u);
  for (const Event& point : points) {
    const Vector h = point.state.cwiseAbs();
    EXPECT_NEAR(h.minCoeff(), h1, 1e-9);
    EXPECT_NEAR(h.maxCoeff(), h2, 1e-9);
    const double x = point.state(0), y = point.state(1);
    EXPECT_NEAR(point.parameters(1), std::atanh(x) - c * x - s * y, 1e-9);
    EXPECT_NEAR(point.parameters(0), std::atanh(y) - c * y + s * x, 1e-9);
  }
  const auto hopfs = curves_of(result, BranchKind::hopf_curve);
  ASSERT_EQ(hopfs.size(), 1u);  // between two of them
  EXPECT_EQ(hopfs[0]->begin, EndReason::codimension_two);
  EXPECT_EQ(hopfs[0]->end, EndReason::codimension_two);
}

TEST(ContinueCurves, FindsTheGeneralizedHopfPoint) {
  const auto system = flow(GeneralizedHopf{}, 2, 2, 3);
  const auto result = continue_branches(system, vec({0, -0.6}), {"input[0]", -0.5, 0.7},
                                        ParameterRange{"input[1]", -1, 1});
  const auto hopfs = curves_of(result, BranchKind::hopf_curve);
  ASSERT_EQ(hopfs.size(), 1u);
  EXPECT_EQ(hopfs[0]->begin, EndReason::interval_end);
  EXPECT_EQ(hopfs[0]->end, EndReason::interval_end);
  const auto points = events(result.curves, EventType::generalized_hopf);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_NEAR(points[0].parameters(0), 0, 1e-9);
  EXPECT_NEAR(points[0].parameters(1), 0, 1e-9);
}

// Lorenz (1984): a = 1/4, b = 4.
struct Lorenz84 {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = -1.0 * h[1] * h[1] - h[2] * h[2] - 0.25 * h[0] + 0.25 * x[0];
    out[1] = h[0] * h[1] - 4.0 * h[0] * h[2] - h[1] + x[1];
    out[2] = 4.0 * h[0] * h[1] + h[0] * h[2] - h[2];
  }
};

TEST(ContinueCurves, TellsAZeroHopfPointFromAZeroOfTheCoefficient) {
  const auto system = flow(Lorenz84{}, 3, 2, 3);
  const auto result = continue_branches(system, vec({0, 0.25}), {"input[0]", 1, 3},
                                        ParameterRange{"input[1]", 0, 3});
  const auto points = events(result.curves, EventType::zero_hopf);
  ASSERT_EQ(points.size(), 1u);
  // Shilnikov, Nicolis & Nicolis (1995): F = 1.684, G = 1.683.
  EXPECT_NEAR(points[0].parameters(0), 1.684, 5e-4);
  EXPECT_NEAR(points[0].parameters(1), 1.683, 5e-4);
  // By hand: the trace 2 (x - 1) - 1/4 is that of a pair with real part 0 and of a 0.
  EXPECT_NEAR(points[0].state(0), 1.125, 1e-9);
  EXPECT_TRUE(events(result.curves, EventType::generalized_hopf).empty());
}

// On the line y = 0 the multipliers are 1 + 2 x and x - 1 - m: flips at x = m, p = -m^2.
struct FoldFlip {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] + h[0] + h[0] * h[0] + h[1] * h[1];
    out[1] = (h[0] - 1.0 - x[1]) * h[1];
  }
};

TEST(ContinueCurves, TellsAFoldFlipFromAZeroOfTheCoefficient) {
  const auto system = testing::map(FoldFlip{}, 2, 2, 1);
  const auto result = continue_branches(system, vec({0, 0.1}), {"input[0]", -0.5, 0.3},
                                        ParameterRange{"input[1]", -0.5, 0.5});
  const auto points = events(result.curves, EventType::fold_flip);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_NEAR(points[0].parameters.norm(), 0, 1e-8);
  EXPECT_TRUE(events(result.curves, EventType::generalized_flip).empty());
}

// On the line u = v = 0 the multipliers are 1 + 2 x and (1 + m + x) e^(+-i): a circle is born at
// x = -m, p = -m^2.
struct FoldNeimarkSacker {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    const double c = std::cos(1.0), s = std::sin(1.0);
    out[0] = x[0] + h[0] + h[0] * h[0] - h[1] * h[1] - h[2] * h[2];
    out[1] = (1.0 + x[1] + h[0]) * (c * h[1] - s * h[2]);
    out[2] = (1.0 + x[1] + h[0]) * (s * h[1] + c * h[2]);
  }
};

TEST(ContinueCurves, TellsAFoldNeimarkSackerPointFromAZeroOfTheCoefficient) {
  const auto system = testing::map(FoldNeimarkSacker{}, 3, 2, 1);
  const auto result = continue_branches(system, vec({0, 0.1}), {"input[0]", -0.5, 0.3},
                                        ParameterRange{"input[1]", -0.5, 0.5});
  const auto points = events(result.curves, EventType::fold_neimark_sacker);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_NEAR(points[0].parameters.norm(), 0, 1e-8);
  EXPECT_NEAR(points[0].period, 2 * std::numbers::pi, 1e-8);
  EXPECT_TRUE(events(result.curves, EventType::chenciner).empty());
}

// x' = r x (1 - x) + c x: flips at r + c = 3, whatever c.
struct ShiftedLogistic {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] * h[0] * (S(1.0) - h[0]) + x[1] * h[0];
  }
};

TEST(ContinueCurves, FollowsFlipsOfMaps) {
  const auto system = testing::map(ShiftedLogistic{}, 1, 2, 2);
  const auto result = continue_branches(system, vec({0, 0}), {"input[0]", 2.5, 3.5},
                                        ParameterRange{"input[1]", -0.3, 0.3});
  const auto flips = curves_of(result, BranchKind::flip_curve);
  ASSERT_GE(flips.size(), 1u);
  for (Index i = 0; i < flips[0]->parameters.rows(); ++i)
    EXPECT_NEAR(flips[0]->parameters.row(i).sum(), 3, 1e-10);
}

// J = [[1 + c, -(r - 1 + c)], [1, 0]] at the fixed point of x' = r x (1 - y) + c (x - y).
struct Delayed {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] * h[0] * (S(1.0) - h[1]) + x[1] * (h[0] - h[1]);
    out[1] = h[0];
  }
};

TEST(ContinueCurves, FollowsNeimarkSackerPointsToTheirResonances) {
  const auto system = testing::map(Delayed{}, 2, 2, 2);
  const auto result = continue_branches(system, vec({0, 0}), {"input[0]", 1.2, 2.8},
                                        ParameterRange{"input[1]", -0.5, 0.5});
  const auto curves = curves_of(result, BranchKind::neimark_sacker_curve);
  ASSERT_GE(curves.size(), 1u);
  for (const Branch* curve : curves)
    for (Index i = 0; i < curve->parameters.rows(); ++i)
      if (curve->states.row(i).norm() > 0.1) {
        EXPECT_NEAR(curve->parameters(i, 0) + curve->parameters(i, 1), 2, 1e-10);
      }
}

}  // namespace
}  // namespace nullcline::continuation
