// SPDX-License-Identifier: BSD-3-Clause
// Steps along a branch of cycles.
#pragma once

#include <optional>

#include "nullcline/continuation/family.hpp"
#include "nullcline/cycles/collocation.hpp"

namespace nullcline::cycles::internal {

/// A cycle of a family, its parameter, and the direction in which the branch goes on.
struct BranchPoint {
  Profile profile;
  double parameter = 0;
  Direction tangent;  ///< of unit length in the metric of the walk
  Monodromy monodromy;
  int n_newton = 0;
};

/// The equations of cycles of a family in one parameter. Lengths are measured by
///
///     mean |du|^2 / size^2 + (dT / T)^2 + (dp / width)^2.
class Walk {
 public:
  Walk(const continuation::Family& family, double width, double size)
      : family_(family), width_(width), size_(size) {}

  Linearization linearize(const BranchPoint& point) const;
  double length(const BranchPoint& point, const Direction& direction) const;
  /// The tangent at a point that solves the equations, with a positive product with `along`.
  bool set_tangent(BranchPoint& point, const Direction& along) const;
  /// A step of this length along the tangent, corrected; empty unless Newton's method converges
  /// within few steps.
  std::optional<BranchPoint> step(const BranchPoint& from, double length) const;
  /// Newton's method at a held parameter.
  std::optional<BranchPoint> settle(BranchPoint guess) const;
  /// The same point and tangent on a new mesh of n intervals.
  void remesh(BranchPoint& point, Index n_intervals) const;

  const continuation::Family& family() const { return family_; }
  double width() const { return width_; }

 private:
  std::optional<BranchPoint> correct(BranchPoint guess, const Direction& condition) const;
  Direction dual(const BranchPoint& point, const Direction& direction) const;

  const continuation::Family& family_;
  const double width_, size_;
};

}  // namespace nullcline::cycles::internal
