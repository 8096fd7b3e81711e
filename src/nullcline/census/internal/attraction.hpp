// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/census/points.hpp"

namespace nullcline::census::internal {

/// An ellipse (x - center)' P (x - center) <= level about a sink of the plane that is proven to be
/// attracted by it (about a source: in backward time).
struct Attraction {
  Vector center;
  Eigen::Matrix2d form;
  double level = 0;  ///< 0: none was proven

  bool contains(const Vector& state) const {
    const Eigen::Vector2d d = state - center;
    return d.dot(form * d) < level;
  }
};

/// With J'P + PJ = -1 at the sink, V = e'Pe falls along all trajectories in the ellipse if P A +
/// A'P is negative definite for every A of the interval Jacobian over a box around it: tried on
/// smaller and smaller boxes, from `reach` on.
Attraction prove_attraction(const dynamics::System& flow, ConstVectorRef input,
                            const ProvenPoint& point, double reach);

}  // namespace nullcline::census::internal
