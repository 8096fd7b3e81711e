// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/relu.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>

#include "nullcline/fixed_points/search.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using models::Activation;
using models::CellKind;
using models::Reset;
using ::testing::HasSubstr;

dynamics::ReluForm make_form(const Matrix& weights, const Vector& offset) {
  dynamics::ReluForm form{weights, {}};
  for (const double c : offset) form.offset.emplace_back(c);
  return form;
}

models::Network relu_network(const Matrix& weights, const Vector& bias) {
  models::Network network = nullcline::testing::tanh_network(weights, Matrix(weights.rows(), 0));
  network.activation = Activation::relu;
  network.bias = bias;
  return network;
}

dynamics::ReluForm random_form(Index n, double gain, Rng& rng) {
  Matrix weights(n, n);
  Vector offset(n);
  for (double& w : weights.reshaped()) w = gain * rng.normal() / std::sqrt(static_cast<double>(n));
  for (double& c : offset) c = rng.normal();
  return make_form(weights, offset);
}

// All patterns, one linear system each, in plain arithmetic.
std::vector<Vector> exhaustive(const dynamics::ReluForm& form) {
  const Index n = form.weights.rows();
  std::vector<Vector> points;
  for (unsigned pattern = 0; pattern < 1U << n; ++pattern) {
    Matrix a = Matrix::Identity(n, n);
    Vector b = Vector::Zero(n), c(n);
    for (Index i = 0; i < n; ++i) {
      c(i) = form.offset[static_cast<std::size_t>(i)].midpoint();
      if (!(pattern >> i & 1U)) continue;
      a.row(i) -= form.weights.row(i);
      b(i) = c(i);
    }
    const Vector h = a.partialPivLu().solve(b);
    const Vector z = form.weights * h + c;
    bool holds = h.allFinite();
    for (Index i = 0; i < n; ++i) holds = holds && ((z(i) > 0) == ((pattern >> i & 1U) != 0));
    if (holds) points.push_back(h);
  }
  return points;
}

TEST(EnumerateRelu, FindsWhatAllPatternsGive) {
  std::size_t most = 0;
  for (std::uint64_t draw = 0; draw < 60; ++draw) {
    Rng rng(draw, Purpose::tests);
    const dynamics::ReluForm form = random_form(1 + static_cast<Index>(draw % 9), 2.5, rng);
    const auto all = enumerate_relu(form, 1000000);
    ASSERT_TRUE(all.has_value());
    EXPECT_TRUE(all->clusters.empty());
    const std::vector<Vector> expected = exhaustive(form);
    ASSERT_EQ(all->points.size(), expected.size()) << draw;
    most = std::max(most, expected.size());
    for (const Vector& h : expected) {
      int n_holding = 0;
      for (const EnclosedPoint& point : all->points)
        if (((point.enclosure.lower - h).array() < 1e-9).all() &&
            ((h - point.enclosure.upper).array() < 1e-9).all()) {
          ++n_holding;
          Matrix slope = Matrix::Zero(h.size(), h.size());
          for (Index i = 0; i < h.size(); ++i)
            if (h(i) > 1e-12) slope.row(i) = form.weights.row(i);
          EXPECT_EQ(point.index, dynamics::fixed_point_index(dynamics::Time::discrete, slope));
        }
      EXPECT_EQ(n_holding, 1);
    }
  }
  EXPECT_GE(most, 3U);
}

TEST(EnumerateRelu, EndsWithTwentyUnits) {
  Rng rng(1, Purpose::tests);
  const auto all = enumerate_relu(random_form(20, 1.5, rng), 3000000);
  ASSERT_TRUE(all.has_value());
  EXPECT_LT(all->n_boxes, 1 << 21);
}

TEST(EnumerateRelu, GivesUpAfterItsNodes) {
  Rng rng(1, Purpose::tests);
  EXPECT_FALSE(enumerate_relu(random_form(14, 1.5, rng), 10).has_value());
}

// [[2, -3], [1, -1.2]] has a spectral radius below 1, and three fixed points for this offset.
TEST(EnumerateRelu, ASpectralRadiusBelowOneIsNotEnough) {
  const Matrix weights{{2.0, -3.0}, {1.0, -1.2}};
  const Vector offset{{-0.172, -1.56}};
  EXPECT_EQ(contracting_norm(weights), "");
  const auto system = models::make_system(relu_network(weights, offset));
  const FixedPointSet set = find_fixed_points(*system, Vector(0), Matrix(0, 2));
  EXPECT_EQ(set.n_fixed(), static_cast<Index>(exhaustive(make_form(weights, offset)).size()));
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_THAT(set.audit.completeness_note, HasSubstr("patterns of relus"));
  EXPECT_FALSE(set.audit.index_expected.has_value());
}

TEST(EnumerateRelu, ProvesThatThereIsNoFixedPoint) {
  const auto all = enumerate_relu(make_form(Matrix{{2.0}}, Vector{{1.0}}), 100);
  ASSERT_TRUE(all.has_value());
  EXPECT_TRUE(all->points.empty());
  EXPECT_TRUE(all->clusters.empty());
}

TEST(EnumerateRelu, EndsAtASingularPattern) {
  // h = max(h, 0): every h >= 0 is a fixed point.
  EXPECT_FALSE(enumerate_relu(make_form(Matrix{{1.0}}, Vector{{0.0}}), 100).has_value());
  // h = max(h + 1, 0): none, and the singular pattern is seen to be impossible.
  const auto none = enumerate_relu(make_form(Matrix{{1.0}}, Vector{{1.0}}), 100);
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->points.empty());
}

TEST(EnumerateRelu, ABorderCollisionIsOneClusterAndACertifiedPointAtAKink) {
  const auto all = enumerate_relu(make_form(Matrix{{-0.5}}, Vector{{0.0}}), 100);
  ASSERT_TRUE(all.has_value());
  EXPECT_TRUE(all->points.empty());
  EXPECT_EQ(all->clusters.size(), 1U);
  const auto system = models::make_system(relu_network(Matrix{{-0.5}}, Vector{{0.0}}));
  const FixedPointSet set = find_fixed_points(*system, Vector(0), Matrix(0, 1));
  ASSERT_EQ(set.n_fixed(), 1);
  EXPECT_TRUE(set.points[0].at_kink);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
}

TEST(EnumerateRelu, TheTwoPointsOfABorderThatOpensAreSeparate) {
  // h = max(2 h - c, 0): 0 and c for c > 0, one point at c = 0 that no test can certify.
  const auto apart = enumerate_relu(make_form(Matrix{{2.0}}, Vector{{-1e-12}}), 100);
  ASSERT_TRUE(apart.has_value());
  EXPECT_EQ(apart->points.size(), 2U);
  const auto system = models::make_system(relu_network(Matrix{{2.0}}, Vector{{0.0}}));
  const FixedPointSet set = find_fixed_points(*system, Vector(0), Matrix(0, 1));
  EXPECT_EQ(set.n_fixed(), 0);
  ASSERT_EQ(set.points.size(), 1U);
  EXPECT_EQ(set.points[0].kind, Kind::undecided);
  EXPECT_LT(set.points[0].hull_radius, 1e-12);
}

TEST(ContractingNorm, IsProvenOrRefused) {
  EXPECT_EQ(contracting_norm(Matrix{{0.5, 0.4}, {-0.3, 0.6}}), "l-infinity");
  EXPECT_EQ(contracting_norm(Matrix{{0.5, 0.6}, {-0.3, 0.3}}), "l1");
  EXPECT_EQ(contracting_norm(Matrix{{0.7, 0.5}, {-0.5, 0.7}}), "l2");
  EXPECT_EQ(contracting_norm(Matrix{{0.8, 0.7}, {-0.7, 0.8}}), "");
  EXPECT_EQ(contracting_norm(Matrix{{1.0}}), "");
}

TEST(ReluSearch, AContractionIsProvenAtAnySize) {
  Rng rng(4, Purpose::tests);
  models::Network network = nullcline::testing::random_network(CellKind::leaky, Activation::relu,
                                                               Reset::after, 48, 1, 0.3, rng);
  const auto system = models::make_system(network);
  const FixedPointSet set = find_fixed_points(*system, Vector::Zero(1), Matrix(0, 48));
  EXPECT_EQ(set.n_fixed(), 1);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_THAT(set.audit.completeness_note, HasSubstr("contracts"));
  EXPECT_EQ(set.audit.index_expected, 1);
}

TEST(ReluSearch, WithoutAProofTheWalkOverPatternsFindsThePoints) {
  for (std::uint64_t draw = 0; draw < 6; ++draw) {
    Rng rng(draw + 100, Purpose::tests);
    const dynamics::ReluForm form = random_form(9, 2.5, rng);
    Vector offset(9);
    for (Index i = 0; i < 9; ++i) offset(i) = form.offset[static_cast<std::size_t>(i)].midpoint();
    const auto system = models::make_system(relu_network(form.weights, offset));
    SearchOptions options;
    options.max_boxes = 0;
    options.n_starts = 1500;
    const FixedPointSet set = find_fixed_points(*system, Vector(0), Matrix(0, 9), options);
    EXPECT_EQ(set.n_fixed(), static_cast<Index>(exhaustive(form).size())) << draw;
    EXPECT_EQ(set.audit.completeness, Completeness::not_auditable);
  }
}

}  // namespace
}  // namespace nullcline::fixed_points
