// SPDX-License-Identifier: BSD-3-Clause
// Systems in SIMD lanes, against LAPACK on the same systems one by one.
#include "nullcline/numerics/lanes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <type_traits>
#include <vector>

#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/aligned.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {
namespace {

std::size_t size(Index n) { return static_cast<std::size_t>(n); }

// A pack of random systems, and what each lane holds as a matrix of its own.
template <class T>
struct Problem {
  const LaneKernels<T>& kernels = lane_kernels<T>();
  Index n, lanes = kernels.lanes;
  AlignedVector<T> a, b, d, y, work;
  std::vector<int> pivots;
  std::vector<T> mu, error;
  LanePack<T> pack;
  std::vector<Matrix> matrices;
  Matrix right_sides;

  // Diagonals far from zero need no exchange; without them nearly every column does.
  Problem(Index order, double diagonal, std::uint64_t seed = 1)
      : n(order),
        a(size(order * (order | 1) * lanes)),
        b(size(order * lanes)),
        d(b),
        y(b),
        work(size(3 * order * lanes)),
        pivots(size(order * lanes)),
        mu(size(lanes)),
        error(size(lanes)),
        pack{order, order | 1, a.data(), pivots.data()},
        right_sides(lanes, order) {
    Rng rng(seed, Purpose::tests);
    for (Index lane = 0; lane < lanes; ++lane) {
      Matrix m(n, n);
      for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < n; ++j)
          m(i, j) = rng.normal() / std::sqrt(static_cast<double>(n)) + (i == j ? diagonal : 0);
        right_sides(lane, i) = rng.normal();
        b[size(i * lanes + lane)] = static_cast<T>(right_sides(lane, i));
      }
      set(lane, m);
    }
  }

  void set(Index lane, const Matrix& m) {
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        a[size((i * pack.stride + j) * lanes + lane)] = static_cast<T>(m(i, j));
    if (static_cast<Index>(matrices.size()) <= lane) matrices.resize(size(lane + 1));
    matrices[size(lane)] = m;
  }

  Vector lane_of(const AlignedVector<T>& values, Index lane) const {
    Vector result(n);
    for (Index i = 0; i < n; ++i) result(i) = static_cast<double>(values[size(i * lanes + lane)]);
    return result;
  }

  DampedLanes<T> damped(T tolerance, int max_iterations) {
    return {b.data(),    mu.data(), d.data(),       y.data(),
            work.data(), tolerance, max_iterations, error.data()};
  }
};

template <class T>
class Lanes : public ::testing::Test {
 protected:
  static constexpr double kEpsilon = std::is_same_v<T, float> ? 6e-8 : 1.2e-16;
  ~Lanes() override { unsetenv("NULLCLINE_SIMD"); }
};
using Scalars = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Lanes, Scalars);

TYPED_TEST(Lanes, SolveLikeLapackOnEveryInstructionSet) {
  for (const char* simd : {"sse2", "avx2", "avx512"}) {
    setenv("NULLCLINE_SIMD", simd, 1);
    for (const Index n : {1, 2, 3, 7, 8, 9, 16, 17, 31, 40, 64, 96})
      for (const double diagonal : {0.0, -1.0, 3.0}) {
        Problem<TypeParam> problem(n, diagonal);
        problem.kernels.factor(problem.pack);
        auto x = problem.b, z = problem.b;
        problem.kernels.solve(problem.pack, x.data());
        problem.kernels.solve_transposed(problem.pack, z.data());
        for (Index lane = 0; lane < problem.lanes; ++lane) {
          const Matrix& m = problem.matrices[size(lane)];
          const Vector b = problem.lane_of(problem.b, lane);
          const Matrix inverse = numerics::inverse(m);
          // Backward stability up to the growth that a threshold of 1/4 lets through.
          const double room = 200 * this->kEpsilon * static_cast<double>(n) * m.norm();
          EXPECT_LE((problem.lane_of(x, lane) - inverse * b).norm(),
                    room * inverse.norm() * (inverse * b).norm())
              << simd << " " << n << " " << diagonal;
          EXPECT_LE((problem.lane_of(z, lane) - inverse.transpose() * b).norm(),
                    room * inverse.norm() * (inverse.transpose() * b).norm())
              << simd << " " << n << " " << diagonal;
        }
      }
  }
}

TYPED_TEST(Lanes, ExchangeRowsWhereTheDiagonalVanishes) {
  // A cyclic shift in one lane: zero diagonals all along. The other lanes keep their order.
  Problem<TypeParam> problem(6, 4.0);
  Matrix shift = Matrix::Zero(6, 6);
  for (Index i = 0; i < 6; ++i) shift(i, (i + 1) % 6) = 1;
  problem.set(0, shift);
  problem.kernels.factor(problem.pack);
  auto x = problem.b;
  problem.kernels.solve(problem.pack, x.data());
  for (Index i = 0; i < 6; ++i)
    EXPECT_EQ(problem.lane_of(x, 0)((i + 1) % 6), problem.lane_of(problem.b, 0)(i));
  for (Index k = 0; k < 6; ++k)
    EXPECT_EQ(problem.pivots[size(k * problem.lanes + 1)], static_cast<int>(k));
}

TYPED_TEST(Lanes, ASingularMatrixSpoilsItsOwnLaneAlone) {
  Problem<TypeParam> problem(5, -1.0);
  problem.set(1, Matrix::Zero(5, 5));
  problem.kernels.factor(problem.pack);
  auto x = problem.b;
  problem.kernels.solve(problem.pack, x.data());
  for (Index lane = 0; lane < problem.lanes; ++lane)
    EXPECT_EQ(problem.lane_of(x, lane).allFinite(), lane != 1) << lane;
}

TYPED_TEST(Lanes, DampedStepsSolveTheNormalEquations) {
  const double tolerance = std::is_same_v<TypeParam, float> ? 1e-4 : 1e-9;
  Problem<TypeParam> problem(24, -1.0);
  for (Index lane = 0; lane < problem.lanes; ++lane)
    problem.mu[size(lane)] = lane == 0 ? 0 : static_cast<TypeParam>(std::pow(0.1, lane - 1));
  problem.kernels.factor(problem.pack);
  problem.kernels.solve_damped(problem.pack, problem.damped(static_cast<TypeParam>(tolerance), 60));
  for (Index lane = 0; lane < problem.lanes; ++lane) {
    const Matrix& m = problem.matrices[size(lane)];
    const Vector r = problem.right_sides.row(lane).transpose();
    const Vector d = problem.lane_of(problem.d, lane);
    const double mu = static_cast<double>(problem.mu[size(lane)]);
    const Vector left = m.transpose() * (m * d + r) + mu * d;
    EXPECT_LE(left.norm(), 100 * tolerance * (m.transpose() * r).norm()) << lane;
    EXPECT_LE((problem.lane_of(problem.y, lane) - m * d).norm(), 100 * tolerance * r.norm());
    EXPECT_LE(problem.error[size(lane)], tolerance * tolerance);
  }
}

TYPED_TEST(Lanes, SayHowFarADampedStepIsFromItsSolution) {
  Problem<TypeParam> problem(24, -1.0);
  for (TypeParam& mu : problem.mu) mu = 1;
  problem.kernels.factor(problem.pack);
  problem.kernels.solve_damped(problem.pack, problem.damped(TypeParam(1e-4), 1));
  for (const TypeParam error : problem.error) EXPECT_GT(error, TypeParam(1e-8));
}

TYPED_TEST(Lanes, AssembleMatricesWithScaledRows) {
  constexpr Index n = 11, terms = 3;
  Problem<TypeParam> problem(n, 0.0);
  Rng rng(2, Purpose::tests);
  std::vector<TypeParam> weights(size(terms * n * n));
  AlignedVector<TypeParam> scales(size(terms * n * problem.lanes));
  for (TypeParam& value : weights) value = static_cast<TypeParam>(rng.normal());
  for (TypeParam& value : scales) value = static_cast<TypeParam>(rng.normal());
  problem.kernels.assemble(problem.pack, {terms, weights.data(), scales.data(), TypeParam(-1)});
  for (Index lane = 0; lane < problem.lanes; ++lane)
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j) {
        double expected = i == j ? -1 : 0;
        for (Index k = 0; k < terms; ++k)
          expected += static_cast<double>(scales[size((k * n + i) * problem.lanes + lane)]) *
                      static_cast<double>(weights[size((k * n + i) * n + j)]);
        const TypeParam found =
            problem.a[size((i * problem.pack.stride + j) * problem.lanes + lane)];
        EXPECT_NEAR(static_cast<double>(found), expected, 50 * this->kEpsilon);
      }
}

}  // namespace
}  // namespace nullcline::numerics
