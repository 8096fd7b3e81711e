// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/sweeps/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::sweeps {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

dynamics::Box box(Index n, double size) {
  return {Vector::Constant(n, -size), Vector::Constant(n, size)};
}

/// x' = a + b x - x^3: three equilibria where 4 b^3 > 27 a^2, else one.
struct Cusp {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    out[0] = x[0] + x[1] * h[0] - h[0] * h[0] * h[0];
  }
};

/// r' = r (a - r^2), with the angular speed b: a cycle of radius sqrt(a) for a > 0.
struct Hopf {
  template <class S>
  void operator()(const S* h, const S* x, S* out) const {
    const S growth = x[0] - h[0] * h[0] - h[1] * h[1];
    out[0] = growth * h[0] - x[1] * h[1];
    out[1] = growth * h[1] + x[1] * h[0];
  }
};

dynamics::FunctionSystem<Cusp> cusp() {
  return {Cusp{}, 1, 2, dynamics::Time::continuous, box(1, 3)};
}
dynamics::FunctionSystem<Hopf> hopf() {
  return {Hopf{}, 2, 2, dynamics::Time::continuous, box(2, 2)};
}

TEST(Sweep, CountsTheEquilibriaInsideAndOutsideOfACusp) {
  const std::vector<Axis> axes{{"input[0]", -1, 1, 7}, {"input[1]", -1, 2, 5}};
  const Sweep all = sweep(cusp(), Vector::Zero(2), axes, Quantity::n_fixed_points);
  const Sweep stable = sweep(cusp(), Vector::Zero(2), axes, Quantity::n_stable_points);
  ASSERT_EQ(all.result.rows(), 7);
  ASSERT_EQ(all.result.cols(), 5);
  for (Index i = 0; i < 7; ++i)
    for (Index j = 0; j < 5; ++j) {
      const double a = all.values[0](i), b = all.values[1](j);
      const bool is_inside = 4 * b * b * b > 27 * a * a;
      EXPECT_EQ(all.result(i, j), is_inside ? 3 : 1) << a << " " << b;
      EXPECT_EQ(stable.result(i, j), is_inside ? 2 : 1) << a << " " << b;
    }
}

TEST(Sweep, KnowsTheCyclesOfANormalForm) {
  const std::vector<Axis> axes{{"input[0]", -0.5, 1, 4}, {"input[1]", 1, 2, 2}};
  const auto at = [&](Quantity quantity) {
    return sweep(hopf(), Vector::Zero(2), axes, quantity).result;
  };
  const Matrix count = at(Quantity::n_cycles), stable = at(Quantity::n_stable_cycles),
               period = at(Quantity::cycle_period), frequency = at(Quantity::cycle_frequency),
               amplitude = at(Quantity::cycle_amplitude);
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 2; ++j) {
      const double a = -0.5 + 0.5 * static_cast<double>(i), speed = 1.0 + static_cast<double>(j);
      EXPECT_EQ(count(i, j), a > 0 ? 1 : 0);
      EXPECT_EQ(stable(i, j), count(i, j));
      EXPECT_EQ(std::isnan(period(i, j)), a <= 0);
      if (a <= 0) continue;
      EXPECT_NEAR(period(i, j), 2 * std::numbers::pi / speed, 1e-8);
      EXPECT_NEAR(frequency(i, j), speed / (2 * std::numbers::pi), 1e-8);
      EXPECT_NEAR(amplitude(i, j), 2 * std::sqrt(a), 1e-8);
    }
}

TEST(Sweep, OfOneParameterIsTheSameForAnyNumberOfThreads) {
  const std::vector<Axis> axes{{"input[0]", -1, 1, 21}};
  const Vector input{{0, 1}};
  set_n_threads(1);
  const Sweep one = sweep(cusp(), input, axes, Quantity::n_fixed_points);
  set_n_threads(3);
  const Sweep three = sweep(cusp(), input, axes, Quantity::n_fixed_points);
  set_n_threads(0);
  EXPECT_EQ(one.result.cols(), 1);
  EXPECT_EQ(one.result, three.result);
  const auto arrays = to_arrays(one);
  EXPECT_EQ(arrays.vector("first"), one.values[0]);
  EXPECT_EQ(arrays.matrix("n_fixed_points"), one.result);
}

TEST(Sweep, TellsItsProgressAndStops) {
  set_n_threads(1);
  int n = 0;
  const Sweep result = sweep(cusp(), Vector::Zero(2), {{"input[0]", -1, 1, 50}},
                             Quantity::n_fixed_points, {}, [&](const ProgressUpdate& update) {
                               EXPECT_EQ(update.total, 50);
                               return ++n < 5;
                             });
  set_n_threads(0);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(n, 5);
}

TEST(Sweep, RefusesWhatIsNoGrid) {
  const auto refusal = [](const std::vector<Axis>& axes, const char* words) {
    EXPECT_THAT([&] { sweep(cusp(), Vector::Zero(2), axes, Quantity::n_fixed_points); },
                ThrowsMessage<InvalidInput>(HasSubstr(words)));
  };
  refusal({}, "parameters: found 0");
  refusal({{"input[0]", 1, 1, 5}}, "found 1 to 1, expected two different numbers");
  refusal({{"input[0]", 0, 1, 1}}, "steps of 'input[0]': found 1");
  refusal({{"input[2]", 0, 1, 5}}, "input[2]");
  refusal({{"input[0]", 0, 1, 5}, {"input[0]", 0, 1, 5}}, "found twice");
  const dynamics::FunctionSystem<Cusp> map(Cusp{}, 1, 2, dynamics::Time::discrete, box(1, 3));
  EXPECT_THAT(
      [&] {
        sweep(map, Vector::Zero(2), {{"input[0]", 0, 1, 5}}, Quantity::cycle_period);
      },
      ThrowsMessage<InvalidInput>(HasSubstr("cycle_period: found a map, expected a flow")));
}

}  // namespace
}  // namespace nullcline::sweeps
