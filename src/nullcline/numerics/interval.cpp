// SPDX-License-Identifier: BSD-3-Clause
// Elementary functions from a Taylor polynomial in plain double arithmetic, with an error bound:
// the C library is not trusted. The bounds are proven in docs/methods/interval.md, for rounding to
// nearest, with or without fused multiply-add.
#include "nullcline/numerics/interval.hpp"

#include <array>
#include <bit>
#include <cstdint>

#ifdef __FAST_MATH__
#error "interval arithmetic needs IEEE-754 semantics: compile without -ffast-math"
#endif

namespace nullcline::numerics {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kUnit = 0x1p-53;
using internal::kEta;

// ln 2 = kLn2High + kLn2Low; the upper part has 21 trailing zero bits, so k * kLn2High is exact for
// |k| < 2^21, and the exact lower part lies within one step of kLn2Low.
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

// 1 / (n + 1)!, rounded to nearest; factorials up to 14! are exact.
constexpr std::array<double, 14> kCoefficients = [] {
  std::array<double, 14> c{};
  double factorial = 1;
  for (std::size_t n = 0; n < c.size(); ++n) c[n] = 1 / (factorial *= static_cast<double>(n + 1));
  return c;
}();

// (e^r - 1) / r for |r| <= 0.35, within 3 u relative.
inline double expm1_over_r(double r) {
  double sum = kCoefficients.back();
  for (std::size_t n = kCoefficients.size() - 1; n-- > 0;) sum = sum * r + kCoefficients[n];
  return sum;
}

// x = k ln 2 + r with |r| <= 0.35: k exact, r within 0.8 u absolute, and exact where k = 0.
struct Reduced {
  double k, r;
};
inline Reduced reduce(double x) {
  constexpr double kMagic = 0x1.8p52;  // adding it rounds to an integer
  const double k = (x * 1.4426950408889634 + kMagic) - kMagic;
  return {k, (x - k * kLn2High) - k * kLn2Low};
}

// 2^k for -1022 <= k <= 1023.
inline double power_of_two(double k) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023)
                               << 52);
}

// e^x for -745.2 <= x <= 709.7, within 8 u relative and 2^-1074 absolute.
inline double exp_near(double x) {
  const Reduced reduced = reduce(x);
  const double e = 1 + reduced.r * expm1_over_r(reduced.r);
  if (std::abs(reduced.k) < 1000) return e * power_of_two(reduced.k);
  // In two exact steps, of which the second rounds where the result is subnormal.
  const double rest = std::copysign(128.0, reduced.k);
  return e * power_of_two(reduced.k - rest) * power_of_two(rest);
}

// All numbers within `units` u relative and 2^-1072 absolute of a value >= 0 that is known to be so
// near; two more units and eta cover the rounding here.
inline Interval around(double value, double units) {
  const double error = value * ((units + 2) * kUnit) + kEta;
  return {value - error, value + error};
}

inline Interval exp_at(double x) {
  if (std::isnan(x)) return Interval::whole();
  if (x > 709.7) return {1.65e308, kInfinity};  // e^709.7 = 1.654e308
  if (x < -745.2) return {0.0, kEta};
  const Interval e = around(exp_near(x), 8);
  return {std::max(0.0, e.lower()), e.upper()};
}

// tanh x = m / (m + 2) with m = e^2x - 1, for one number x >= 0.
inline Interval tanh_at_nonnegative(double x) {
  if (x >= 20) return {1 - kUnit, 1.0};  // 1 - tanh 20 < 9e-18
  const Reduced reduced = reduce(x + x);
  const double tail = reduced.r * expm1_over_r(reduced.r);
  const double scale = power_of_two(reduced.k);
  const double m = reduced.k == 0 ? tail : (scale - 1) + scale * tail;
  const Interval t = around(m / (m + 2), 12);
  return {std::max(0.0, t.lower()), std::min(t.upper(), 1.0)};
}

inline Interval tanh_at(double x) {
  if (std::isnan(x)) return {-1.0, 1.0};
  return x >= 0 ? tanh_at_nonnegative(x) : -tanh_at_nonnegative(-x);
}

// 1 / (1 + e) or e / (1 + e) with e = e^-|x|.
inline Interval sigmoid_at(double x) {
  if (std::isnan(x)) return {0.0, 1.0};
  if (x < -745.2) return {0.0, kEta};
  const double e = x > 745.2 ? 0 : exp_near(-std::abs(x));
  const Interval s = around((x >= 0 ? 1 : e) / (1 + e), 12);
  return {std::max(0.0, s.lower()), std::min(1.0, s.upper())};
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

namespace {

// Encloses the values between a and b of a function that rises to `top` and falls behind it, from
// its values at both ends within 3 u relative; `has_top` if the top is between them.
Interval hill(double a, double b, bool has_top, double top) {
  const double lower = std::min(a, b), upper = std::max(a, b);
  if (!(std::abs(lower) + std::abs(upper) < kInfinity)) return Interval::whole();
  const auto error = [](double value) { return std::abs(value) * (5 * kUnit) + kEta; };
  return {lower - error(lower), std::max(upper + error(upper), has_top ? top : upper)};
}

}  // namespace

Interval tanh_slope(const Interval& t) {
  const auto at = [](double x) { return (1 - x) * (1 + x); };
  return hill(at(t.lower()), at(t.upper()), t.contains(0), 1.0);
}

Interval sigmoid_slope(const Interval& s) {
  const auto at = [](double x) { return x * (1 - x); };
  return hill(at(s.lower()), at(s.upper()), s.contains(0.5), 0.25);
}

}  // namespace nullcline::numerics
