// SPDX-License-Identifier: BSD-3-Clause
// Formulas over the other scalars. The derivatives were worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "nullcline/formulas/program.hpp"
#include "nullcline/numerics/dual.hpp"
#include "nullcline/numerics/interval.hpp"
#include "nullcline/numerics/jet.hpp"

namespace nullcline::formulas {
namespace {

using numerics::Dual;
using numerics::Interval;
using numerics::Jet;

template <class Scalar>
Scalar evaluate(const std::string& text, const Scalar& x) {
  Program program({"x"});
  program.add(text);
  Scalar out{};
  program.evaluate(std::span<const Scalar>(&x, 1), std::span<Scalar>(&out, 1));
  return out;
}

struct Case {
  const char* text;
  double x;
  std::function<double(double)> first, second, third;
};

double sech2(double x) { return 1 / (std::cosh(x) * std::cosh(x)); }

const std::vector<Case>& cases() {
  using std::cos, std::cosh, std::exp, std::log, std::pow, std::sin, std::sinh, std::sqrt,
      std::tanh, std::tan;
  static const std::vector<Case> kCases{
      {"exp(2*x)", 0.3, [](double x) { return 2 * exp(2 * x); },
       [](double x) { return 4 * exp(2 * x); }, [](double x) { return 8 * exp(2 * x); }},
      {"log(x)", 1.7, [](double x) { return 1 / x; }, [](double x) { return -1 / (x * x); },
       [](double x) { return 2 / (x * x * x); }},
      {"sqrt(x)", 2.3, [](double x) { return 0.5 / sqrt(x); },
       [](double x) { return -0.25 * pow(x, -1.5); },
       [](double x) { return 0.375 * pow(x, -2.5); }},
      {"sin(3*x)", 0.4, [](double x) { return 3 * cos(3 * x); },
       [](double x) { return -9 * sin(3 * x); }, [](double x) { return -27 * cos(3 * x); }},
      {"cos(x)", 2.0, [](double x) { return -sin(x); }, [](double x) { return -cos(x); },
       [](double x) { return sin(x); }},
      {"tan(x)", 0.6, [](double x) { return 1 + tan(x) * tan(x); },
       [](double x) { return 2 * tan(x) * (1 + tan(x) * tan(x)); },
       [](double x) {
         const double t = tan(x), s = 1 + t * t;
         return 2 * s * s + 4 * t * t * s;
       }},
      {"sinh(x)", -0.8, [](double x) { return cosh(x); }, [](double x) { return sinh(x); },
       [](double x) { return cosh(x); }},
      {"cosh(x)", 0.8, [](double x) { return sinh(x); }, [](double x) { return cosh(x); },
       [](double x) { return sinh(x); }},
      {"tanh(x)", 0.5, [](double x) { return sech2(x); },
       [](double x) { return -2 * tanh(x) * sech2(x); },
       [](double x) { return sech2(x) * (4 * tanh(x) * tanh(x) - 2 * sech2(x)); }},
      {"atanh(x)", 0.6, [](double x) { return 1 / (1 - x * x); },
       [](double x) { return 2 * x / pow(1 - x * x, 2); },
       [](double x) { return (2 + 6 * x * x) / pow(1 - x * x, 3); }},
      {"sigmoid(x)", 0.7,
       [](double x) {
         const double s = 1 / (1 + exp(-x));
         return s * (1 - s);
       },
       [](double x) {
         const double s = 1 / (1 + exp(-x));
         return s * (1 - s) * (1 - 2 * s);
       },
       [](double x) {
         const double s = 1 / (1 + exp(-x));
         return s * (1 - s) * (1 - 6 * s + 6 * s * s);
       }},
      {"x^5", -1.3, [](double x) { return 5 * pow(x, 4); }, [](double x) { return 20 * pow(x, 3); },
       [](double x) { return 60 * x * x; }},
      {"x^-2", -1.3, [](double x) { return -2 * pow(x, -3); },
       [](double x) { return 6 * pow(x, -4); }, [](double x) { return -24 * pow(x, -5); }},
      {"x^2.5", 1.9, [](double x) { return 2.5 * pow(x, 1.5); },
       [](double x) { return 3.75 * pow(x, 0.5); }, [](double x) { return 1.875 * pow(x, -0.5); }},
      {"2^x", 1.1, [](double x) { return log(2) * pow(2, x); },
       [](double x) { return pow(log(2), 2) * pow(2, x); },
       [](double x) { return pow(log(2), 3) * pow(2, x); }},
      {"x - x^3/3", 1.2, [](double x) { return 1 - x * x; }, [](double x) { return -2 * x; },
       [](double) { return -2.0; }},
      {"abs(x)*x", -1.2, [](double x) { return -2 * x; }, [](double) { return -2.0; },
       [](double) { return 0.0; }},
      {"relu(x)^2", 1.2, [](double x) { return 2 * x; }, [](double) { return 2.0; },
       [](double) { return 0.0; }},
      {"1/(1 + x^2)", 0.9, [](double x) { return -2 * x / pow(1 + x * x, 2); },
       [](double x) { return (6 * x * x - 2) / pow(1 + x * x, 3); },
       [](double x) { return 24 * x * (1 - x * x) / pow(1 + x * x, 4); }}};
  return kCases;
}

TEST(Derivatives, OfDualsAreThoseWorkedOutByHand) {
  for (const Case& c : cases()) {
    const Dual<double> y = evaluate(c.text, Dual<double>(c.x, 1.0));
    EXPECT_NEAR(y.derivative, c.first(c.x), 2e-14 * (1 + std::abs(c.first(c.x)))) << c.text;
    EXPECT_NEAR(y.value, evaluate(c.text, c.x), 1e-14 * (1 + std::abs(y.value))) << c.text;
  }
}

TEST(Derivatives, OfJetsAreThoseWorkedOutByHand) {
  for (const Case& c : cases()) {
    const double v = 0.7;  // the direction
    const Jet y = evaluate(c.text, Jet::line(c.x, v));
    const auto near = [&](double found, double expected) {
      EXPECT_NEAR(found, expected, 1e-12 * (1 + std::abs(expected))) << c.text;
    };
    near(y.c[1], v * c.first(c.x));
    near(2 * y.c[2], v * v * c.second(c.x));
    near(6 * y.c[3], v * v * v * c.third(c.x));
  }
}

TEST(Derivatives, OverIntervalsHoldValuesAndSlopesOfAllPoints) {
  for (const Case& c : cases()) {
    const Interval x(c.x - 0.05, c.x + 0.05);
    const Interval y = evaluate(c.text, x);
    const Dual<Interval> slope = evaluate(c.text, Dual<Interval>(x, Interval(1.0)));
    EXPECT_LT(y.upper() - y.lower(), 3) << c.text;  // it says something
    for (const double at : {c.x - 0.05, c.x - 0.02, c.x, c.x + 0.031, c.x + 0.05}) {
      EXPECT_TRUE(y.contains(evaluate(c.text, at))) << c.text;
      EXPECT_TRUE(slope.derivative.contains(c.first(at))) << c.text;
      EXPECT_TRUE(slope.value.contains(evaluate(c.text, at))) << c.text;
    }
  }
}

TEST(Derivatives, EncloseConstantsThatAreNoDoubles) {
  const Interval pi = evaluate("pi", Interval(0)), e = evaluate("e", Interval(0));
  EXPECT_LT(pi.lower(), pi.upper());
  EXPECT_LT(e.lower(), e.upper());
  EXPECT_TRUE(evaluate("sin(pi)", Interval(0)).contains(0));
  EXPECT_TRUE(evaluate("log(e)", Interval(0)).contains(1));
}

}  // namespace
}  // namespace nullcline::formulas
