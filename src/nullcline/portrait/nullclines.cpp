// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/nullclines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "nullcline/portrait/internal/curves.hpp"
#include "nullcline/portrait/internal/quadtree.hpp"

namespace nullcline::portrait {

using dynamics::System;
using numerics::Interval;

Nullcline trace_zero_set(const PlaneFunction& g, const dynamics::Box& box,
                         const NullclineOptions& options) {
  internal::Quadtree tree(g, box, options);
  tree.subdivide();
  return internal::join_curves(tree);
}

namespace {

// What vanishes with component i: of a map n it is n - h, of a flow its rate.
struct Component {
  const System* system;
  Matrix input;
  Index i;
  bool is_map;

  double value(double x, double y) const {
    Matrix state(1, 2), out(1, 2);
    state << x, y;
    system->evaluate(state, input, out);
    return out(0, i) - (is_map ? state(0, i) : 0);
  }
  void gradient(double x, double y, double* out) const {
    Matrix state(1, 2), jacobian(2, 2);
    state << x, y;
    system->jacobian(state, input, jacobian);
    for (Index j = 0; j < 2; ++j) out[j] = jacobian(i, j) - (is_map && i == j ? 1 : 0);
  }
  Interval enclosure(const Interval* box) const {
    std::array<Interval, 2> out;
    system->intervals()->evaluate({box, 2}, input.row(0).transpose(), out);
    const Interval value = out[static_cast<std::size_t>(i)];
    return is_map ? value - box[i] : value;
  }
  void gradient_enclosure(const Interval* box, Interval* out) const {
    std::array<Interval, 4> jacobian;
    system->intervals()->jacobian({box, 2}, input.row(0).transpose(), jacobian);
    for (Index j = 0; j < 2; ++j) {
      out[j] = jacobian[static_cast<std::size_t>(2 * i + j)];
      if (is_map && i == j) out[j] -= Interval(1.0);
    }
  }
};

}  // namespace

PlaneFunction component(const System& system, ConstVectorRef input, Index i) {
  const System* base = system.candidate() ? system.candidate() : &system;
  const Component c{base, input.transpose(), i, base->time() == dynamics::Time::discrete};
  PlaneFunction g;
  g.value = [c](double x, double y) { return c.value(x, y); };
  g.gradient = [c](double x, double y, double* out) { c.gradient(x, y, out); };
  if (!base->intervals()) return g;
  g.enclosure = [c](const Interval* box) { return c.enclosure(box); };
  g.gradient_enclosure = [c](const Interval* box, Interval* out) {
    c.gradient_enclosure(box, out);
  };
  return g;
}

}  // namespace nullcline::portrait
