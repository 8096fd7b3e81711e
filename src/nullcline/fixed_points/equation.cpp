// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/equation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/internal/trapping.hpp"

namespace nullcline::fixed_points {

Equation::Equation(const dynamics::System& system, ConstVectorRef input, Form form)
    : system_(system),
      solved_(form == Form::reduced && system.reduced() ? *system.reduced() : system),
      input_(input),
      input_row_(input.transpose()),
      box_(solved_.trapping_box()) {
  if (input.size() != system.n_inputs())
    throw InvalidInput(fmt::format("input: found {} values, expected {} (one per input)",
                                   input.size(), system.n_inputs()));
  box_holds_all_ = box_.has_value();
  is_trapping_ = box_holds_all_;
  if (box_) return;
  box_ = solved_.search_box();
  is_trapping_ = box_ && internal::is_trapping(solved_, input, *box_);
}

void Equation::residual(ConstMatrixRef points, MatrixRef out) const {
  solved_.evaluate(points, input_row_, out);
  if (solved_.time() == dynamics::Time::discrete) out -= points;
}

void Equation::jacobian(ConstMatrixRef points, MatrixRef out) const {
  solved_.jacobian(points, input_row_, out);
  if (solved_.time() == dynamics::Time::continuous) return;
  const Index n = size();
  for (Index row = 0; row < out.rows(); ++row) out(row, row % n) -= 1;
}

double Equation::jacobian_shift() const {
  const double own = row_scaled_jacobian() ? row_scaled_jacobian()->diagonal() : 0;
  return solved_.time() == dynamics::Time::discrete ? own - 1 : own;
}

Vector Equation::residual_at(ConstVectorRef point) const {
  Matrix out(1, size());
  residual(Matrix(point.transpose()), out);
  return out.transpose();
}

Matrix Equation::jacobian_at(ConstVectorRef point) const {
  Matrix out(size(), size());
  jacobian(Matrix(point.transpose()), out);
  return out;
}

bool Equation::in_box(ConstVectorRef point) const {
  return !box_ || ((point.array() >= box_->lower.array()).all() &&
                   (point.array() <= box_->upper.array()).all());
}

Vector Equation::lift(ConstVectorRef point) const {
  if (!is_reduced()) return point;
  return system_.lift(Matrix(point.transpose()), input_row_).row(0).transpose();
}

std::optional<double> Equation::lifted_radius(ConstVectorRef point, double radius,
                                              ConstVectorRef state) const {
  using numerics::Interval;
  if (system_.intervals() == nullptr || !std::isfinite(radius)) return std::nullopt;
  std::vector<Interval> box, states(static_cast<std::size_t>(state.size()));
  for (const double coordinate : point)
    box.push_back(Interval(coordinate) + Interval(-radius, radius));
  if (!system_.intervals()->lift(box, input_, states)) return std::nullopt;
  double distance = 0;
  for (Index i = 0; i < state.size(); ++i) {
    const double here = (states[static_cast<std::size_t>(i)] - Interval(state(i))).magnitude();
    if (!std::isfinite(here)) return std::nullopt;
    distance = std::max(distance, here);
  }
  return distance;
}

Matrix Equation::restrict_states(ConstMatrixRef states) const {
  return is_reduced() ? system_.restrict_states(states) : Matrix(states);
}

}  // namespace nullcline::fixed_points
