// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/embedding.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"

namespace nullcline::comparison {
namespace {

using nlohmann::json;

json expected() {
  std::ifstream file(NULLCLINE_TEST_DATA "/similarity/expected.json");
  return json::parse(file).at("mds");
}

Matrix matrix_of(const json& rows) {
  Matrix result(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < result.rows(); ++i)
    for (Index j = 0; j < result.cols(); ++j)
      result(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  return result;
}

// Up to the sign of each axis.
void expect_same_axes(const Matrix& found, const Matrix& truth, double tolerance) {
  ASSERT_EQ(found.rows(), truth.rows());
  for (Index k = 0; k < truth.cols(); ++k) {
    const double plus = (found.col(k) - truth.col(k)).cwiseAbs().maxCoeff();
    const double minus = (found.col(k) + truth.col(k)).cwiseAbs().maxCoeff();
    EXPECT_LT(std::min(plus, minus), tolerance);
  }
}

TEST(ClassicalScaling, GivesTheOraclesPoints) {
  const json truth = expected();
  const ClassicalScaling exact = classical_scaling(matrix_of(truth.at("D_exact")));
  expect_same_axes(exact.points, matrix_of(truth.at("cmds")), 1e-9);
  const ClassicalScaling noisy = classical_scaling(matrix_of(truth.at("D_noisy")));
  expect_same_axes(noisy.points, matrix_of(truth.at("cmds_noisy")), 1e-9);
  for (Index i = 0; i < noisy.eigenvalues.size(); ++i)
    EXPECT_NEAR(noisy.eigenvalues(i), truth.at("cmds_noisy_eig")[static_cast<std::size_t>(i)],
                1e-9);
  EXPECT_LT(noisy.eigenvalues.minCoeff(), 0);  // these distances are not Euclidean
  for (Index k = 0; k < 2; ++k)
    EXPECT_EQ(noisy.points.col(k).cwiseAbs().maxCoeff(), noisy.points.col(k).maxCoeff());
}

TEST(Smacof, TakesTheStepsOfTheOracle) {
  const json truth = expected();
  const Matrix distances = matrix_of(truth.at("D_noisy")),
               start = matrix_of(truth.at("smacof_init"));
  const Smacof early = smacof(distances, start, {300, 1e-3});
  const json& history = truth.at("smacof_stress_history");
  ASSERT_EQ(early.stress.size(), history.size());
  for (std::size_t i = 0; i < history.size(); ++i) EXPECT_NEAR(early.stress[i], history[i], 1e-9);
  EXPECT_LT((early.points - matrix_of(truth.at("smacof"))).cwiseAbs().maxCoeff(), 1e-9);
  const Smacof late = smacof(distances, start);
  EXPECT_NEAR(late.stress.back(), truth.at("smacof_long_stress"), 1e-9);
  EXPECT_LT(late.stress.back(), early.stress.back());
}

TEST(Align, UndoesARotationAndAShift) {
  const Matrix points = matrix_of(expected().at("cmds"));
  Matrix turned(points.rows(), 2);  // a reflection too
  turned << 3 - points.col(1).array(), -points.col(0).array() - 1;
  EXPECT_LT((align(turned, points) - points).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_THROW(align(points, points.topRows(2)), InvalidInput);
  // The motion that two thirds of them tell brings all of them back.
  const Index n = 2 * points.rows() / 3;
  EXPECT_LT((align(turned.topRows(n), points.topRows(n), turned) - points).cwiseAbs().maxCoeff(),
            1e-12);
  EXPECT_THROW(align(turned, points, Matrix::Zero(3, 5)), InvalidInput);
}

TEST(Embedding, RefusesWhatAreNoDistances) {
  Matrix distances = Matrix::Ones(3, 3) - Matrix::Identity(3, 3);
  EXPECT_NO_THROW(classical_scaling(distances));
  EXPECT_THROW(classical_scaling(distances, 4), InvalidInput);
  EXPECT_THROW(classical_scaling(distances.topRows(2)), InvalidInput);
  distances(0, 1) = 2;
  EXPECT_THROW(classical_scaling(distances), InvalidInput);
  distances(0, 1) = distances(1, 0) = -1;
  EXPECT_THROW(classical_scaling(distances), InvalidInput);
  EXPECT_THROW(smacof(Matrix::Zero(3, 3), Matrix::Zero(2, 2)), InvalidInput);
}

}  // namespace
}  // namespace nullcline::comparison
