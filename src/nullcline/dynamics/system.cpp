// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/system.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::dynamics {

namespace {

[[noreturn]] void refuse_parameter(const System& system, std::string_view name) {
  const std::vector<std::string> names = system.parameter_names();
  if (names.empty())
    throw InvalidInput(fmt::format("parameter '{}': this system has no parameters", name));
  throw InvalidInput(
      fmt::format("parameter '{}': unknown, expected one of {}", name, fmt::join(names, ", ")));
}

}  // namespace

double System::parameter(std::string_view name) const { refuse_parameter(*this, name); }

std::unique_ptr<System> System::with_parameter(std::string_view name, double) const {
  refuse_parameter(*this, name);
}

void System::parameter_derivative(std::string_view name, ConstMatrixRef, ConstMatrixRef,
                                  MatrixRef) const {
  const std::vector<std::string> names = parameter_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) refuse_parameter(*this, name);
  throw InvalidInput(fmt::format("parameter '{}': this system does not offer dF/dp", name));
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

Vector parameter_derivative_at(const System& system, std::string_view name, ConstVectorRef state,
                               ConstVectorRef input) {
  Matrix out(1, system.n_states());
  system.parameter_derivative(name, Matrix(state.transpose()), Matrix(input.transpose()), out);
  return out.transpose();
}

int fixed_point_index(Time time, ConstMatrixRef jacobian) {
  Matrix a = -jacobian;
  if (time == Time::discrete) a.diagonal().array() += 1;
  std::vector<int> pivots(static_cast<std::size_t>(a.rows()));
  numerics::lu_factor(a, pivots);
  return numerics::lu_sign(a, pivots);
}

}  // namespace nullcline::dynamics
