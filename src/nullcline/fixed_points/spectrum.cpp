// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/spectrum.hpp"

#include <cmath>
#include <vector>

#include "nullcline/numerics/interval_products.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

using dynamics::Time;
using numerics::Interval;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Faster than std::abs, and as good away from underflow.
Matrix absolute(const ComplexMatrix& a) { return a.array().abs2().sqrt(); }

// Upper bounds of sums of n terms that are not negative, from their values in floating point; and
// the share of the summed magnitudes by which a complex sum of n products may be off:
// sqrt(2) gamma_2n < 3 (2n + 8) u.
class Bounds {
 public:
  explicit Bounds(Index n) : share_(3 * (2 * static_cast<double>(n) + 8) * 0x1p-53) {}

  double share() const { return share_; }
  double above(double sum) const { return sum * (1 + share_) + kTiny; }
  Vector above(const Vector& sums) const {
    return sums.unaryExpr([this](double sum) { return above(sum); });
  }
  Vector row_sums(const ComplexMatrix& a) const {
    return above(Vector(absolute(a).rowwise().sum()));
  }

 private:
  static constexpr double kTiny = 0x1p-480;  // above what a square root of an underflow may lose
  double share_;
};

// Upper bounds of the row sums of |J - middle| over the box of the point.
Vector jacobian_distance(const dynamics::System& system, ConstVectorRef input,
                         const FixedPoint& point, const Matrix& middle) {
  const Index n = point.state.size();
  std::vector<Interval> box(static_cast<std::size_t>(n)), jacobian(static_cast<std::size_t>(n * n));
  for (Index i = 0; i < n; ++i)
    box[static_cast<std::size_t>(i)] =
        Interval(point.state(i)) + Interval(-point.radius, point.radius);
  system.intervals()->jacobian(box, input, jacobian);
  Vector sums(n);
  for (Index i = 0; i < n; ++i)
    sums(i) =
        numerics::distance_sum(&jacobian[static_cast<std::size_t>(i * n)], middle.row(i).data(), n);
  return sums;
}

// fl(M R - R Lambda).
ComplexMatrix defects(const Matrix& middle, const FixedPoint& point) {
  const Index n = middle.rows();
  Matrix real(n, n), imaginary(n, n);
  numerics::multiply(middle, Matrix(point.right_eigenvectors.real()), real);
  numerics::multiply(middle, Matrix(point.right_eigenvectors.imag()), imaginary);
  ComplexMatrix e = -(point.right_eigenvectors * point.eigenvalues.asDiagonal());
  e.real() += real;
  e.imag() += imaginary;
  return e;
}

bool is_beyond(Time time, std::complex<double> value, double radius) {
  const double excess = time == Time::discrete ? std::abs(value) - 1 : value.real();
  return excess - radius > 4 * 0x1p-53 * (1 + std::abs(value));
}

bool is_within(Time time, std::complex<double> value, double radius) {
  const double excess = time == Time::discrete ? std::abs(value) - 1 : value.real();
  return excess + radius < -4 * 0x1p-53 * (1 + std::abs(value));
}

}  // namespace

double eigenvalue_radius(const dynamics::System& system, ConstVectorRef input,
                         const FixedPoint& point) {
  const ComplexMatrix &right = point.right_eigenvectors, &left = point.left_eigenvectors;
  if (system.intervals() == nullptr || !std::isfinite(point.radius) || !right.allFinite() ||
      !left.allFinite() || !point.eigenvalues.allFinite())
    return kInfinity;
  const Index n = point.state.size();
  const Bounds bounds(n);
  const Matrix middle = jacobian_at(system, point.state, input);
  if (!middle.allFinite()) return kInfinity;

  const ComplexMatrix e = defects(middle, point);
  const Vector right_sums = bounds.row_sums(right);
  const Vector scaled_sums = bounds.above(Vector(absolute(right) * point.eigenvalues.cwiseAbs()));
  const Vector product_sums = bounds.above(Vector(middle.cwiseAbs() * right_sums));
  const Vector e_error =
      bounds.above(Vector(bounds.share() * (product_sums + scaled_sums) +
                          jacobian_distance(system, input, point, middle) * right_sums.maxCoeff()));

  const Matrix absolute_left = absolute(left);
  ComplexMatrix product(n, n);
  numerics::multiply(left, e, product);
  const Vector sums = bounds.above(
      Vector(bounds.row_sums(product) +
             bounds.share() * bounds.above(Vector(absolute_left * bounds.row_sums(e))) +
             bounds.above(Vector(absolute_left * e_error))));
  numerics::multiply(left, right, product);
  product.diagonal().array() -= 1;
  const Vector g_sums =
      bounds.above(Vector(bounds.row_sums(product) +
                          bounds.share() * bounds.above(Vector(absolute_left * right_sums))));
  const double g = g_sums.maxCoeff(), largest = sums.maxCoeff();
  if (!(g < 0.5) || !std::isfinite(largest)) return kInfinity;
  return bounds.above(largest + 2 * g * largest);  // g / (1 - g) <= 2 g
}

void certify_stability(const dynamics::System& system, ConstVectorRef input, FixedPoint& point) {
  if (point.verdict != Verdict::proven) return;
  point.eigenvalue_radius = eigenvalue_radius(system, input, point);
  if (!std::isfinite(point.eigenvalue_radius)) return;
  const Index n = point.eigenvalues.size();
  int n_beyond = 0, n_within = 0;
  for (Index i = 0; i < n; ++i) {
    n_beyond += is_beyond(system.time(), point.eigenvalues(i), point.eigenvalue_radius) ? 1 : 0;
    n_within += is_within(system.time(), point.eigenvalues(i), point.eigenvalue_radius) ? 1 : 0;
  }
  point.n_unstable = n_beyond;
  if (n_beyond + n_within < n) {
    point.stability = Stability::degenerate;
    return;
  }
  point.stability_verdict = Verdict::proven;
  point.stability = n_beyond == 0   ? Stability::stable
                    : n_within == 0 ? Stability::unstable
                                    : Stability::saddle;
}

}  // namespace nullcline::fixed_points
