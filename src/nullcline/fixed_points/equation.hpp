// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points {

/// The equation r(k) = 0 that a search solves, under a held input:
///
///     r(k) = n(k) - k  on the reduced map n of the system, where it has one,
///     r(h) = F(h) - h  for a map without one,   r(h) = f(h)  for a flow without one.
///
/// Keeps a reference to the system, which must outlive it.
class Equation {
 public:
  enum class Form { reduced, full };

  /// Form::full ignores the reduced map. @throws InvalidInput unless `input` has n_inputs()
  /// entries.
  Equation(const dynamics::System& system, ConstVectorRef input, Form form = Form::reduced);

  Index size() const { return solved_.n_states(); }
  const dynamics::System& solved() const { return solved_; }  ///< the map or flow behind r
  const Vector& input() const { return input_; }
  const Matrix& input_row() const { return input_row_; }
  bool is_reduced() const { return &solved_ != &system_; }
  /// The box in which zeros of r are looked for: one that holds all of them where is_trapping(),
  /// else the search box of the system, if it has one.
  const std::optional<dynamics::Box>& box() const { return box_; }
  /// Whether box() is proven to trap the dynamics, so that the indices of the zeros in it sum to
  /// +1.
  bool is_trapping() const { return is_trapping_; }
  /// Whether no zero of r can be outside of box().
  bool box_holds_all() const { return box_holds_all_; }

  /// out.row(b) = r(points.row(b)).
  void residual(ConstMatrixRef points, MatrixRef out) const;
  /// Rows b*n to (b+1)*n-1 of `out` are Dr at points.row(b).
  void jacobian(ConstMatrixRef points, MatrixRef out) const;
  /// Dr = sum_k D(s_k) W_k + jacobian_shift() I, where the system has that form; else null.
  const dynamics::RowScaledJacobian* row_scaled_jacobian() const {
    return solved_.row_scaled_jacobian();
  }
  double jacobian_shift() const;
  Vector residual_at(ConstVectorRef point) const;
  Matrix jacobian_at(ConstVectorRef point) const;

  /// The nearest point of the box; leaves the point as it is unless the box holds all zeros.
  template <class Derived>
  void project(Eigen::MatrixBase<Derived>& point) const {
    if (!box_holds_all_) return;
    for (Index i = 0; i < point.size(); ++i)
      point(i) = std::min(std::max(point(i), box_->lower(i)), box_->upper(i));
  }
  bool in_box(ConstVectorRef point) const;

  /// The state of the system at a point of r, and back.
  Vector lift(ConstVectorRef point) const;
  Matrix restrict_states(ConstMatrixRef states) const;
  /// Every point within `radius` of `point` lifts to within this distance (infinity norm) of
  /// `state`, with outward rounding; nothing where the lift has no finite interval extension.
  std::optional<double> lifted_radius(ConstVectorRef point, double radius,
                                      ConstVectorRef state) const;

 private:
  const dynamics::System& system_;
  const dynamics::System& solved_;
  Vector input_;
  Matrix input_row_;
  std::optional<dynamics::Box> box_;
  bool is_trapping_ = false, box_holds_all_ = false;
};

}  // namespace nullcline::fixed_points
