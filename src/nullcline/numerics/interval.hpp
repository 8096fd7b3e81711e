// SPDX-License-Identifier: BSD-3-Clause
// Interval arithmetic with outward rounding, independent of the rounding mode and of the C library.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace nullcline::numerics {

namespace internal {
// e = fl(fl(phi |x|) + eta) with phi = u (1 + 2u) and eta any positive number: x - e is at or below
// the number before x, x + e at or above the one after it (Rump et al. 2009). This eta keeps
// subnormal numbers, on which processors are slow, out of the way.
constexpr double kPhi = 0x1p-53 * (1 + 0x1p-52);
constexpr double kEta = 0x1p-960;
inline double below(double x) { return x - (std::abs(x) * kPhi + kEta); }
inline double above(double x) { return x + (std::abs(x) * kPhi + kEta); }
}  // namespace internal

/// A closed interval [lower, upper] that is guaranteed to contain the exact result of each
/// operation for all operands in the argument intervals. Each operation rounds to nearest, whose
/// error is at most half a unit in the last place, and then steps outwards by one. Bounds may be
/// infinite; an undefined operation gives the whole line, never NaN. Sums and products that are
/// zero because of their operands stay exactly zero: a matrix keeps its pattern.
class Interval {
 public:
  Interval() = default;
  Interval(double value) : lower_(value), upper_(value) {}  // NOLINT: a number is an interval
  Interval(double lower, double upper) : lower_(lower), upper_(upper) {}

  static Interval whole() {
    return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  }

  double lower() const { return lower_; }
  double upper() const { return upper_; }
  double midpoint() const { return std::midpoint(lower_, upper_); }
  /// An upper bound of the half width.
  double radius() const {
    const double middle = midpoint();
    return internal::above(std::max(upper_ - middle, middle - lower_));
  }
  double width() const { return internal::above(upper_ - lower_); }
  /// Largest magnitude.
  double magnitude() const { return std::max(std::abs(lower_), std::abs(upper_)); }

  bool is_zero() const { return lower_ == 0 && upper_ == 0; }
  bool contains(double x) const { return lower_ <= x && x <= upper_; }
  bool contains(const Interval& x) const { return lower_ <= x.lower_ && x.upper_ <= upper_; }
  bool contains_in_interior(const Interval& x) const {
    return lower_ < x.lower_ && x.upper_ < upper_;
  }

  Interval& operator+=(const Interval& b) { return *this = *this + b; }
  Interval& operator-=(const Interval& b) { return *this = *this - b; }
  Interval& operator*=(const Interval& b) { return *this = *this * b; }

  friend Interval operator-(const Interval& a) { return {-a.upper_, -a.lower_}; }
  friend Interval operator+(const Interval& a, const Interval& b) {
    return outward_sum(a.lower_ + b.lower_, a.upper_ + b.upper_);
  }
  friend Interval operator-(const Interval& a, const Interval& b) {
    return outward_sum(a.lower_ - b.upper_, a.upper_ - b.lower_);
  }
  friend Interval operator*(const Interval& a, const Interval& b) {
    const double p = a.lower_ * b.lower_, q = a.lower_ * b.upper_;
    const double r = a.upper_ * b.lower_, s = a.upper_ * b.upper_;
    if (!(std::abs(p + q + r + s) < std::numeric_limits<double>::infinity())) return whole();
    if (p == 0 && s == 0 && (a.is_zero() || b.is_zero())) return {};
    return outward(std::min(std::min(p, q), std::min(r, s)),
                   std::max(std::max(p, q), std::max(r, s)));
  }
  /// The same for an exact number, with half the work.
  friend Interval operator*(double a, const Interval& b) {
    const double p = a * b.lower_, q = a * b.upper_;
    if (!(std::abs(p + q) < std::numeric_limits<double>::infinity())) return whole();
    if (p == 0 && q == 0 && (a == 0 || b.is_zero())) return {};
    return outward(std::min(p, q), std::max(p, q));
  }
  friend Interval operator/(const Interval& a, const Interval& b) {
    if (b.lower_ <= 0 && b.upper_ >= 0) return whole();
    const double p = a.lower_ / b.lower_, q = a.lower_ / b.upper_;
    const double r = a.upper_ / b.lower_, s = a.upper_ / b.upper_;
    if (!(std::abs(p + q + r + s) < std::numeric_limits<double>::infinity())) return whole();
    return outward(std::min(std::min(p, q), std::min(r, s)),
                   std::max(std::max(p, q), std::max(r, s)));
  }

 private:
  // A sum that is zero in floating point is zero.
  static Interval outward_sum(double lower, double upper) {
    return lower == 0 && upper == 0 ? Interval() : outward(lower, upper);
  }
  // One step outwards from bounds rounded to nearest; the whole line where they are not numbers.
  static Interval outward(double lower, double upper) {
    lower = internal::below(lower);
    upper = internal::above(upper);
    return lower <= upper ? Interval(lower, upper) : whole();
  }

  double lower_ = 0, upper_ = 0;
};

/// Empty where the two are disjoint.
std::optional<Interval> intersect(const Interval& a, const Interval& b);
Interval hull(const Interval& a, const Interval& b);

/// exp, tanh and the logistic function: enclosures proven in docs/methods/interval.md.
Interval exp(const Interval& x);
Interval tanh(const Interval& x);
Interval sigmoid(const Interval& x);
/// Undefined arguments (log and sqrt of negative numbers, poles of tan) give the whole line.
Interval log(const Interval& x);
Interval sqrt(const Interval& x);
Interval sin(const Interval& x);
Interval cos(const Interval& x);
Interval tan(const Interval& x);
Interval sinh(const Interval& x);
Interval cosh(const Interval& x);
Interval atanh(const Interval& x);
Interval abs(const Interval& x);
/// [-1, 1] where x contains 0.
Interval abs_derivative(const Interval& x);
/// x^n, the range itself: even powers are not negative.
Interval power(const Interval& x, int n);
/// The integer that a degenerate interval is, if it is a small one.
std::optional<int> as_integer(const Interval& x);
/// max(x, 0), and the enclosure of its generalized derivative: [0, 1] where x contains 0.
Interval relu(const Interval& x);
Interval relu_derivative(const Interval& x);
/// tanh' and sigmoid' from their values: the range itself, where the formula over an interval would
/// count its argument twice.
Interval tanh_slope(const Interval& t);
Interval sigmoid_slope(const Interval& s);

}  // namespace nullcline::numerics
