// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/inertia.hpp"

#include <functional>
#include <limits>

#include "nullcline/fixed_points/internal/rounding.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/numerics/schur.hpp"

namespace nullcline::fixed_points {

namespace {

using dynamics::Time;

// Upper bounds of sums of n products that are not negative, and the share of the summed magnitudes
// by which such a sum of either sign may be off.
class Bounds {
 public:
  explicit Bounds(Index n) : n_(static_cast<std::size_t>(n)) {}

  double share() const { return static_cast<double>(n_ + 8) * internal::kUlp; }
  Vector above(const Vector& sums) const {
    return sums.unaryExpr([this](double sum) { return internal::rounded_up(sum, n_); });
  }
  /// |A| y
  Vector product(const Matrix& a, const Vector& y) const { return above(Vector(a.cwiseAbs() * y)); }
  /// |A|^T y
  Vector transposed_product(const Matrix& a, const Vector& y) const {
    return above(Vector(a.cwiseAbs().transpose() * y));
  }

 private:
  std::size_t n_;
};

Matrix multiply(const Matrix& a, const Matrix& b) {
  Matrix product(a.rows(), b.cols());
  numerics::multiply(a, b, product);
  return product;
}

// A symmetric matrix, known up to an error: `error_times` gives an upper bound of |error| y.
struct Symmetric {
  Matrix value;
  std::function<Vector(const Vector&)> error_times;
};

// The number of negative eigenvalues: V^T S V has as many (Sylvester), and shows them where its
// diagonal dominates. V are computed eigenvectors.
std::optional<int> count_negative(const Symmetric& s) {
  const Index n = s.value.rows();
  const Bounds bounds(n);
  if (!s.value.allFinite()) return std::nullopt;
  const Matrix v = numerics::symmetric_eigensystem(s.value).vectors;
  const Matrix right = multiply(s.value, v);
  Matrix b = multiply(v.transpose(), right);
  const Vector sums = bounds.product(v, Vector::Ones(n));
  const Vector rounding =
      bounds.share() * (bounds.product(right, Vector::Ones(n)) + bounds.product(s.value, sums));
  const Vector error =
      bounds.transposed_product(v, bounds.above(Vector(rounding + s.error_times(sums))));
  int n_negative = 0;
  const Vector diagonal = b.diagonal();
  b.diagonal().setZero();
  const Vector others = bounds.above(Vector(bounds.product(b, Vector::Ones(n)) + error));
  for (Index i = 0; i < n; ++i) {
    if (!(std::abs(diagonal(i)) > others(i))) return std::nullopt;
    n_negative += diagonal(i) < 0 ? 1 : 0;
  }
  return n_negative;
}

// Z - T^H Z T = I (a flow: T^H Z + Z T = -I) for an upper triangular T, column by column.
ComplexMatrix solve_stein(Time time, const ComplexMatrix& t) {
  const Index n = t.rows();
  const ComplexMatrix adjoint = t.adjoint();
  ComplexMatrix z(n, n), lower(n, n);
  for (Index j = 0; j < n; ++j) {
    ComplexVector right = z.leftCols(j) * t.col(j).head(j);
    if (time == Time::discrete) {
      right = adjoint * right;
      right(j) += 1;
      lower = -t(j, j) * adjoint;
      lower.diagonal().array() += 1;
    } else {
      right = -right;
      right(j) -= 1;
      lower = adjoint;
      lower.diagonal().array() += t(j, j);
    }
    z.col(j) = lower.triangularView<Eigen::Lower>().solve(right);
  }
  return z;
}

// X, from the two halves of the spectrum: J ~ P^-1 diag(T_1, T_2) P gives X = P^H diag(Z_1, Z_2) P.
Matrix find_form(Time time, const Matrix& middle) {
  const auto region =
      time == Time::discrete ? numerics::Region::unit_disc : numerics::Region::left_half_plane;
  const numerics::SortedSchur schur = numerics::sorted_schur(middle, region);
  const Index n = middle.rows(), m = schur.n_within;
  if (!schur.converged) return Matrix(0, 0);
  const ComplexMatrix first = schur.t.topLeftCorner(m, m);
  const ComplexMatrix second = schur.t.bottomRightCorner(n - m, n - m);
  const ComplexMatrix coupling = schur.t.topRightCorner(m, n - m);
  ComplexMatrix p = schur.u.adjoint();
  if (m > 0 && m < n)
    p.topRows(m) += numerics::solve_sylvester(first, second, coupling) * p.bottomRows(n - m);
  ComplexMatrix z = ComplexMatrix::Zero(n, n);
  z.topLeftCorner(m, m) = solve_stein(time, first);
  z.bottomRightCorner(n - m, n - m) = solve_stein(time, second);
  const Matrix x = (p.adjoint() * z * p).real();
  return (x + x.transpose()) / 2;
}

// X - J^T X J, or -(J^T X + X J), in floating point and with its error over all J.
Symmetric definite_form(Time time, const Matrix& middle, const Matrix& radii, const Matrix& x) {
  const Bounds bounds(middle.rows());
  const Matrix product = multiply(x, middle);
  if (time == Time::continuous) {
    return {-(product + product.transpose()), [=](const Vector& y) {
              const Vector straight =
                  bounds.product(x, bounds.above(Vector(bounds.share() * bounds.product(middle, y) +
                                                        bounds.product(radii, y))));
              const Vector size = bounds.product(x, y);
              return bounds.above(
                  Vector(straight + bounds.share() * bounds.transposed_product(middle, size) +
                         bounds.transposed_product(radii, size) +
                         bounds.share() *
                             (bounds.product(product, y) + bounds.transposed_product(product, y))));
            }};
  }
  return {x - multiply(middle.transpose(), product), [=](const Vector& y) {
            const Vector moved = bounds.product(middle, y), spread = bounds.product(radii, y);
            const Vector size = bounds.product(x, moved), wide = bounds.product(x, spread);
            const Vector all = bounds.above(Vector(size + wide));
            return bounds.above(Vector(
                bounds.share() *
                    (bounds.transposed_product(
                         middle, bounds.above(Vector(bounds.product(product, y) + 2 * size))) +
                     bounds.product(x, y)) +
                bounds.transposed_product(radii, all) + bounds.transposed_product(middle, wide)));
          }};
}

}  // namespace

std::optional<int> count_beyond(Time time, const Matrix& middle, const Matrix& radii) {
  if (!middle.allFinite() || !radii.allFinite()) return std::nullopt;
  // Powers of two: what is scaled is as exact as it was, but for underflow.
  const Vector d = numerics::balancing(middle);
  const Matrix scaled = d.cwiseInverse().asDiagonal() * middle * d.asDiagonal();
  Matrix spread = d.cwiseInverse().asDiagonal() * radii * d.asDiagonal();
  spread.array() += std::numeric_limits<double>::min();
  if (!scaled.allFinite() || !spread.allFinite()) return std::nullopt;
  const Matrix x = find_form(time, scaled);
  if (x.rows() == 0 || !x.allFinite()) return std::nullopt;
  const std::optional<int> n_negative = count_negative(definite_form(time, scaled, spread, x));
  if (!n_negative || *n_negative != 0) return std::nullopt;
  return count_negative({x, [](const Vector& y) { return Vector::Zero(y.size()).eval(); }});
}

}  // namespace nullcline::fixed_points
