// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::dynamics {

double System::parameter(std::string_view name) const {
  throw InvalidInput(
      fmt::format("parameter '{}': this system has no parameter of that name", name));
}

std::unique_ptr<System> System::with_parameter(std::string_view name, double) const {
  throw InvalidInput(
      fmt::format("parameter '{}': this system has no parameter of that name", name));
}

// f'(p) = (8 (f(p + d) - f(p - d)) - (f(p + 2d) - f(p - 2d))) / 12 d + O(d^4)
void System::parameter_derivative(std::string_view name, ConstMatrixRef states,
                                  ConstMatrixRef inputs, MatrixRef out) const {
  const double at = parameter(name);
  const double step = 1e-3 * std::max(1.0, std::abs(at));
  Matrix values(states.rows(), n_states());
  const auto difference = [&](double distance) {
    with_parameter(name, at + distance)->evaluate(states, inputs, values);
    Matrix result = values;
    with_parameter(name, at - distance)->evaluate(states, inputs, values);
    result -= values;
    return result;
  };
  out = (8 * difference(step) - difference(2 * step)) / (12 * step);
}

Matrix System::lift(ConstMatrixRef points, ConstMatrixRef) const { return points; }

Matrix System::restrict_states(ConstMatrixRef states) const { return states; }

double System::kink_distance(ConstVectorRef, ConstVectorRef) const {
  return std::numeric_limits<double>::infinity();
}

std::optional<ReluForm> System::relu_form(ConstVectorRef) const { return std::nullopt; }

std::optional<DirectionalDerivatives> System::directional_derivatives(ConstVectorRef,
                                                                      ConstVectorRef,
                                                                      ConstVectorRef) const {
  return std::nullopt;
}

Vector evaluate_at(const System& system, ConstVectorRef state, ConstVectorRef input) {
  Matrix out(1, system.n_states());
  system.evaluate(Matrix(state.transpose()), Matrix(input.transpose()), out);
  return out.transpose();
}

Matrix jacobian_at(const System& system, ConstVectorRef state, ConstVectorRef input) {
  Matrix out(system.n_states(), system.n_states());
  system.jacobian(Matrix(state.transpose()), Matrix(input.transpose()), out);
  return out;
}

Matrix input_jacobian_at(const System& system, ConstVectorRef state, ConstVectorRef input) {
  Matrix out(system.n_states(), system.n_inputs());
  system.input_jacobian(Matrix(state.transpose()), Matrix(input.transpose()), out);
  return out;
}

int fixed_point_index(Time time, ConstMatrixRef jacobian) {
  Matrix a = -jacobian;
  if (time == Time::discrete) a.diagonal().array() += 1;
  std::vector<int> pivots(static_cast<std::size_t>(a.rows()));
  numerics::lu_factor(a, pivots);
  return numerics::lu_sign(a, pivots);
}

}  // namespace nullcline::dynamics
