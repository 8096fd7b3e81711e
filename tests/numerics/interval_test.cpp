// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/interval.hpp"

#include <gtest/gtest.h>

#include <cfloat>

#include "nullcline/core/rng.hpp"

namespace nullcline::numerics {
namespace {

static_assert(LDBL_MANT_DIG == 64, "the reference needs 64-bit mantissas");

// The long double functions are good to about one unit of their own last place, 2^-64 relative.
void expect_encloses(const Interval& enclosure, long double exact, double max_width_ulps) {
  const long double slack = 2 * std::abs(exact) * 0x1p-63L;
  EXPECT_LE(static_cast<long double>(enclosure.lower()), exact + slack);
  EXPECT_GE(static_cast<long double>(enclosure.upper()), exact - slack);
  const double ulp = std::nextafter(std::abs(static_cast<double>(exact)), INFINITY) -
                     std::abs(static_cast<double>(exact));
  EXPECT_LE(enclosure.upper() - enclosure.lower(), max_width_ulps * ulp + 0x1p-957)
      << static_cast<double>(exact);
}

double random_argument(Rng& rng, int sample) {
  switch (sample % 4) {
    case 0:
      return rng.uniform(-3, 3);
    case 1:
      return rng.uniform(-40, 40);
    case 2:
      return rng.normal() * std::pow(10.0, rng.uniform(-300, 0));
    default:
      return rng.uniform(-740, 709);
  }
}

TEST(Interval, ElementaryFunctionsEncloseTheExactValueTightly) {
  Rng rng(1, Purpose::tests);
  for (int sample = 0; sample < 20000; ++sample) {
    const double x = random_argument(rng, sample);
    const long double lx = x;
    const long double e = std::exp(lx);
    expect_encloses(exp(Interval(x)), e, 32);
    // Near +-1 a unit in the last place halves, hence the wider bound; at saturation all is one
    // ulp.
    expect_encloses(tanh(Interval(x)), std::tanh(lx), 48);
    expect_encloses(sigmoid(Interval(x)), lx >= 0 ? 1 / (1 + std::exp(-lx)) : e / (1 + e), 32);
  }
}

TEST(Interval, SlopesAreTheirRanges) {
  Rng rng(4, Purpose::tests);
  for (int sample = 0; sample < 5000; ++sample) {
    const double a = rng.uniform(-1, 1), b = rng.uniform(-1, 1);
    const Interval t(std::min(a, b), std::max(a, b));
    const Interval s((1 + t.lower()) / 2, (1 + t.upper()) / 2);
    double least = 1, most = 0;
    for (int i = 0; i <= 100; ++i) {
      const double x = std::lerp(t.lower(), t.upper(), i / 100.0);
      least = std::min(least, 1 - x * x);
      most = std::max(most, 1 - x * x);
      EXPECT_TRUE(tanh_slope(t).contains((1 - x) * (1 + x))) << x;
      EXPECT_TRUE(sigmoid_slope(s).contains((1 + x) * (1 - x) / 4)) << x;
    }
    const double step = t.width() / 100;
    EXPECT_NEAR(tanh_slope(t).lower(), least, 1e-14);
    EXPECT_NEAR(tanh_slope(t).upper(), most, step * step + 1e-14);
    EXPECT_NEAR(sigmoid_slope(s).lower(), least / 4, 1e-14);
    EXPECT_NEAR(sigmoid_slope(s).upper(), most / 4, step * step + 1e-14);
  }
}

TEST(Interval, SaturationAndTheEndsOfTheLineStaySound) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double x : {20.0, 1e3, 1e300, infinity}) {
    EXPECT_LT(tanh(Interval(x)).lower(), 1.0);
    EXPECT_EQ(tanh(Interval(x)).upper(), 1.0);
    EXPECT_EQ(tanh(Interval(-x)).lower(), -1.0);
    EXPECT_GT(tanh(Interval(-x)).upper(), -1.0);
  }
  EXPECT_EQ(exp(Interval(800.0)).upper(), infinity);
  EXPECT_EQ(exp(Interval(-800.0)).lower(), 0.0);
  EXPECT_GT(exp(Interval(-800.0)).upper(), 0.0);
  EXPECT_TRUE(exp(Interval::whole()).contains(Interval(0.0, infinity)));
  EXPECT_TRUE(tanh(Interval(0.0)).contains(0.0));
  EXPECT_TRUE(tanh(Interval(5e-324)).contains(5e-324));
}

TEST(Interval, OperationsContainEveryResult) {
  Rng rng(2, Purpose::tests);
  for (int sample = 0; sample < 20000; ++sample) {
    const double a = rng.normal(), b = rng.normal() * 1e-3, ra = rng.uniform(), rb = rng.uniform();
    const Interval x(a - ra, a + ra), y(b - rb, b + rb);
    const double p = rng.uniform(x.lower(), x.upper()), q = rng.uniform(y.lower(), y.upper());
    const long double lp = p, lq = q;
    const auto holds = [](const Interval& bounds, long double value) {
      return bounds.lower() <= value && value <= bounds.upper();
    };
    EXPECT_TRUE(holds(x + y, lp + lq));
    EXPECT_TRUE(holds(x - y, lp - lq));
    EXPECT_TRUE(holds(x * y, lp * lq));
    if (q != 0) {
      EXPECT_TRUE(holds(x / y, lp / lq));
    }
  }
}

TEST(Interval, OperationsRoundOutwardsByTwoUnitsAtMost) {
  const Interval third = Interval(1.0) / Interval(3.0);
  EXPECT_LT(third.lower(), third.upper());
  EXPECT_LE(third.upper() - third.lower(), 4 * 0x1p-54);
  EXPECT_TRUE((third * Interval(3.0)).contains(1.0));
  EXPECT_LT((Interval(0.1) + Interval(0.2)).lower(), (Interval(0.1) + Interval(0.2)).upper());
}

TEST(Interval, UndefinedOperationsGiveTheWholeLine) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE((Interval(1.0) / Interval(-1.0, 1.0)).contains(Interval::whole()));
  EXPECT_TRUE((Interval(infinity) - Interval(infinity)).contains(Interval::whole()));
  EXPECT_TRUE((Interval(0.0) * Interval(infinity)).contains(Interval::whole()));
  EXPECT_TRUE((Interval(1e300) * Interval(1e300)).contains(1e300));
}

TEST(Interval, IntersectionOfDisjointIntervalsIsEmpty) {
  EXPECT_FALSE(intersect({0, 1}, {2, 3}).has_value());
  EXPECT_EQ(intersect({0, 2}, {1, 3})->lower(), 1);
  EXPECT_EQ(hull({0, 1}, {2, 3}).upper(), 3);
}

TEST(Interval, ReluSlopeIsTheWholeKinkWhereTheKinkIsInside) {
  EXPECT_EQ(relu(Interval(-1, 2)).upper(), 2);
  EXPECT_EQ(relu(Interval(-1, 2)).lower(), 0);
  EXPECT_EQ(relu_derivative(Interval(-1, 2)).upper(), 1);
  EXPECT_EQ(relu_derivative(Interval(-1, 2)).lower(), 0);
  EXPECT_EQ(relu_derivative(Interval(1, 2)).lower(), 1);
  EXPECT_EQ(relu_derivative(Interval(-2, -1)).upper(), 0);
}

TEST(Interval, KeepsZerosThatAreExact) {
  const Interval x(0.5, 2), zero(0.0);
  EXPECT_TRUE((x * zero).is_zero());
  EXPECT_TRUE((zero * x).is_zero());
  EXPECT_TRUE((0.0 * x).is_zero());
  EXPECT_TRUE((zero + zero).is_zero());
  EXPECT_TRUE((Interval(1) - Interval(1)).is_zero());
  // What underflows is not zero.
  const double small = std::numeric_limits<double>::denorm_min();
  EXPECT_FALSE((Interval(small) * Interval(small)).is_zero());
  EXPECT_FALSE((small * Interval(small)).is_zero());
}

}  // namespace
}  // namespace nullcline::numerics
