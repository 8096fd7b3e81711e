// SPDX-License-Identifier: BSD-3-Clause
// What can be said about the fixed points of a map or flow in one box.
#pragma once

#include <span>
#include <vector>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points::internal {

/// Tests boxes of one map n, or flow f, under one input. All buffers are made once.
class BoxTest {
 public:
  using Interval = numerics::Interval;
  using Box = std::span<Interval>;
  using ConstBox = std::span<const Interval>;

  /// `map` must outlive the test and have an interval extension.
  BoxTest(const dynamics::System& map, ConstVectorRef input);

  enum class Outcome {
    none,       ///< no fixed point is in the box
    unique,     ///< exactly one is near the box, and none besides in it
    undecided,  ///< the box may have become smaller
  };

  /// X <- X and n(X), again while X becomes noticeably smaller. False if X becomes empty. Of a
  /// flow: false if f(X) does not hold 0.
  bool contract(Box box);

  /// Krawczyk's test on the box, a little inflated. Makes the box smaller where it can. Where the
  /// outcome is `unique`, the box is what was tested, and `image()` holds the fixed point.
  Outcome test(Box box);
  ConstBox image() const { return image_; }

  /// Given that one fixed point is in `box`, and none besides: makes the box small.
  void refine(Box box);
  /// Given a box with exactly one fixed point, of which `enclosure` is a part that holds it: makes
  /// the box as large as a few tests allow.
  void widen(Box box, ConstBox enclosure);

  /// The sign of det(I - Dn), of a flow det(-Df), all over the box, 0 if it is not the same or
  /// rounding hides it.
  int index(ConstBox box);

 private:
  // Encloses K(box) in image_. False if the Jacobian is too near singular.
  bool krawczyk(ConstBox box);
  bool is_image_inside(ConstBox box) const;
  void set_jacobian(ConstBox box);
  bool invert_middle();
  void bound_defect();

  const dynamics::IntervalExtension& map_;
  const bool is_flow_;
  Vector input_;
  std::size_t n_;
  std::vector<Interval> image_, values_, jacobian_, trial_, center_;
  // A(X) is within spread_ of middle_; Y; and a bound of |I - Y A(X)|.
  std::vector<double> middle_, spread_, inverse_, work_, defect_, product_;
};

}  // namespace nullcline::fixed_points::internal
