// SPDX-License-Identifier: BSD-3-Clause
// What a Krawczyk test asks of an equation near a point: how large r is there, and how far Dr may
// be from one matrix over boxes around it.
#pragma once

#include <limits>
#include <memory>

#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points::internal {

/// An upper bound of a sum of n products of numbers that are not negative, whose value in floating
/// point is `sum`, in whatever order it was added: gamma_n < (n + 4) 2^-52, and underflow. As
/// `rounded_up`, for sums that may be far below 1e-290.
inline double inflate(double sum, Index n) {
  const auto k = static_cast<double>(n + 4);
  return sum * (1 + k * std::numeric_limits<double>::epsilon()) +
         k * std::numeric_limits<double>::min();
}
inline Vector inflate(const Vector& sums, Index n) {
  return sums.unaryExpr([n](double sum) { return inflate(sum, n); });
}

class JacobianRange {
 public:
  virtual ~JacobianRange() = default;
  /// M: close to Dr(x), in floating point.
  const Matrix& middle() const { return middle_; }
  /// |r(x)|; rounded up where the range is proven.
  const Vector& residual() const { return residual_; }
  /// Bounds of the row sums of |A - M|, where A encloses Dr over x +- half_width.
  virtual Vector row_sums(double half_width) = 0;

 protected:
  Matrix middle_;
  Vector residual_;
};

/// By the interval extension of the system; without one by samples of Dr, which are no bounds of
/// it.
std::unique_ptr<JacobianRange> make_jacobian_range(const Equation& equation, ConstVectorRef point);

}  // namespace nullcline::fixed_points::internal
