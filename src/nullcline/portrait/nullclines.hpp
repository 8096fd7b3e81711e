// SPDX-License-Identifier: BSD-3-Clause
// Curves on which a function of two variables vanishes.
#pragma once

#include <functional>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/numerics/interval.hpp"
#include "nullcline/portrait/types.hpp"

namespace nullcline::portrait {

/// A function g of two variables: values, gradients, and (where it has them) enclosures of both
/// over a box. Without enclosures nothing is proven.
struct PlaneFunction {
  std::function<double(double x, double y)> value;
  std::function<void(double x, double y, double* gradient)> gradient;
  std::function<numerics::Interval(const numerics::Interval* box)> enclosure;
  std::function<void(const numerics::Interval* box, numerics::Interval* gradient)>
      gradient_enclosure;
};

struct NullclineOptions {
  int coarsest = 6;  ///< cells are at most 2^-coarsest of the box wide
  int finest = 22;   ///< and at least 2^-finest, where branches cross
  Index max_cells = 400000;
};

/// The zero set of g in a box of two dimensions.
///
/// The box is quartered until in each cell  0 is not in g(C),  or  0 is not in <grad g(C), grad
/// g(C)>:  then the gradient turns by less than a right angle in C, and joining the sign changes on
/// the edges of the cells gives curves isotopic to the zero set (Plantinga & Vegter 2004). Cells
/// that are as small as the finest and satisfy neither are gathered: there branches cross, and
/// their ends are joined in the critical point of g. Points lie on the zero set to rounding;
/// segments are halved by Newton's method until they follow the curve. A cell whose edges change
/// sign four times is quartered too.
Nullcline trace_zero_set(const PlaneFunction& g, const dynamics::Box& box,
                         const NullclineOptions& options = {});

/// Component i of f (flow) or of F(h) - h (map), over h. Where the system knows a candidate n with
/// F(h) - h = D(g) (n(h) - h), g > 0, that of n(h) - h, which has the same zeros and does not
/// vanish by rounding where a gate nearly closes. Refers to the system.
PlaneFunction component(const dynamics::System& system, ConstVectorRef input, Index i);

}  // namespace nullcline::portrait
