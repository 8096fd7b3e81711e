// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/elimination.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <tuple>
#include <vector>

#include "nullcline/core/rng.hpp"

namespace nullcline::cycles {
namespace {

Matrix random_matrix(Rng& rng, Index rows, Index cols) {
  Matrix m(rows, cols);
  for (double& x : m.reshaped<Eigen::RowMajor>()) x = rng.normal();
  return m;
}

// The same equations as one dense system.
Vector dense_solution(const std::vector<Matrix>& transfers, const Matrix& conditions, Index n,
                      Index n_borders) {
  const auto n_intervals = static_cast<Index>(transfers.size());
  const Index size = n_intervals * n + n_borders;
  Matrix matrix = Matrix::Zero(size, size);
  Vector right(size);
  for (Index i = 0; i < n_intervals; ++i) {
    const Matrix& transfer = transfers[static_cast<std::size_t>(i)];
    matrix.block(i * n, i * n, n, n) -= transfer.leftCols(n);
    matrix.block(i * n, (i + 1) % n_intervals * n, n, n) += Matrix::Identity(n, n);
    matrix.block(i * n, size - n_borders, n, n_borders) = -transfer.middleCols(n, n_borders);
    right.segment(i * n, n) = transfer.col(n + n_borders);
  }
  matrix.bottomRows(n_borders) = conditions.leftCols(size);
  right.tail(n_borders) = conditions.col(size);
  return matrix.partialPivLu().solve(right);
}

TEST(CyclicSystem, AgreesWithTheDenseSystem) {
  using Sizes = std::tuple<Index, Index, Index>;
  for (const auto& [n_intervals, n, n_borders] :
       {Sizes{1, 2, 1}, Sizes{2, 1, 2}, Sizes{7, 3, 2}, Sizes{40, 2, 2}, Sizes{5, 6, 3}}) {
    Rng rng(3, Purpose::tests, static_cast<std::uint64_t>(n_intervals));
    std::vector<Matrix> transfers;
    CyclicSystem system(n_intervals, n, n_borders);
    for (Index i = 0; i < n_intervals; ++i) {
      transfers.push_back(random_matrix(rng, n, n + n_borders + 1));
      // Rates that grow and decay by several orders over one turn.
      transfers.back().row(0) *= 30;
      system.set_interval(i, transfers.back());
    }
    system.conditions() = random_matrix(rng, n_borders, n_intervals * n + n_borders + 1);
    const Vector expected = dense_solution(transfers, system.conditions(), n, n_borders);
    Matrix states;
    Vector borders;
    ASSERT_TRUE(system.solve(states, borders));
    const double size = expected.cwiseAbs().maxCoeff();
    EXPECT_LT((borders - expected.tail(n_borders)).cwiseAbs().maxCoeff(), 1e-9 * size);
    for (Index i = 0; i < n_intervals; ++i)
      EXPECT_LT((states.row(i).transpose() - expected.segment(i * n, n)).cwiseAbs().maxCoeff(),
                1e-9 * size)
          << i;
  }
}

TEST(CyclicSystem, SaysThatASingularOneIs) {
  CyclicSystem system(3, 1, 1);
  for (Index i = 0; i < 3; ++i) system.set_interval(i, Matrix{{1.0, 0.0, 0.0}});
  system.conditions() << 0, 0, 0, 1, 2;  // says nothing about the states, which are free
  Matrix states;
  Vector borders;
  EXPECT_FALSE(system.solve(states, borders));
}

TEST(Elimination, SolvesWithInterchanges) {
  Matrix rows{{0, 2, 4}, {3, 1, 5}};
  ASSERT_TRUE(eliminate(rows, 2));
  substitute(rows, 2);
  EXPECT_DOUBLE_EQ(rows(0, 2), 1);
  EXPECT_DOUBLE_EQ(rows(1, 2), 2);
  Matrix singular{{1, 2, 0}, {2, 4, 0}};
  EXPECT_FALSE(eliminate(singular, 2));
}

}  // namespace
}  // namespace nullcline::cycles
