// SPDX-License-Identifier: BSD-3-Clause
// Elementary functions from Taylor polynomials in interval arithmetic: the C library is not
// trusted. The proofs stand in docs/methods/interval.md.
#include "nullcline/numerics/interval.hpp"

#include <array>

namespace nullcline::numerics {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// ln 2 = kLn2High + kLn2Low; the upper part has 21 trailing zero bits, so k * kLn2High is exact for
// |k| < 2^21, and the exact lower part lies within one step of kLn2Low.
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr int kDegree = 14;

Interval widened(double x) { return {internal::below(x), internal::above(x)}; }

// (e^r - 1) / r = sum over n of r^n / (n+1)!, n = 0..kDegree-1, plus a remainder of magnitude at
// most |r|^kDegree / (kDegree+1)! * e^|r|; for |r| <= 0.36 that is below 1e-18.
Interval expm1_over_r(const Interval& r) {
  static const std::array<Interval, kDegree> coefficients = [] {
    std::array<Interval, kDegree> c;
    Interval factorial = 1.0;
    for (int n = 0; n < kDegree; ++n) {
      factorial *= Interval(n + 1.0);  // exact up to 14!, widened all the same
      c[static_cast<std::size_t>(n)] = Interval(1.0) / factorial;
    }
    return c;
  }();
  Interval sum = coefficients[kDegree - 1];
  for (std::size_t n = kDegree - 1; n-- > 0;) sum = sum * r + coefficients[n];
  return sum + Interval(-1e-18, 1e-18);
}

// e^x for one number.
Interval exp_at(double x) {
  if (std::isnan(x)) return Interval::whole();
  if (x > 709.8) return {std::numeric_limits<double>::max(), kInfinity};
  if (x < -745.2) return {0.0, std::numeric_limits<double>::denorm_min()};
  const double k = std::nearbyint(x * 1.4426950408889634);
  const Interval r = (Interval(x) - Interval(k * kLn2High)) - Interval(k) * widened(kLn2Low);
  const Interval e = Interval(1.0) + r * expm1_over_r(r);
  const int exponent = static_cast<int>(k);
  // Scaling is exact unless the result is subnormal or overflows; the outward step covers both.
  return {std::max(0.0, internal::below(std::ldexp(e.lower(), exponent))),
          internal::above(std::ldexp(e.upper(), exponent))};
}

// tanh x for one number x >= 0.
Interval tanh_at_nonnegative(double x) {
  if (x >= 20) return {1 - 0x1p-53, 1.0};  // 1 - tanh 20 < 9e-18
  Interval result;
  if (x < 0.17) {
    const Interval r = Interval(x) + Interval(x);
    const Interval m = r * expm1_over_r(r);  // m / (m + 2) rises with m
    result = {(Interval(m.lower()) / (Interval(m.lower()) + 2.0)).lower(),
              (Interval(m.upper()) / (Interval(m.upper()) + 2.0)).upper()};
  } else {
    const Interval e = exp_at(-2 * x);  // (1 - e) / (1 + e) falls with e
    const Interval low(e.upper()), high(e.lower());
    result = {((Interval(1.0) - low) / (Interval(1.0) + low)).lower(),
              ((Interval(1.0) - high) / (Interval(1.0) + high)).upper()};
  }
  return {result.lower(), std::min(result.upper(), 1.0)};
}

Interval tanh_at(double x) {
  if (std::isnan(x)) return {-1.0, 1.0};
  return x >= 0 ? tanh_at_nonnegative(x) : -tanh_at_nonnegative(-x);
}

Interval sigmoid_at(double x) {
  if (std::isnan(x)) return {0.0, 1.0};
  const Interval e = exp_at(-std::abs(x));
  const Interval low(e.lower()), high(e.upper());
  const Interval one(1.0);
  if (x >= 0)  // 1 / (1 + e) falls with e
    return {(one / (one + high)).lower(), std::min(1.0, (one / (one + low)).upper())};
  return {std::max(0.0, (low / (one + low)).lower()), (high / (one + high)).upper()};
}

}  // namespace

std::optional<Interval> intersect(const Interval& a, const Interval& b) {
  const double lower = std::max(a.lower(), b.lower());
  const double upper = std::min(a.upper(), b.upper());
  if (lower > upper) return std::nullopt;
  return Interval(lower, upper);
}

Interval hull(const Interval& a, const Interval& b) {
  return {std::min(a.lower(), b.lower()), std::max(a.upper(), b.upper())};
}

Interval exp(const Interval& x) { return {exp_at(x.lower()).lower(), exp_at(x.upper()).upper()}; }

Interval tanh(const Interval& x) {
  return {tanh_at(x.lower()).lower(), tanh_at(x.upper()).upper()};
}

Interval sigmoid(const Interval& x) {
  return {sigmoid_at(x.lower()).lower(), sigmoid_at(x.upper()).upper()};
}

Interval relu(const Interval& x) { return {std::max(x.lower(), 0.0), std::max(x.upper(), 0.0)}; }

Interval relu_derivative(const Interval& x) {
  if (x.lower() > 0) return {1.0, 1.0};
  if (x.upper() < 0) return {0.0, 0.0};
  return {0.0, 1.0};
}

// Both rise to one maximum and fall behind it.
Interval tanh_slope(const Interval& t) {
  const auto at = [](double x) {
    return (Interval(1) - Interval(x)) * (Interval(1) + Interval(x));
  };
  const Interval ends = hull(at(t.lower()), at(t.upper()));
  return t.contains(0) ? hull(ends, 1.0) : ends;
}

Interval sigmoid_slope(const Interval& s) {
  const auto at = [](double x) { return Interval(x) * (Interval(1) - Interval(x)); };
  const Interval ends = hull(at(s.lower()), at(s.upper()));
  return s.contains(0.5) ? hull(ends, 0.25) : ends;
}

}  // namespace nullcline::numerics
