// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/trajectories/lyapunov.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "systems.hpp"

namespace nullcline::trajectories {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const Vector kNoInput(0);

void expect_near(const Spectrum& spectrum, const std::vector<double>& known, double most) {
  ASSERT_EQ(spectrum.exponents.size(), static_cast<Index>(known.size()));
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto k = static_cast<Index>(i);
    EXPECT_NEAR(spectrum.exponents(k), known[i], most) << i;
    EXPECT_NEAR(spectrum.exponents(k), known[i], 5 * spectrum.errors(k) + 1e-4) << i;
  }
}

// Known values: Sprott, Chaos and Time-Series Analysis (2003), appendix A.
TEST(Lyapunov, OfTheLorenzSystem) {
  const auto spectrum =
      lyapunov_spectrum(flow_of<3>(Lorenz{}), kNoInput, Vector{{1, 1, 1}}, 3, {50, 2000, 1e-9});
  expect_near(spectrum, {0.9056, 0, -14.5723}, 0.02);
  EXPECT_NEAR(spectrum.exponents.sum(), -(10 + 1 + 8.0 / 3), 1e-6);
  EXPECT_NEAR(spectrum.mean_divergence, -(10 + 1 + 8.0 / 3), 1e-9);
  EXPECT_NEAR(kaplan_yorke_dimension(spectrum.exponents, 3), 2.062, 0.003);
  // What it was after a half, and that it has settled since.
  EXPECT_NEAR(spectrum.running(9, 0), 0.9056, 0.03);
  EXPECT_EQ(spectrum.running(19, 0), spectrum.exponents(0));
  EXPECT_EQ(spectrum.running_times(9), 1000);
}

TEST(Lyapunov, OfTheRoesslerSystem) {
  const auto spectrum =
      lyapunov_spectrum(flow_of<3>(Roessler{}), kNoInput, Vector{{1, 1, 1}}, 3, {200, 5000, 1e-9});
  expect_near(spectrum, {0.0714, 0, -5.3943}, 0.01);
  EXPECT_NEAR(spectrum.exponents.sum(), spectrum.mean_divergence, 1e-6);
}

TEST(Lyapunov, OfTheHenonMap) {
  const auto spectrum =
      lyapunov_spectrum(map_of<2>(Henon{}), kNoInput, Vector{{0, 0}}, 2, {1000, 200000, 0});
  expect_near(spectrum, {0.41922, -1.62319}, 0.003);
  EXPECT_NEAR(spectrum.exponents.sum(), std::log(0.3), 1e-9);
  EXPECT_NEAR(spectrum.mean_divergence, std::log(0.3), 1e-9);
  const auto first =
      lyapunov_spectrum(map_of<2>(Henon{}), kNoInput, Vector{{0, 0}}, 1, {1000, 200000, 0});
  EXPECT_NEAR(first.exponents(0), spectrum.exponents(0), 1e-3)
      << "the others do not change the first";
  EXPECT_TRUE(std::isnan(first.mean_divergence));
}

TEST(Lyapunov, AnEscapeIsSaid) {
  const auto spectrum =
      lyapunov_spectrum(map_of<2>(Henon{}), kNoInput, Vector{{3, 0}}, 2, {0, 1000, 0});
  EXPECT_FALSE(spectrum.is_finite);
  EXPECT_LT(spectrum.elapsed, 20);
  const auto flow =
      lyapunov_spectrum(flow_of<1>(BlowUp{}), kNoInput, Vector{{0.0}}, 1, {0, 1000, 1e-9});
  EXPECT_FALSE(flow.is_finite);
  EXPECT_NEAR(flow.elapsed, std::acos(-1.0) / 2, 1e-3);  // tan t
}

TEST(Lyapunov, StopsWhenAsked) {
  const auto spectrum = lyapunov_spectrum(map_of<2>(Henon{}), kNoInput, Vector{{0, 0}}, 2,
                                          {0, 100000, 0}, [](const auto&) { return false; });
  EXPECT_TRUE(spectrum.interrupted);
  EXPECT_TRUE(spectrum.is_finite);
}

TEST(Lyapunov, DimensionOfKaplanAndYorke) {
  EXPECT_EQ(kaplan_yorke_dimension(Vector{{1, 0, -2}}, 3), 2.5);
  EXPECT_EQ(kaplan_yorke_dimension(Vector{{-1, -2}}, 2), 0);
  EXPECT_EQ(kaplan_yorke_dimension(Vector{{1, -0.5}}, 2), 2);
  EXPECT_TRUE(std::isnan(kaplan_yorke_dimension(Vector{{1, 0}}, 3)));
}

TEST(Lyapunov, RefusesWhatDoesNotFit) {
  const auto map = map_of<2>(Henon{});
  const auto refusal = [&](const Vector& start, Index n, Span span, const char* words) {
    EXPECT_THAT([&] { lyapunov_spectrum(map, kNoInput, start, n, span); },
                ThrowsMessage<InvalidInput>(HasSubstr(words)));
  };
  refusal(Vector{{0}}, 1, {0, 100, 0}, "start: found 1 values, expected 2");
  refusal(Vector{{0, NAN}}, 1, {0, 100, 0}, "not finite");
  refusal(Vector{{0, 0}}, 3, {0, 100, 0}, "n_exponents: found 3, expected 1 to 2");
  refusal(Vector{{0, 0}}, 1, {0, 5, 0}, "duration: found 5");
  refusal(Vector{{0, 0}}, 1, {-1, 100, 0}, "transient: found -1");
  EXPECT_THAT(
      [&] {
        lyapunov_spectrum(flow_of<3>(Lorenz{}), kNoInput, Vector{{1, 1, 1}}, 1, {0, 10, 1e-20});
      },
      ThrowsMessage<InvalidInput>(HasSubstr("tolerance: found 1e-20")));
}

}  // namespace
}  // namespace nullcline::trajectories
