// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/activations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::numerics {
namespace {

/// Sets NULLCLINE_SIMD for as long as it lives.
class WithSimd {
 public:
  explicit WithSimd(const char* name) { setenv("NULLCLINE_SIMD", name, 1); }
  ~WithSimd() { unsetenv("NULLCLINE_SIMD"); }
  WithSimd(const WithSimd&) = delete;
  WithSimd& operator=(const WithSimd&) = delete;
};

long double exact_tanh(long double x) { return std::tanh(x); }
long double exact_sigmoid(long double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

/// Magnitudes from tiny to saturated, both signs, and a count that no vector length divides.
template <class T>
std::vector<T> arguments() {
  std::vector<T> x;
  Rng rng(1, Purpose::tests);
  for (int i = 0; i < 40001; ++i) {
    const double magnitude = i % 2 == 0 ? rng.uniform(0, 40) : std::exp(rng.uniform(-60, 4));
    x.push_back(static_cast<T>(rng.below(2) == 0 ? magnitude : -magnitude));
  }
  return x;
}

template <class T>
void expect_within_two_ulps(void (*function)(std::span<T>), long double (*exact)(long double)) {
  const std::vector<T> x = arguments<T>();
  std::vector<T> y = x;
  function(y);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double expected = exact(static_cast<long double>(x[i]));
    const T near = static_cast<T>(std::abs(expected));
    const T ulp = std::nextafter(near, std::numeric_limits<T>::infinity()) - near;
    ASSERT_LE(std::abs(static_cast<long double>(y[i]) - expected),
              2 * static_cast<long double>(ulp))
        << "at " << x[i];
  }
}

class Activations : public ::testing::TestWithParam<const char*> {
 protected:
  const WithSimd simd_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(InstructionSets, Activations, ::testing::Values("sse2", "avx2", "avx512"),
                         [](const auto& instance) { return instance.param; });

TEST_P(Activations, AreWithinTwoUnitsInTheLastPlace) {
  expect_within_two_ulps<float>(tanh_in_place, exact_tanh);
  expect_within_two_ulps<double>(tanh_in_place, exact_tanh);
  expect_within_two_ulps<float>(sigmoid_in_place, exact_sigmoid);
  expect_within_two_ulps<double>(sigmoid_in_place, exact_sigmoid);
}

TEST_P(Activations, TanhIsOddBitForBit) {
  std::vector<double> x = arguments<double>(), y = x;
  for (double& value : y) value = -value;
  tanh_in_place(x);
  tanh_in_place(y);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(x[i], -y[i]);
}

template <class T>
void expect_limits() {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> x{inf, -inf, nan, -nan, T(0), T(-0.0), T(1000), T(-1000)};
  std::vector<T> y = x;
  tanh_in_place(std::span<T>(y));
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], -1);
  EXPECT_TRUE(std::isnan(y[2]) && std::isnan(y[3]));
  EXPECT_TRUE(y[4] == 0 && !std::signbit(y[4]));
  EXPECT_TRUE(y[5] == 0 && std::signbit(y[5]));
  EXPECT_EQ(y[6], 1);
  EXPECT_EQ(y[7], -1);
  y = x;
  sigmoid_in_place(std::span<T>(y));
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], 0);
  EXPECT_TRUE(std::isnan(y[2]) && std::isnan(y[3]));
  EXPECT_EQ(y[4], T(0.5));
  EXPECT_EQ(y[5], T(0.5));
  EXPECT_EQ(y[6], 1);
  EXPECT_EQ(y[7], 0);
}

TEST_P(Activations, SaturateAtInfinityAndKeepNotANumber) {
  expect_limits<float>();
  expect_limits<double>();
}

TEST_P(Activations, TouchNothingBeyondTheirValues) {
  for (std::size_t n = 0; n < 40; ++n) {
    std::vector<float> padded(n + 2, 0.25f);
    tanh_in_place(std::span<float>(padded.data() + 1, n));
    EXPECT_EQ(padded.front(), 0.25f);
    EXPECT_EQ(padded.back(), 0.25f);
    for (std::size_t i = 1; i <= n; ++i) EXPECT_FLOAT_EQ(padded[i], std::tanh(0.25f));
  }
}

TEST(Simd, TheEnvironmentLowersAndNeverRaises) {
  unsetenv("NULLCLINE_SIMD");
  const Simd best = active_simd();
  {
    const WithSimd lowered("sse2");
    EXPECT_EQ(active_simd(), Simd::sse2);
    EXPECT_EQ(simd_name(active_simd()), "sse2");
  }
  {
    const WithSimd raised("avx512");
    EXPECT_EQ(active_simd(), best);
  }
  const WithSimd unknown("avx1024");
  EXPECT_THROW(active_simd(), InvalidInput);
}

}  // namespace
}  // namespace nullcline::numerics
