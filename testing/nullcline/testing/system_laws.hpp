// SPDX-License-Identifier: BSD-3-Clause
// The laws that every system obeys, for the tests of this library and of yours. Each returns
// whether it holds and, if not, by how much it failed.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/row_scaled_enclosure.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::testing {

struct Law {
  bool holds = true;
  std::string message;
  explicit operator bool() const { return holds; }
};

inline Law law_within(double error, double tolerance, const std::string& what) {
  if (error <= tolerance) return {};
  return {false,
          what + ": error " + std::to_string(error) + " exceeds " + std::to_string(tolerance)};
}

/// The Jacobian is the derivative of `evaluate`: central differences with Richardson extrapolation,
/// relative to the largest entry. Away from kinks, 1e-8 is a fair tolerance.
inline Law jacobian_is_the_derivative_at(const dynamics::System& system, ConstVectorRef state,
                                         ConstVectorRef input, double tolerance) {
  const Matrix jacobian = dynamics::jacobian_at(system, state, input);
  const auto difference = [&](Index j, double step) {
    Vector ahead = state, behind = state;
    ahead(j) += step;
    behind(j) -= step;
    return Vector((dynamics::evaluate_at(system, ahead, input) -
                   dynamics::evaluate_at(system, behind, input)) /
                  (2 * step));
  };
  double error = 0;
  for (Index j = 0; j < system.n_states(); ++j) {
    const Vector column = (4 * difference(j, 5e-4) - difference(j, 1e-3)) / 3;
    error = std::max(error, (column - jacobian.col(j)).cwiseAbs().maxCoeff());
  }
  return law_within(error / (1 + jacobian.cwiseAbs().maxCoeff()), tolerance, "jacobian");
}

/// The same for the input.
inline Law input_jacobian_is_the_derivative_at(const dynamics::System& system, ConstVectorRef state,
                                               ConstVectorRef input, double tolerance) {
  const Matrix jacobian = dynamics::input_jacobian_at(system, state, input);
  const auto difference = [&](Index j, double step) {
    Vector ahead = input, behind = input;
    ahead(j) += step;
    behind(j) -= step;
    return Vector((dynamics::evaluate_at(system, state, ahead) -
                   dynamics::evaluate_at(system, state, behind)) /
                  (2 * step));
  };
  double error = 0;
  for (Index j = 0; j < system.n_inputs(); ++j) {
    const Vector column = (4 * difference(j, 5e-4) - difference(j, 1e-3)) / 3;
    error = std::max(error, (column - jacobian.col(j)).cwiseAbs().maxCoeff());
  }
  const double scale = jacobian.size() > 0 ? jacobian.cwiseAbs().maxCoeff() : 0.0;
  return law_within(error / (1 + scale), tolerance, "input jacobian");
}

/// A batch gives, row by row, what single states give; one input row is held for all of them.
inline Law batches_agree_with_single_states(const dynamics::System& system, ConstMatrixRef states,
                                            ConstVectorRef input, double tolerance) {
  const Index n = system.n_states();
  Matrix next(states.rows(), n), repeated(states.rows(), n), jacobians(states.rows() * n, n);
  const Matrix held = input.transpose();
  system.evaluate(states, held, next);
  system.evaluate(states, Matrix(held.replicate(states.rows(), 1)), repeated);
  system.jacobian(states, held, jacobians);
  double error = (next - repeated).cwiseAbs().maxCoeff();
  for (Index b = 0; b < states.rows(); ++b) {
    const Vector state = states.row(b).transpose();
    const Vector alone = dynamics::evaluate_at(system, state, input);
    error = std::max(error, (alone - next.row(b).transpose()).cwiseAbs().maxCoeff());
    const Matrix jacobian = dynamics::jacobian_at(system, state, input);
    error = std::max(error, (jacobian - jacobians.middleRows(b * n, n)).cwiseAbs().maxCoeff());
  }
  return law_within(error, tolerance, "batch against single states");
}

/// Where the system offers the form sum_k D(s_k) W_k + c I, it is its Jacobian.
inline Law scaled_rows_make_the_jacobian(const dynamics::System& system, ConstMatrixRef states,
                                         ConstVectorRef input, double tolerance) {
  const dynamics::RowScaledJacobian* form = system.row_scaled_jacobian();
  if (form == nullptr) return {false, "the system has no row-scaled Jacobian"};
  const Index n = system.n_states();
  const Matrix held = input.transpose();
  Matrix scales(states.rows(), form->n_terms() * n), jacobians(states.rows() * n, n);
  form->scales(states, held, scales);
  system.jacobian(states, held, jacobians);
  double error = 0;
  for (Index b = 0; b < states.rows(); ++b) {
    Matrix sum = form->diagonal() * Matrix::Identity(n, n);
    for (Index k = 0; k < form->n_terms(); ++k)
      sum += scales.row(b).segment(k * n, n).asDiagonal() * form->weights().middleRows(k * n, n);
    error = std::max(error, (sum - jacobians.middleRows(b * n, n)).cwiseAbs().maxCoeff());
  }
  return law_within(error, tolerance, "row-scaled Jacobian");
}

/// Interval evaluation over a box around `state` contains F and DF at `n_samples` points of it.
inline Law intervals_enclose_points_near(const dynamics::System& system, ConstVectorRef state,
                                         ConstVectorRef input, double radius, Rng& rng,
                                         int n_samples = 20) {
  using numerics::Interval;
  const dynamics::IntervalExtension* intervals = system.intervals();
  if (intervals == nullptr) return {false, "the system has no interval extension"};
  const Index n = system.n_states();
  std::vector<Interval> box, value(static_cast<std::size_t>(n)),
      slope(static_cast<std::size_t>(n * n));
  for (Index i = 0; i < n; ++i) box.emplace_back(state(i) - radius, state(i) + radius);
  intervals->evaluate(box, input, value);
  intervals->jacobian(box, input, slope);
  // What double arithmetic gives at a point is off by its own rounding, which is not the box's
  // fault.
  const double slack = 1e-13;
  const auto outside = [&](const Interval& bounds, double x) {
    const double room = slack * (1 + std::abs(x));
    return !(bounds.lower() - room <= x && x <= bounds.upper() + room);
  };
  for (int sample = 0; sample < n_samples; ++sample) {
    Vector point = state;
    for (Index i = 0; i < n; ++i) point(i) += rng.uniform(-radius, radius);
    const Vector f = dynamics::evaluate_at(system, point, input);
    const Matrix j = dynamics::jacobian_at(system, point, input);
    for (Index i = 0; i < n; ++i)
      if (outside(value[static_cast<std::size_t>(i)], f(i)))
        return {false, "F_" + std::to_string(i) + " leaves its enclosure"};
    for (Index i = 0; i < n * n; ++i)
      if (outside(slope[static_cast<std::size_t>(i)], j.data()[i]))
        return {false, "DF entry " + std::to_string(i) + " leaves its enclosure"};
  }
  return {};
}

/// Where scales of a row-scaled Jacobian can be enclosed over a box, the enclosures hold F and the
/// scales at points of it, and the bounds of the weights' row sums are bounds.
inline Law scaled_rows_are_enclosed_near(const dynamics::System& system, ConstVectorRef state,
                                         ConstVectorRef input, double radius, Rng& rng,
                                         int n_samples = 20) {
  using numerics::Interval;
  const auto* form =
      dynamic_cast<const dynamics::RowScaledEnclosure*>(system.row_scaled_jacobian());
  if (form == nullptr) return {false, "the system does not enclose row scales"};
  const Index n = system.n_states(), n_scales = form->weights().rows();
  const Vector sums = form->weights().cwiseAbs().rowwise().sum();
  if ((form->weight_sums().array() < sums.array() * (1 - 1e-15)).any() ||
      (form->weight_sums().array() > sums.array() * (1 + 1e-12)).any())
    return {false, "the row sums of the weights are off"};
  std::vector<Interval> box, values(static_cast<std::size_t>(n)),
      scales(static_cast<std::size_t>(n_scales));
  for (Index i = 0; i < n; ++i) box.emplace_back(state(i) - radius, state(i) + radius);
  form->enclose(box, input, values, scales);
  const auto outside = [](const Interval& bounds, double x) {
    const double room = 1e-13 * (1 + std::abs(x));  // what double arithmetic rounds at a point
    return !(bounds.lower() - room <= x && x <= bounds.upper() + room);
  };
  for (int sample = 0; sample < n_samples; ++sample) {
    Vector point = state;
    for (Index i = 0; i < n; ++i) point(i) += rng.uniform(-radius, radius);
    const Vector f = dynamics::evaluate_at(system, point, input);
    Matrix at_point(1, n_scales);
    form->scales(Matrix(point.transpose()), Matrix(input.transpose()), at_point);
    for (Index i = 0; i < n; ++i)
      if (outside(values[static_cast<std::size_t>(i)], f(i)))
        return {false, "F_" + std::to_string(i) + " leaves its enclosure"};
    for (Index i = 0; i < n_scales; ++i)
      if (outside(scales[static_cast<std::size_t>(i)], at_point(0, i)))
        return {false, "scale " + std::to_string(i) + " leaves its enclosure"};
  }
  return {};
}

/// A trapping box is mapped into itself (flow: points inwards), at random points of it and at
/// corners.
inline Law trapping_box_traps(const dynamics::System& system, ConstVectorRef input, Rng& rng,
                              int n_samples = 50) {
  const auto box = system.trapping_box();
  if (!box) return {false, "the system has no trapping box"};
  const bool flow = system.time() == dynamics::Time::continuous;
  for (int sample = 0; sample < n_samples; ++sample) {
    Vector point(system.n_states());
    for (Index i = 0; i < point.size(); ++i) {
      const double t = sample % 2 == 0 ? rng.uniform() : static_cast<double>(rng.below(2));
      point(i) = box->lower(i) + t * (box->upper(i) - box->lower(i));
    }
    const Vector next = dynamics::evaluate_at(system, point, input) + (flow ? point : 0 * point);
    if ((next.array() < box->lower.array()).any() || (next.array() > box->upper.array()).any())
      return {false, "a point leaves the trapping box"};
  }
  return {};
}

/// Directional derivatives agree with the Jacobian and with differences of it along the direction.
inline Law directional_derivatives_agree_at(const dynamics::System& system, ConstVectorRef state,
                                            ConstVectorRef input, ConstVectorRef direction,
                                            double tolerance) {
  const auto derivatives = system.directional_derivatives(state, input, direction);
  if (!derivatives) return {false, "the system has no directional derivatives"};
  const auto first_along = [&](double t) {
    const Vector point = state + t * direction;
    return Vector(dynamics::jacobian_at(system, point, input) * direction);
  };
  const double s = 1e-3;
  const Vector second =
      (8 * (first_along(s) - first_along(-s)) - (first_along(2 * s) - first_along(-2 * s))) /
      (12 * s);
  const Vector third = (-first_along(2 * s) + 16 * first_along(s) - 30 * first_along(0) +
                        16 * first_along(-s) - first_along(-2 * s)) /
                       (12 * s * s);
  double error = (derivatives->first - first_along(0)).cwiseAbs().maxCoeff();
  error = std::max(error, (derivatives->second - second).cwiseAbs().maxCoeff());
  error = std::max(error, (derivatives->third - third).cwiseAbs().maxCoeff() * 1e-3);
  return law_within(error, tolerance, "directional derivatives");
}

/// Each component of F(h) - h (of a flow: of f) has the sign that it has for the candidate, and is
/// not larger in magnitude than it.
inline Law candidate_points_the_same_way_at(const dynamics::System& system, ConstVectorRef state,
                                            ConstVectorRef input) {
  const dynamics::System* candidate = system.candidate();
  if (candidate == nullptr) return {false, "the system has no candidate"};
  Vector rate = dynamics::evaluate_at(system, state, input);
  if (system.time() == dynamics::Time::discrete) rate -= state;
  const Vector pull = dynamics::evaluate_at(*candidate, state, input) - state;
  for (Index i = 0; i < rate.size(); ++i) {
    const double rounding = 1e-14 * (1 + std::abs(state(i)));
    if (rate(i) * pull(i) < -rounding * rounding ||
        std::abs(rate(i)) > std::abs(pull(i)) + rounding)
      return {false, "the rate does not point to the candidate"};
  }
  return {};
}

/// At a fixed point k of the reduced map, the lifted state is a fixed point of the system, comes
/// back by restriction, and has the same index; the lift of intervals is there.
inline Law reduction_agrees_at(const dynamics::System& system, ConstVectorRef point,
                               ConstVectorRef input, double tolerance) {
  const dynamics::System* reduced = system.reduced();
  if (reduced == nullptr) return {false, "the system has no reduced map"};
  const Matrix state = system.lift(Matrix(point.transpose()), Matrix(input.transpose()));
  const Vector h = state.row(0).transpose();
  const Vector next = dynamics::evaluate_at(system, h, input);
  const Vector moved = system.time() == dynamics::Time::discrete ? Vector(next - h) : next;
  double error = moved.cwiseAbs().maxCoeff();
  error =
      std::max(error, (system.restrict_states(state) - point.transpose()).cwiseAbs().maxCoeff());
  if (Law law = law_within(error, tolerance, "lifted fixed point"); !law) return law;
  const int full =
      dynamics::fixed_point_index(system.time(), dynamics::jacobian_at(system, h, input));
  const int small =
      dynamics::fixed_point_index(reduced->time(), dynamics::jacobian_at(*reduced, point, input));
  if (full != small) return {false, "the index of the lifted point differs"};
  std::vector<numerics::Interval> box(point.begin(), point.end()),
      states(static_cast<std::size_t>(h.size()));
  if (system.intervals() == nullptr || !system.intervals()->lift(box, input, states)) return {};
  for (Index i = 0; i < h.size(); ++i)
    error = std::max(error, (states[static_cast<std::size_t>(i)] - h(i)).magnitude());
  return law_within(error, tolerance, "lift of intervals against lift");
}

}  // namespace nullcline::testing
