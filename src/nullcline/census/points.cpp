// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/points.hpp"

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/fixed_points/proof.hpp"
#include "nullcline/fixed_points/spectrum.hpp"

namespace nullcline::census {

using numerics::Interval;

namespace {

constexpr Index kPlane = 2;

// From the signs of determinant and trace; nothing where one of them is hidden.
std::optional<int> n_unstable_in_plane(const dynamics::System& system, ConstVectorRef input,
                                       ConstVectorRef state, double radius) {
  std::array<Interval, 2> box;
  for (std::size_t i = 0; i < box.size(); ++i) {
    const double x = state(static_cast<Index>(i));
    box[i] = Interval(x) + Interval(-radius, radius);
  }
  std::array<Interval, 4> a;
  system.intervals()->jacobian(box, input, a);
  const Interval determinant = a[0] * a[3] - a[1] * a[2], trace = a[0] + a[3];
  if (determinant.upper() < 0) return 1;
  if (!(determinant.lower() > 0)) return std::nullopt;
  if (trace.upper() < 0) return 0;
  if (trace.lower() > 0) return 2;
  return std::nullopt;
}

std::optional<int> n_unstable_of(const dynamics::System& system, ConstVectorRef input,
                                 const Vector& state, double radius) {
  if (system.time() == dynamics::Time::continuous && system.n_states() == kPlane)
    return n_unstable_in_plane(system, input, state, radius);
  fixed_points::FixedPoint point;
  point.state = state;
  point.kind = fixed_points::Kind::fixed;
  point.verdict = fixed_points::Verdict::proven;
  point.radius = radius;
  fixed_points::linearize(system, input, point);
  fixed_points::certify_stability(system, input, point);
  if (point.stability_verdict != fixed_points::Verdict::proven) return std::nullopt;
  return point.n_unstable;
}

// That of the system, else what the box of the reduced map lifts to.
dynamics::Box box_of_states(const dynamics::System& system,
                            const fixed_points::Equation& equation) {
  if (const auto box = system.trapping_box()) return *box;
  if (!equation.is_reduced()) return *equation.box();
  std::vector<Interval> points, states(static_cast<std::size_t>(system.n_states()));
  for (Index i = 0; i < equation.size(); ++i)
    points.emplace_back(equation.box()->lower(i), equation.box()->upper(i));
  if (!system.intervals()->lift(points, equation.input(), states))
    throw InvalidInput("census: no box is known; " + system.no_trapping_box_reason());
  dynamics::Box box{Vector(system.n_states()), Vector(system.n_states())};
  constexpr double kWider = 1e-3;
  for (Index i = 0; i < system.n_states(); ++i) {
    const Interval& x = states[static_cast<std::size_t>(i)];
    const double margin = kWider * (x.upper() - x.lower());
    box.lower(i) = x.lower() - margin;
    box.upper(i) = x.upper() + margin;
  }
  return box;
}

}  // namespace

PointSet prove_points(const dynamics::System& system, ConstVectorRef input,
                      std::int64_t max_boxes) {
  if (system.intervals() == nullptr)
    throw InvalidInput("census: found a system without interval extension, expected one with it");
  PointSet set;
  const fixed_points::Equation equation(system, input);
  if (!equation.box())
    throw InvalidInput("census: no box is known; " + system.no_trapping_box_reason());
  set.box = box_of_states(system, equation);
  set.is_trapping = equation.is_trapping();
  const auto proof = fixed_points::prove_all(equation, max_boxes);
  if (!proof) return set;
  set.verdict = proof->clusters.empty() ? Verdict::decided : Verdict::degenerate;
  for (const fixed_points::EnclosedPoint& found : proof->points) {
    const Vector middle = (found.enclosure.lower + found.enclosure.upper) / 2;
    const double radius =
        (found.enclosure.upper - middle).cwiseMax(middle - found.enclosure.lower).maxCoeff() *
        (1 + 1e-12);
    ProvenPoint point{equation.lift(middle), {}, 0};
    const std::optional<double> lifted =
        equation.is_reduced() ? equation.lifted_radius(middle, radius, point.state) : radius;
    const std::optional<int> n_unstable =
        lifted ? n_unstable_of(system, input, point.state, *lifted) : std::nullopt;
    if (!n_unstable) {
      set.verdict = Verdict::degenerate;
      continue;
    }
    point.n_unstable = *n_unstable;
    point.jacobian = dynamics::jacobian_at(system, point.state, input);
    set.points.push_back(std::move(point));
  }
  return set;
}

}  // namespace nullcline::census
