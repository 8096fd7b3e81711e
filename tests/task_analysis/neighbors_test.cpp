// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/neighbors.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"

namespace nullcline::task_analysis {
namespace {

Matrix matrix_of(const nlohmann::json& rows) {
  Matrix result(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < result.rows(); ++i)
    for (Index j = 0; j < result.cols(); ++j)
      result(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  return result;
}

TEST(NearestNeighbors, AreThoseOfALineAttractorByNumPy) {
  std::ifstream file(NULLCLINE_TEST_DATA "/topology.json");
  const auto truth = nlohmann::json::parse(file)["line_attractor_nn"];
  const Matrix points = matrix_of(truth["points"]);
  EXPECT_EQ(nearest_neighbor_graph(points, 1), matrix_of(truth["A_k1_sym"]));
  EXPECT_EQ(nearest_neighbor_graph(points, 2), matrix_of(truth["A_k2_sym"]));
  EXPECT_NE(nearest_neighbor_graph(points, 1), matrix_of(truth["A_k1_directed"]));
}

// At 0, 1, 3, 7: 0 and 1 choose each other, 3 chooses 1, 7 chooses 3.
TEST(NearestNeighbors, OfFourPointsOnALineAreAChain) {
  Matrix points(4, 1);
  points << 0, 1, 3, 7;
  Matrix chain = Matrix::Zero(4, 4);
  for (Index i = 0; i < 3; ++i) chain(i, i + 1) = chain(i + 1, i) = 1;
  EXPECT_EQ(nearest_neighbor_graph(points), chain);
  const Matrix complete = Matrix::Ones(4, 4) - Matrix::Identity(4, 4);
  EXPECT_EQ(nearest_neighbor_graph(points, 3), complete);
  EXPECT_EQ(nearest_neighbor_graph(points, 9), complete) << "there are no more than three others";
}

TEST(NearestNeighbors, OfNoneOrOnePointThereAreNone) {
  EXPECT_EQ(nearest_neighbor_graph(Matrix(0, 3)).size(), 0);
  EXPECT_EQ(nearest_neighbor_graph(Matrix::Ones(1, 3)), Matrix::Zero(1, 1));
  EXPECT_THROW(nearest_neighbor_graph(Matrix::Ones(2, 3), 0), InvalidInput);
}

}  // namespace
}  // namespace nullcline::task_analysis
