// SPDX-License-Identifier: BSD-3-Clause
// Elementary functions from the enclosure of exp and from interval arithmetic itself. Where the C
// library gives a first guess, the guess is proven before it is used; docs/methods/interval.md.
#include <array>
#include <cmath>

#include "nullcline/numerics/interval.hpp"

namespace nullcline::numerics {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

const Interval kLn2(0x1.62e42fefa39efp-1, 0x1.62e42fefa39f0p-1);
const Interval kHalfPi(0x1.921fb54442d18p+0, 0x1.921fb54442d19p+0);

// A bound of log m for 0.7 <= m <= 1.5, on the side of `direction`: a number whose exponential is
// proven to be on that side of m.
double log_bound(double m, double direction) {
  const double guess = std::log(m);
  double step = 0x1p-49;  // exp is enclosed within 20 units of 2^-53
  for (int i = 0; i < 40; ++i, step *= 2) {
    const double bound = guess + direction * step;
    const Interval e = exp(Interval(bound));
    if (direction < 0 ? e.upper() <= m : e.lower() >= m) return bound;
  }
  return direction * kInfinity;
}

// x = m 2^k with 0.75 <= m < 1.5, for one number x > 0.
Interval log_at(double x) {
  if (x == kInfinity) return {709.0, kInfinity};
  int k = 0;
  double m = 2 * std::frexp(x, &k);
  --k;
  if (m >= 1.5) {
    m /= 2;
    ++k;
  }
  if (m == 1) return Interval(static_cast<double>(k)) * kLn2;
  // t / (1 + t) <= log (1 + t) <= t is tighter where t is small; m - 1 is exact.
  const Interval t(m - 1);
  const Interval near((t / (Interval(1) + t)).lower(), m - 1);
  const Interval proven(log_bound(m, -1), log_bound(m, 1));
  const Interval log_m = intersect(near, proven).value_or(near);
  return k == 0 ? log_m : Interval(static_cast<double>(k)) * kLn2 + log_m;
}

Interval sinh_at(double x) { return Interval(0.5) * (exp(Interval(x)) - exp(Interval(-x))); }
Interval cosh_at(double x) { return Interval(0.5) * (exp(Interval(x)) + exp(Interval(-x))); }

// atanh x = (log (1 + x) - log (1 - x)) / 2, for one number with |x| < 1.
Interval atanh_at(double x) {
  if (x == 0) return {0.0, 0.0};
  const Interval one(1);
  return Interval(0.5) * (log(one + Interval(x)) - log(one - Interval(x)));
}

// Arguments up to this are reduced; sine and cosine of larger ones are in [-1, 1].
constexpr double kLargestAngle = 0x1p20;
// pi / 2 in three parts: the first two have 33 bits, so that their products with an integer of 20
// bits are exact; the third is enclosed.
constexpr double kHalfPi1 = 0x1.921fb54400000p+0;
constexpr double kHalfPi2 = 0x1.0b4611a600000p-34;
const Interval kHalfPi3(0x1.3198a2e037073p-69, 0x1.3198a2e037074p-69);

// 1 / n!, enclosed; factorials up to 18! are exact numbers.
constexpr std::size_t kMostTerms = 19;
const std::array<Interval, kMostTerms> kInverseFactorials = [] {
  std::array<Interval, kMostTerms> c{};
  double factorial = 1;
  for (std::size_t n = 0; n < c.size(); ++n) {
    if (n > 0) factorial *= static_cast<double>(n);
    c[n] = Interval(1) / Interval(factorial);
  }
  return c;
}();

// sum_j (-1)^j t^j / (2j + first)!, up to the factorial of 17 + first
Interval alternating_series(const Interval& t, std::size_t first) {
  const std::size_t last = 16 + first;
  Interval sum = kInverseFactorials[last];
  for (std::size_t n = last; n > first;) sum = kInverseFactorials[n -= 2] - t * sum;
  return sum;
}

// sin (x + quarters pi / 2) for one number with |x| <= kLargestAngle: x = k pi / 2 + r, |r| < 0.8,
// and Taylor's series, with remainders below |r|^18 / 19! (of sin r / r) and |r|^18 / 18! (of cos
// r).
Interval sine_at(double x, int quarters) {
  const double k = std::nearbyint(x * 0.63661977236758134);
  const Interval r =
      Interval(x) - Interval(k * kHalfPi1) - Interval(k * kHalfPi2) - Interval(k) * kHalfPi3;
  constexpr double kSineRemainder = 0x1p-60, kCosineRemainder = 0x1p-58;
  const Interval t = power(r, 2);
  const int quarter = (static_cast<int>(std::fmod(k, 4)) + quarters + 8) % 4;
  const Interval value =
      quarter % 2 == 0 ? r * (alternating_series(t, 1) + Interval(-kSineRemainder, kSineRemainder))
                       : alternating_series(t, 0) + Interval(-kCosineRemainder, kCosineRemainder);
  const Interval turned = quarter < 2 ? value : -value;
  return {std::max(-1.0, turned.lower()), std::min(1.0, turned.upper())};
}

// Whether a number that is `remainder` modulo `modulus` is in x / (pi / 2); rather yes than no.
bool contains_quarter(const Interval& x, int remainder, int modulus) {
  const Interval q = x / kHalfPi;
  const double first = std::ceil((q.lower() - remainder) / modulus) * modulus + remainder;
  return first <= q.upper();
}

Interval sine(const Interval& x, int quarters) {
  if (!(x.magnitude() <= kLargestAngle)) return {-1.0, 1.0};
  const Interval ends = hull(sine_at(x.lower(), quarters), sine_at(x.upper(), quarters));
  // sin (x + quarters pi / 2) is 1 where x is 1 - quarters, -1 where it is 3 - quarters.
  return {contains_quarter(x, 3 - quarters, 4) ? -1.0 : ends.lower(),
          contains_quarter(x, 1 - quarters, 4) ? 1.0 : ends.upper()};
}

Interval tan_at(double x) { return sine_at(x, 0) / sine_at(x, 1); }

// x^n for one number x >= 0 and n >= 0.
Interval power_at(double x, int n) {
  Interval result(1), factor(x);
  for (; n > 0; n /= 2) {
    if (n % 2 == 1) result = result * factor;
    if (n > 1) factor = factor * factor;
  }
  return {std::max(0.0, result.lower()), result.upper()};
}

}  // namespace

Interval log(const Interval& x) {
  if (!(x.lower() > 0)) return Interval::whole();
  return {log_at(x.lower()).lower(), log_at(x.upper()).upper()};
}

// The square root of IEEE 754 rounds to nearest.
Interval sqrt(const Interval& x) {
  if (!(x.lower() >= 0)) return Interval::whole();
  return {std::max(0.0, internal::below(std::sqrt(x.lower()))),
          internal::above(std::sqrt(x.upper()))};
}

Interval sin(const Interval& x) { return sine(x, 0); }
Interval cos(const Interval& x) { return sine(x, 1); }

Interval tan(const Interval& x) {
  if (!(x.magnitude() <= kLargestAngle) || contains_quarter(x, 1, 2)) return Interval::whole();
  return {tan_at(x.lower()).lower(), tan_at(x.upper()).upper()};
}

Interval sinh(const Interval& x) {
  return {sinh_at(x.lower()).lower(), sinh_at(x.upper()).upper()};
}

Interval cosh(const Interval& x) {
  const Interval ends = hull(cosh_at(x.lower()), cosh_at(x.upper()));
  return {x.contains(0) ? 1.0 : std::max(1.0, ends.lower()), ends.upper()};
}

Interval atanh(const Interval& x) {
  if (!(x.lower() > -1 && x.upper() < 1)) return Interval::whole();
  return {atanh_at(x.lower()).lower(), atanh_at(x.upper()).upper()};
}

Interval abs(const Interval& x) {
  if (x.lower() >= 0) return x;
  if (x.upper() <= 0) return -x;
  return {0.0, x.magnitude()};
}

Interval abs_derivative(const Interval& x) {
  if (x.lower() > 0) return {1.0, 1.0};
  if (x.upper() < 0) return {-1.0, -1.0};
  return {-1.0, 1.0};
}

Interval power(const Interval& x, int n) {
  if (n < 0) return Interval(1) / power(x, -n);
  if (n % 2 == 0) {
    const Interval size = abs(x);
    return {power_at(size.lower(), n).lower(), power_at(size.upper(), n).upper()};
  }
  const auto at = [n](double end) { return end < 0 ? -power_at(-end, n) : power_at(end, n); };
  return {at(x.lower()).lower(), at(x.upper()).upper()};
}

std::optional<int> as_integer(const Interval& x) {
  const double n = x.lower();
  constexpr double kLargest = 1024;
  if (n != x.upper() || !(std::abs(n) <= kLargest) || n != std::floor(n)) return std::nullopt;
  return static_cast<int>(n);
}

}  // namespace nullcline::numerics
