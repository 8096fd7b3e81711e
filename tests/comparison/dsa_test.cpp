// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/dsa.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <tuple>

#include "nullcline/comparison/transport.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::comparison {
namespace {

using nlohmann::json;

constexpr double kExact = 1e-9;

class Dsa : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(NULLCLINE_TEST_DATA "/similarity/expected.json");
    expected = json::parse(file).at("dsa");
    arrays = io::read_npz(NULLCLINE_TEST_DATA "/similarity/dsa.npz");
  }
  // 6 trials of 50 steps of 4 units
  Matrix trajectory(int k) const {
    const NamedArray& array = arrays.at("traj" + std::to_string(k + 1));
    return Eigen::Map<const Matrix>(std::get<std::vector<double>>(array.data).data(), 300, 4);
  }
  Matrix truth(int k) const { return arrays.matrix("A" + std::to_string(k + 1)); }
  Matrix fitted(int k) const { return arrays.matrix("Av" + std::to_string(k + 1)); }

  json expected;
  NamedArrays arrays;
};

// Columns of V are known up to their signs.
TEST_F(Dsa, OperatorsOfTrajectoriesAreTheOracles) {
  for (int k = 0; k < 3; ++k) {
    const Matrix found = delay_operator(trajectory(k), 6);
    EXPECT_LT((found.cwiseAbs() - fitted(k).cwiseAbs()).norm(), 1e-12);
    EXPECT_LT(eigenvalue_distance_squared(found, fitted(k)), 1e-24);
  }
}

TEST_F(Dsa, DistancesAreTheOraclesOrBetter) {
  for (const auto& [name, pair] : expected.at("pairs").items()) {
    SCOPED_TRACE(name);
    const int i = name[0] - '0', j = name[1] - '0';
    for (const auto& [a, b, truths] : {std::tuple{truth(i), truth(j), pair.at("true_pavf")},
                                       std::tuple{fitted(i), fitted(j), pair.at("dmd_pavf")}}) {
      const OperatorDistance found = operator_distance(a, b);
      const double best = truths.at("frob");  // itself a minimum by descent, to about 1e-9
      EXPECT_LE(found.frobenius, best + kExact);
      EXPECT_GE(found.frobenius, best - 1e-8);
      EXPECT_NEAR(found.angular, truths.at("angular"), 1e-8);
      EXPECT_GE(found.n_best, 1);
    }
    EXPECT_NEAR(eigenvalue_distance_squared(truth(i), truth(j)), pair.at("eig_w2sq_true"), kExact);
    EXPECT_NEAR(eigenvalue_distance_squared(fitted(i), fitted(j)), pair.at("eig_w2sq_dmd"), kExact);
  }
}

TEST_F(Dsa, TheRotationIsOrthogonalAndGivesTheDistance) {
  const Matrix a = fitted(0) / fitted(0).norm(), b = fitted(1) / fitted(1).norm();
  const OperatorDistance found = operator_distance(a, b);
  const Matrix& c = found.rotation;
  EXPECT_LT((c * c.transpose() - Matrix::Identity(6, 6)).norm(), 1e-12);
  EXPECT_NEAR((a - c * b * c.transpose()).norm(), found.frobenius, 1e-12);
  EXPECT_NEAR(std::cos(found.angular), a.cwiseProduct(c * b * c.transpose()).sum(), 1e-12);
}

TEST_F(Dsa, MirrorImagesAreTheSameAndFewStartsMayMissIt) {
  Matrix mirror = Matrix::Identity(6, 6);
  mirror(0, 0) = -1;
  const Matrix image = mirror * fitted(2) * mirror;
  EXPECT_LT(operator_distance(fitted(2), 3 * image).frobenius, 1e-11);
  // Local minima are there to be missed: the spread tells.
  EXPECT_GT(operator_distance(fitted(0), fitted(1)).spread, 0.05);
  EXPECT_LT(operator_distance(fitted(0), fitted(1)).n_best, 32);
}

TEST_F(Dsa, DependsOnTheOptions) {
  const Matrix plain = delay_operator(trajectory(0), 6);
  DsaOptions options;
  options.ridge = 0.1;
  EXPECT_GT((delay_operator(trajectory(0), 6, options) - plain).norm(), 1e-3);
  options = {};
  options.delay = 2;
  EXPECT_GT((delay_operator(trajectory(0), 6, options) - plain).norm(), 1e-3);
  options = {};
  options.n_delays = 1;
  EXPECT_EQ(delay_operator(trajectory(0), 6, options).size(), 0);  // 4 units, rank 6
  options.rank = 2;
  EXPECT_EQ(delay_operator(trajectory(0), 6, options).rows(), 2);
  // Other trials, other boundaries that may not be crossed.
  EXPECT_GT((delay_operator(trajectory(0), 1) - plain).norm(), 1e-3);
}

TEST_F(Dsa, RefusesWhatDoesNotFit) {
  EXPECT_THROW(delay_operator(trajectory(0), 7), InvalidInput);
  EXPECT_THROW(delay_operator(trajectory(0), 100), InvalidInput);  // trials of 3 steps
  EXPECT_THROW(operator_distance(fitted(0), truth(0)), InvalidInput);
  EXPECT_THROW(operator_distance(fitted(0), fitted(1), {1, 0}), InvalidInput);
  EXPECT_THROW(operator_distance(Matrix::Zero(2, 3), Matrix::Zero(2, 3)), InvalidInput);
  EXPECT_TRUE(
      std::isnan(operator_distance(Matrix::Zero(3, 3), truth(0).topLeftCorner(3, 3)).angular));
}

TEST(Eigenvalues, AreFilledUpWithZeros) {
  const Matrix a = Vector{{0.5, -0.5}}.asDiagonal(), b = Matrix::Constant(1, 1, 0.5);
  EXPECT_NEAR(eigenvalue_distance_squared(a, b), 0.25 / 2, 1e-15);
}

// Costs of all couplings at the corners of the polytope, by hand.
TEST(Transport, SmallProblems) {
  const Matrix cost{{4, 1, 3}, {2, 0, 5}, {3, 2, 2}};
  const Vector thirds = Vector::Constant(3, 1.0 / 3);
  const Matrix plan = optimal_transport(cost, thirds, thirds);
  EXPECT_NEAR(cost.cwiseProduct(plan).sum(), 5.0 / 3, 1e-15);  // 1 + 2 + 2
  EXPECT_NEAR(plan(0, 1), 1.0 / 3, 1e-15);
  const Matrix other = optimal_transport(Matrix{{0, 1}, {1, -2}, {5, 0}}, Vector{{0.5, 0.25, 0.25}},
                                         Vector{{0.6, 0.4}});
  // The second and third source want the second sink, which takes 0.4 only.
  EXPECT_LT((other - Matrix{{0.5, 0}, {0.1, 0.15}, {0, 0.25}}).norm(), 1e-14);
}

TEST(Transport, HasTheMarginalsAndNoCouplingNearbyIsCheaper) {
  Rng rng(3, Purpose::tests, 0);
  Matrix cost(7, 5);
  for (double& value : cost.reshaped<Eigen::RowMajor>()) value = rng.normal();
  const Vector from = Vector::Constant(7, 1.0 / 7), to = Vector::Constant(5, 0.2);
  const Matrix plan = optimal_transport(cost, from, to);
  EXPECT_LT((plan.rowwise().sum() - from).norm(), 1e-14);
  EXPECT_LT((plan.colwise().sum().transpose() - to).norm(), 1e-14);
  EXPECT_GE(plan.minCoeff(), 0);
  for (Index i = 0; i < 7; ++i)
    for (Index j = 0; j < 5; ++j)
      for (Index k = 0; k < 7; ++k)
        for (Index l = 0; l < 5; ++l)
          if (plan(i, j) > 1e-12 && plan(k, l) > 1e-12) {
            EXPECT_GE(cost(i, l) + cost(k, j), cost(i, j) + cost(k, l) - 1e-12);
          }
}

TEST(Transport, RefusesWhatDoesNotFit) {
  const Matrix cost = Matrix::Ones(2, 2);
  const Vector halves = Vector::Constant(2, 0.5);
  EXPECT_THROW(optimal_transport(cost, Vector::Ones(3), halves), InvalidInput);
  EXPECT_THROW(optimal_transport(cost, Vector::Ones(2), halves), InvalidInput);
  EXPECT_THROW(optimal_transport(cost, Vector{{1.5, -0.5}}, halves), InvalidInput);
  EXPECT_THROW(optimal_transport(cost * std::nan(""), halves, halves), InvalidInput);
}

}  // namespace
}  // namespace nullcline::comparison
