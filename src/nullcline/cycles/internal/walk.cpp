// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/internal/walk.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace nullcline::cycles::internal {

namespace {

constexpr int kMaxNewtonSteps = 8;
constexpr double kConverged = 1e-11;  // the last correction, in the metric of the walk
constexpr double kNegligible = 1e-12;
constexpr double kDivergence = 0.5;  // a first correction longer than this is no correction

Vector one(double value) { return Vector::Constant(1, value); }

}  // namespace

Linearization Walk::linearize(const BranchPoint& point) const {
  const Vector p = one(point.parameter);
  const auto slopes = [&](ConstMatrixRef states) {
    return family_.flow_parameter_derivatives(states, p, 0);
  };
  return {family_.base_system(p), family_.input_at(p), point.profile, slopes};
}

// The linear form <., direction> of the metric.
Direction Walk::dual(const BranchPoint& point, const Direction& direction) const {
  const double period = point.profile.period;
  return {direction.states / (size_ * size_), direction.period / (period * period),
          direction.parameter / (width_ * width_)};
}

double Walk::length(const BranchPoint& point, const Direction& direction) const {
  return std::sqrt(inner(point.profile, dual(point, direction), direction));
}

bool Walk::set_tangent(BranchPoint& point, const Direction& along) const {
  Direction tangent;
  const Linearization linearization = linearize(point);
  if (!linearization.solve(0, 0, dual(point, along), 1, tangent)) return false;
  point.monodromy = linearization.monodromy();
  const double size = length(point, tangent);
  if (!(size > 0 && std::isfinite(size))) return false;
  tangent.states /= size;
  tangent.period /= size;
  tangent.parameter /= size;
  point.tangent = std::move(tangent);
  return true;
}

std::optional<BranchPoint> Walk::correct(BranchPoint guess, const Direction& condition) const {
  double last = kDivergence;
  guess.monodromy = {};
  for (guess.n_newton = 1; guess.n_newton <= kMaxNewtonSteps; ++guess.n_newton) {
    Direction change;
    const Linearization linearization = linearize(guess);
    if (!std::isfinite(linearization.residual()) ||
        !linearization.solve(1, 0, condition, 0, change))
      return std::nullopt;
    const double size = length(guess, change);
    if (!(size <= last)) return std::nullopt;
    guess.profile.states += change.states;
    guess.profile.period += change.period;
    guess.parameter += change.parameter;
    if (!(guess.profile.period > 0)) return std::nullopt;
    if (size <= kConverged || (size < 1e-8 && size > 0.3 * last)) return guess;
    // Newton's method converges quadratically: the next correction would be below rounding.
    if (guess.n_newton > 1 && size < 1e-5 && size * size * size <= kNegligible * last * last)
      return guess;
    last = size;
  }
  return std::nullopt;
}

std::optional<BranchPoint> Walk::step(const BranchPoint& from, double length) const {
  BranchPoint guess = from;
  guess.profile.states += length * from.tangent.states;
  guess.profile.period *= std::exp(length * from.tangent.period / from.profile.period);
  guess.parameter += length * from.tangent.parameter;
  std::optional<BranchPoint> point = correct(std::move(guess), dual(from, from.tangent));
  if (!point || !set_tangent(*point, from.tangent)) return std::nullopt;
  return point;
}

std::optional<BranchPoint> Walk::settle(BranchPoint guess) const {
  const Direction condition{Matrix::Zero(guess.profile.n_points(), guess.profile.states.cols()), 0,
                            1};
  return correct(std::move(guess), condition);
}

void Walk::remesh(BranchPoint& point, Index n_intervals) const {
  Profile next = remeshed(point.profile, n_intervals);
  const Profile tangent{1, point.profile.mesh, point.tangent.states};
  if (point.tangent.states.size() > 0) point.tangent.states = on_mesh(tangent, next.mesh).states;
  point.profile = std::move(next);
}

}  // namespace nullcline::cycles::internal
