// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/singular_values.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {
namespace {

TEST(SingularValues, AreThoseOfTheFullDecomposition) {
  Rng rng(1, Purpose::tests, 0);
  for (const auto& [rows, cols] : {std::pair<Index, Index>{9, 4}, {4, 9}, {5, 5}, {1, 3}, {0, 2}}) {
    Matrix a(rows, cols);
    for (double& value : a.reshaped<Eigen::RowMajor>()) value = rng.normal();
    EXPECT_LT((singular_values(a) - svd(a).s).norm(), 1e-14) << rows << " x " << cols;
  }
}

TEST(SingularValues, OfARectangleAreItsLengths) {
  EXPECT_LT((singular_values(Matrix{{0, 3, 0}, {-4, 0, 0}}) - Vector{{4, 3}}).norm(), 1e-15);
  EXPECT_THROW(singular_values(Matrix::Constant(2, 2, std::nan(""))), InvalidInput);
}

}  // namespace
}  // namespace nullcline::numerics
