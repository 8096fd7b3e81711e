// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/compact_matrix.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/activations.hpp"

namespace nullcline::numerics {
namespace {

Matrix random_matrix(Index rows, Index cols, bool single) {
  Rng rng(1, Purpose::tests, static_cast<std::uint64_t>(rows * 100 + cols));
  Matrix result(rows, cols);
  for (double& x : result.reshaped())
    x = single ? static_cast<double>(static_cast<float>(rng.normal())) : rng.normal();
  return result;
}

TEST(CompactMatrix, MultipliesAsEigenDoesWhateverTheSize) {
  for (const bool single : {true, false})
    for (const Index rows : {1, 4, 7, 33})
      for (const Index cols : {1, 15, 16, 17, 100}) {
        const Matrix a = random_matrix(rows, cols, single);
        const Vector x = random_matrix(cols, 1, false).col(0);
        const CompactMatrix compact(a);
        EXPECT_EQ(compact.is_single(), single);
        Vector out(rows);
        compact.multiply_vector(x, out);
        EXPECT_LE((out - a * x).cwiseAbs().maxCoeff(), 1e-13) << rows << " x " << cols;
      }
}

TEST(CompactMatrix, OneEntryThatNeedsDoublePrecisionKeepsAllOfThem) {
  Matrix a = random_matrix(5, 20, true);
  a(3, 17) += 1e-12;
  EXPECT_FALSE(CompactMatrix(a).is_single());
}

}  // namespace
}  // namespace nullcline::numerics
