// SPDX-License-Identifier: BSD-3-Clause
// The enclosures of exp, tanh, sigmoid and their slopes against MPFR with 200 bits, where numbers
// round correctly: millions of arguments, at every scale that a double has.
#include <gtest/gtest.h>
#include <mpfr.h>

#include <array>
#include <bit>
#include <cstdint>

#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/interval.hpp"
#include "nullcline/numerics/interval_arrays.hpp"
#include "nullcline/numerics/interval_products.hpp"

namespace nullcline::numerics {
namespace {

constexpr int kSamples = 100000;  // of each kind of argument

// A number of 200 bits.
class Reference {
 public:
  Reference() { mpfr_init2(value_, 200); }
  ~Reference() { mpfr_clear(value_); }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  Reference& operator=(double x) {
    mpfr_set_d(value_, x, MPFR_RNDN);
    return *this;
  }
  mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

// Whether the exact value, of which `exact` is a rounding to 200 bits, lies between the bounds: a
// bound may touch it, since a double that MPFR's rounding crosses is 2^-147 away at least.
bool is_inside(Reference& exact, const Interval& bounds) {
  return mpfr_cmp_d(exact.get(), bounds.lower()) >= 0 &&
         mpfr_cmp_d(exact.get(), bounds.upper()) <= 0;
}

enum class Arguments { bits, ordinary, wide, near_limits, subnormal };

const char* name_of_arguments(Arguments which) {
  constexpr std::array kNames{"Bits", "Ordinary", "Wide", "NearLimits", "Subnormal"};
  return kNames[static_cast<std::size_t>(which)];
}

// All finite doubles; where the functions bend; where they saturate; where the code changes its
// formula; and the smallest ones.
double argument(Arguments which, Rng& rng) {
  static constexpr std::array kLimits{0.0,     0.17,  0.085, 0.34659, 0.5,   1.0,   18.7,
                                      19.0615, 20.0,  36.74, 700.0,   707.0, 709.7, 709.8,
                                      744.44,  745.2, 708.4, 1e300,   1e-8,  1e-300};
  switch (which) {
    case Arguments::bits:
      for (;;) {
        const double x = std::bit_cast<double>(rng.bits());
        if (std::isfinite(x)) return x;
      }
    case Arguments::ordinary:
      return rng.uniform(-3, 3);
    case Arguments::wide:
      return rng.uniform(-760, 760);
    case Arguments::near_limits: {
      const double limit = kLimits[rng.below(kLimits.size())];
      const double x = std::bit_cast<double>(std::bit_cast<std::uint64_t>(limit) + rng.below(16));
      return rng.bits() >> 63 ? x : -x;
    }
    case Arguments::subnormal: {
      const double x = std::bit_cast<double>(rng.bits() >> (12 + rng.below(52)));
      return rng.bits() >> 63 ? x : -x;
    }
  }
  return 0;
}

class EnclosuresAgainstMpfr : public ::testing::TestWithParam<Arguments> {
 protected:
  // Calls body(x, argument as a reference) for each sample.
  template <class Body>
  void for_each(std::uint64_t stream, Body&& body) {
    Rng rng(stream, Purpose::tests, static_cast<std::uint64_t>(GetParam()));
    int n_wrong = 0;
    for (int sample = 0; sample < kSamples && n_wrong < 5; ++sample) {
      const double x = argument(GetParam(), rng);
      exact_ = x;
      if (body(x)) continue;
      ++n_wrong;
      ADD_FAILURE() << std::hexfloat << x;
    }
  }

  // exact_ <- 1 / (1 + e^-x)
  void logistic() {
    mpfr_neg(exact_.get(), exact_.get(), MPFR_RNDN);
    mpfr_exp(exact_.get(), exact_.get(), MPFR_RNDN);
    mpfr_add_ui(exact_.get(), exact_.get(), 1, MPFR_RNDN);
    mpfr_ui_div(exact_.get(), 1, exact_.get(), MPFR_RNDN);
  }

  Reference exact_, other_;
};

TEST_P(EnclosuresAgainstMpfr, HoldForExp) {
  for_each(31, [&](double x) {
    mpfr_exp(exact_.get(), exact_.get(), MPFR_RNDN);
    return is_inside(exact_, exp(Interval(x)));
  });
}

TEST_P(EnclosuresAgainstMpfr, HoldForTanh) {
  for_each(32, [&](double x) {
    mpfr_tanh(exact_.get(), exact_.get(), MPFR_RNDN);
    // In an array, at all places of a SIMD lane and behind the last whole one.
    Interval several[5];
    for (Interval& value : several) value = Interval(x);
    tanh_in_place(several);
    for (const Interval& value : several)
      if (!is_inside(exact_, value)) return false;
    return is_inside(exact_, tanh(Interval(x)));
  });
}

TEST_P(EnclosuresAgainstMpfr, HoldForSigmoid) {
  for_each(33, [&](double x) {
    logistic();
    Interval several[5];
    for (Interval& value : several) value = Interval(x);
    sigmoid_in_place(several);
    for (const Interval& value : several)
      if (!is_inside(exact_, value)) return false;
    return is_inside(exact_, sigmoid(Interval(x)));
  });
}

TEST_P(EnclosuresAgainstMpfr, HoldForTheSlopes) {
  for_each(34, [&](double x) {
    const Interval t = tanh(Interval(x)), s = sigmoid(Interval(x));
    mpfr_cosh(other_.get(), exact_.get(), MPFR_RNDN);  // tanh' = 1 / cosh^2
    mpfr_sqr(other_.get(), other_.get(), MPFR_RNDN);
    mpfr_ui_div(other_.get(), 1, other_.get(), MPFR_RNDN);
    if (!is_inside(other_, tanh_slope(t))) return false;
    logistic();  // sigma' = s (1 - s), 1 - s from -x
    other_ = -x;
    mpfr_swap(exact_.get(), other_.get());
    logistic();
    mpfr_mul(exact_.get(), exact_.get(), other_.get(), MPFR_RNDN);
    return is_inside(exact_, sigmoid_slope(s));
  });
}

// Functions whose arguments have to lie in a domain; f(exact) by MPFR in place.
using InPlace = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
struct Elementary {
  const char* name;
  InPlace reference;
  Interval (*enclosure)(const Interval&);
  bool (*in_domain)(double);
};

TEST_P(EnclosuresAgainstMpfr, HoldForElementaryFunctions) {
  const auto anywhere = [](double) { return true; };
  const Elementary functions[] = {
      {"log", mpfr_log, log, [](double x) { return x > 0; }},
      {"sqrt", mpfr_sqrt, sqrt, [](double x) { return x >= 0; }},
      {"sin", mpfr_sin, sin, [](double x) { return std::abs(x) < 1e7; }},
      {"cos", mpfr_cos, cos, [](double x) { return std::abs(x) < 1e7; }},
      {"tan", mpfr_tan, tan, [](double x) { return std::abs(x) < 1e7; }},
      {"sinh", mpfr_sinh, sinh, anywhere},
      {"cosh", mpfr_cosh, cosh, anywhere},
      {"atanh", mpfr_atanh, atanh, [](double x) { return std::abs(x) < 1; }}};
  std::uint64_t stream = 40;
  for (const Elementary& f : functions) {
    SCOPED_TRACE(f.name);
    for_each(stream++, [&](double x) {
      if (!f.in_domain(x)) return true;
      f.reference(exact_.get(), exact_.get(), MPFR_RNDN);
      return is_inside(exact_, f.enclosure(Interval(x)));
    });
  }
}

TEST_P(EnclosuresAgainstMpfr, HoldForIntegerPowers) {
  for_each(50, [&](double x) {
    const int n = static_cast<int>(std::bit_cast<std::uint64_t>(x) % 23) - 11;
    if (x == 0 && n < 0) return true;
    mpfr_pow_si(exact_.get(), exact_.get(), n, MPFR_RNDN);
    return mpfr_inf_p(exact_.get()) != 0 || is_inside(exact_, power(Interval(x), n));
  });
}

INSTANTIATE_TEST_SUITE_P(Arguments, EnclosuresAgainstMpfr,
                         ::testing::Values(Arguments::bits, Arguments::ordinary, Arguments::wide,
                                           Arguments::near_limits, Arguments::subnormal),
                         [](const auto& instance) { return name_of_arguments(instance.param); });

// The test itself: an enclosure that is too narrow by two units in the last place is found.
TEST(EnclosuresAgainstMpfr, FindATooNarrowEnclosure) {
  Rng rng(35, Purpose::tests);
  Reference exact;
  int n_found = 0;
  for (int sample = 0; sample < 1000; ++sample) {
    const double x = rng.uniform(-3, 3), t = std::tanh(x) * (1 + 0x1p-51);
    exact = x;
    mpfr_tanh(exact.get(), exact.get(), MPFR_RNDN);
    n_found += is_inside(exact, Interval(t, std::nextafter(t, 2 * t))) ? 0 : 1;
  }
  EXPECT_GT(n_found, 800);
}

// Widths in units of 2^-53 of the value, where a function is far from its zeros and poles.
TEST(EnclosuresOfElementaryFunctions, AreTight) {
  Rng rng(37, Purpose::tests);
  const auto units = [](const Interval& y) {
    return (y.upper() - y.lower()) / std::abs(y.midpoint()) * 0x1p53;
  };
  for (int sample = 0; sample < 10000; ++sample) {
    const double x = rng.uniform(0.3, 1.2);
    EXPECT_LT(units(sin(Interval(x))), 30);
    EXPECT_LT(units(cos(Interval(x))), 30);
    EXPECT_LT(units(sqrt(Interval(x))), 6);
    EXPECT_LT(units(log(Interval(x + 1))), 200);
    EXPECT_LT(units(power(Interval(x), 7)), 40);
    EXPECT_LT(units(atanh(Interval(0.8 * x))), 200);
  }
}

// The range over an interval against samples: what is between the ends counts too.
TEST(EnclosuresOfElementaryFunctions, HoldTheRangeOverAnInterval) {
  Rng rng(38, Purpose::tests);
  for (int sample = 0; sample < 20000; ++sample) {
    const double a = rng.uniform(-9, 9), b = a + rng.uniform() * rng.uniform(0, 8);
    const Interval x(a, b);
    for (int i = 0; i <= 16; ++i) {
      const double at = a + (b - a) * i / 16;
      EXPECT_TRUE(sin(x).contains(sin(Interval(at)))) << a << " " << b;
      EXPECT_TRUE(cos(x).contains(cos(Interval(at)))) << a << " " << b;
      EXPECT_TRUE(tan(x).contains(std::tan(at))) << a << " " << b;
      EXPECT_TRUE(cosh(x).contains(cosh(Interval(at)))) << a << " " << b;
      EXPECT_TRUE(abs(x).contains(std::abs(at)));
      for (const int n : {-3, -2, 0, 1, 2, 3, 4})
        EXPECT_TRUE(at == 0 || power(x, n).contains(power(Interval(at), n))) << n;
    }
  }
}

TEST(EnclosuresOfElementaryFunctions, GiveTheWholeLineWhereUndefined) {
  const auto is_whole = [](const Interval& y) {
    return y.lower() == -INFINITY && y.upper() == INFINITY;
  };
  EXPECT_TRUE(is_whole(log(Interval(-1, 2))));
  EXPECT_TRUE(is_whole(log(Interval(0, 2))));
  EXPECT_TRUE(is_whole(sqrt(Interval(-1, 4))));
  EXPECT_TRUE(is_whole(tan(Interval(1, 2))));
  EXPECT_TRUE(is_whole(atanh(Interval(0, 1))));
  EXPECT_TRUE(is_whole(power(Interval(-1, 1), -2)));
  EXPECT_TRUE(is_whole(log(Interval::whole())));
  EXPECT_EQ(sin(Interval::whole()).lower(), -1);
  EXPECT_EQ(sin(Interval(1e300)).upper(), 1);
}

// An even power and the bare sine of a wide interval: no wider than they must be.
TEST(EnclosuresOfElementaryFunctions, KnowTheirExtrema) {
  EXPECT_EQ(power(Interval(-2, 1), 2).lower(), 0);
  EXPECT_EQ(sin(Interval(1, 2)).upper(), 1);
  EXPECT_GT(sin(Interval(1, 2)).lower(), 0.84);
  EXPECT_EQ(cos(Interval(-1, 1)).upper(), 1);
  EXPECT_EQ(cos(Interval(3, 4)).lower(), -1);
  EXPECT_LT(cos(Interval(3, 4)).upper(), -0.65);
}

TEST(Interval, DotEnclosesTheExactSum) {
  Rng rng(36, Purpose::tests);
  Reference sum, term;
  mpfr_set_prec(sum.get(), 4000);
  mpfr_set_prec(term.get(), 4000);
  for (int sample = 0; sample < 2000; ++sample) {
    const auto n = static_cast<std::size_t>(1 + rng.below(20));
    std::array<double, 20> weights{};
    std::array<Interval, 20> values{};
    sum = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double scale = std::pow(10.0, rng.uniform(-160, 20));
      weights[j] = rng.normal() * scale;
      const double x = rng.normal() * std::pow(10.0, rng.uniform(-170, 20));
      values[j] = sample % 2 == 0 ? Interval(x) : Interval(x, x + std::abs(x) * rng.uniform());
      term = weights[j];
      mpfr_mul_d(term.get(), term.get(), sample % 4 < 2 ? x : values[j].upper(), MPFR_RNDN);
      mpfr_add(sum.get(), sum.get(), term.get(), MPFR_RNDN);
    }
    EXPECT_TRUE(is_inside(sum, dot(weights.data(), values.data(), static_cast<Index>(n))))
        << sample;
  }
}

}  // namespace
}  // namespace nullcline::numerics
