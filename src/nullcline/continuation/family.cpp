// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/family.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/orbits/cyclic_system.hpp"

namespace nullcline::continuation {

namespace {

using dynamics::System;
using dynamics::Time;

constexpr std::size_t kMembersKept = 8;
constexpr double kDifferenceStep = 1e-3;

// The i of "input[i]", or -1 where the name has another form.
Index input_component(const System& system, const std::string& name) {
  if (!name.starts_with("input[") || !name.ends_with("]")) return -1;
  Index i = -1;
  const char* last = name.data() + name.size() - 1;
  if (system.n_inputs() == 0)
    throw InvalidInput(
        fmt::format("parameter '{}': found no such component, this system has no inputs", name));
  const auto [end, error] = std::from_chars(name.data() + 6, last, i);
  if (error != std::errc() || end != last || i < 0 || i >= system.n_inputs())
    throw InvalidInput(fmt::format(
        "parameter '{}': found no such component, expected input[0] to "
        "input[{}] of {} input{}",
        name, system.n_inputs() - 1, system.n_inputs(), system.n_inputs() == 1 ? "" : "s"));
  return i;
}

void check_named(const System& system, const std::string& name) {
  const std::vector<std::string> names = system.parameter_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  std::string known;
  for (const std::string& each : names) known += (known.empty() ? "" : ", ") + each;
  if (system.n_inputs() > 0) known += (known.empty() ? "" : ", ") + std::string("input[i]");
  throw InvalidInput(fmt::format("parameter '{}': this system has no such parameter, expected {}",
                                 name, known.empty() ? "none" : "one of " + known));
}

bool offers_derivative(const System& system, const std::string& name, const Vector& input) {
  Matrix out(1, system.n_states());
  try {
    system.parameter_derivative(name, Matrix::Zero(1, system.n_states()), input.transpose(), out);
  } catch (const InvalidInput&) {
    return false;
  }
  return true;
}

}  // namespace

struct Family::Member {
  Vector p;
  std::shared_ptr<const System> base;
  std::unique_ptr<const System> cyclic, iterated;  // of orbits
  Matrix input;                                    // one row
};

Family::Family(const System& system, Vector input, std::vector<std::string> parameters, int period)
    : base_(std::shared_ptr<const System>(), &system),
      input_(std::move(input)),
      parameters_(std::move(parameters)),
      period_(period) {
  if (input_.size() != system.n_inputs())
    throw InvalidInput(
        fmt::format("input: found {} values, expected {}", input_.size(), system.n_inputs()));
  if (!input_.allFinite()) throw InvalidInput("input: found a value that is not finite");
  if (period < 1) throw InvalidInput(fmt::format("period: found {}, expected 1 or more", period));
  if (period > 1 && system.time() == Time::continuous)
    throw InvalidInput(fmt::format("period: found {} for a flow, expected a map", period));
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    component_.push_back(input_component(system, parameters_[k]));
    if (component_[k] < 0) check_named(system, parameters_[k]);
    is_exact_.push_back(component_[k] < 0 && offers_derivative(system, parameters_[k], input_));
    if (std::find(parameters_.begin(), parameters_.begin() + static_cast<std::ptrdiff_t>(k),
                  parameters_[k]) != parameters_.begin() + static_cast<std::ptrdiff_t>(k))
      throw InvalidInput(
          fmt::format("parameter '{}': found twice, expected two different ones", parameters_[k]));
  }
}

const Family::Member& Family::member(ConstVectorRef p) const {
  for (std::size_t i = 0; i < recent_.size(); ++i)
    if (recent_[i]->p == p) {
      std::rotate(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(i),
                  recent_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      return *recent_.front();
    }
  auto made = std::make_shared<Member>();
  made->p = p;
  made->base = base_;
  made->input = input_.transpose();
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    const double value = p(static_cast<Index>(k));
    if (component_[k] >= 0)
      made->input(0, component_[k]) = value;
    else
      made->base = made->base->with_parameter(parameters_[k], value);
  }
  if (period_ > 1) {
    made->cyclic = std::make_unique<orbits::CyclicSystem>(*made->base, period_);
    made->iterated = std::make_unique<orbits::IteratedSystem>(*made->base, period_);
  }
  recent_.insert(recent_.begin(), std::move(made));
  if (recent_.size() > kMembersKept) recent_.pop_back();
  return *recent_.front();
}

const System& Family::system_of(const Member& member, Form form) const {
  if (period_ > 1) return form == Form::solved ? *member.cyclic : *member.iterated;
  const System* reduced = form == Form::solved ? member.base->reduced() : nullptr;
  return reduced != nullptr ? *reduced : *member.base;
}

double Family::start(Index k) const {
  const auto i = static_cast<std::size_t>(k);
  return component_[i] >= 0 ? input_(component_[i]) : base_->parameter(parameters_[i]);
}

Index Family::size(Form form) const {
  if (form == Form::full) return n_states();
  if (period_ > 1) return period_ * n_states();
  const System* reduced = base_->reduced();
  return reduced != nullptr ? reduced->n_states() : n_states();
}

Vector Family::residual(Form form, ConstVectorRef x, ConstVectorRef p) const {
  const Member& at = member(p);
  const System& system = system_of(at, form);
  Matrix out(1, x.size());
  system.evaluate(Matrix(x.transpose()), at.input, out);
  Vector r = out.transpose();
  if (system.time() == Time::discrete) r -= x;
  return r;
}

Matrix Family::jacobian(Form form, ConstVectorRef x, ConstVectorRef p) const {
  const Member& at = member(p);
  const System& system = system_of(at, form);
  Matrix out(x.size(), x.size());
  system.jacobian(Matrix(x.transpose()), at.input, out);
  if (system.time() == Time::discrete) out.diagonal().array() -= 1;
  return out;
}

Vector Family::parameter_derivative(Form form, ConstVectorRef x, ConstVectorRef p, Index k) const {
  const auto index = static_cast<std::size_t>(k);
  {
    const Member& at = member(p);
    const System& system = system_of(at, form);
    if (component_[index] >= 0) {
      Matrix out(x.size(), system.n_inputs());
      system.input_jacobian(Matrix(x.transpose()), at.input, out);
      return out.col(component_[index]);
    }
    if (&system == at.base.get() && is_exact_[index]) {
      Matrix out(1, x.size());
      system.parameter_derivative(parameters_[index], Matrix(x.transpose()), at.input, out);
      return out.transpose();
    }
  }
  const double step = kDifferenceStep * std::max(1.0, std::abs(p(k)));
  const Vector unit = step * Vector::Unit(p.size(), k);
  const auto difference = [&](double scale) {
    return Vector(residual(form, x, p + scale * unit) - residual(form, x, p - scale * unit));
  };
  return (8 * difference(1) - difference(2)) / (12 * step);
}

Matrix Family::flow_parameter_derivatives(ConstMatrixRef states, ConstVectorRef p, Index k) const {
  const auto index = static_cast<std::size_t>(k);
  const Member& at = member(p);
  const Index n = states.rows(), n_inputs = base_->n_inputs();
  Matrix out(n, states.cols());
  if (component_[index] >= 0) {
    Matrix jacobians(n * states.cols(), n_inputs);
    at.base->input_jacobian(states, at.input, jacobians);
    for (Index i = 0; i < n; ++i)
      out.row(i) =
          jacobians.col(component_[index]).segment(i * states.cols(), states.cols()).transpose();
    return out;
  }
  if (is_exact_[index]) {
    at.base->parameter_derivative(parameters_[index], states, at.input, out);
    return out;
  }
  const double step = kDifferenceStep * std::max(1.0, std::abs(p(k)));
  out.setZero();
  for (const auto& [place, weight] : {std::pair{-2, 1.0}, {-1, -8.0}, {1, 8.0}, {2, -1.0}}) {
    const Vector moved = p + place * step * Vector::Unit(p.size(), k);
    Matrix rates(n, states.cols());
    const Member& there = member(moved);
    there.base->evaluate(states, there.input, rates);
    out += weight / (12 * step) * rates;
  }
  return out;
}

Matrix Family::jacobian_derivative(Form form, ConstVectorRef x, ConstVectorRef p, ConstVectorRef dx,
                                   ConstVectorRef dp) const {
  const double size =
      std::max(dx.size() > 0 ? dx.lpNorm<Eigen::Infinity>() : 0.0, dp.lpNorm<Eigen::Infinity>());
  if (size == 0) return Matrix::Zero(x.size(), x.size());
  const double scale = 1 + std::max(x.lpNorm<Eigen::Infinity>(), p.lpNorm<Eigen::Infinity>());
  const double step = kDifferenceStep * scale / size;
  const auto difference = [&](double s) {
    return Matrix(jacobian(form, x + s * dx, p + s * dp) - jacobian(form, x - s * dx, p - s * dp));
  };
  return (8 * difference(step) - difference(2 * step)) / (12 * step);
}

Vector Family::lift(ConstVectorRef x, ConstVectorRef p) const {
  if (period_ > 1) return x.head(n_states());
  const Member& at = member(p);
  if (at.base->reduced() == nullptr) return x;
  return at.base->lift(Matrix(x.transpose()), at.input).transpose();
}

Vector Family::restrict_state(ConstVectorRef state, ConstVectorRef p) const {
  const Member& at = member(p);
  if (period_ > 1)
    return static_cast<const orbits::CyclicSystem&>(*at.cyclic).unroll(state, input_at(p));
  if (at.base->reduced() == nullptr) return state;
  return at.base->restrict_states(Matrix(state.transpose())).transpose();
}

const System& Family::full_system(ConstVectorRef p) const {
  return system_of(member(p), Form::full);
}

const System& Family::base_system(ConstVectorRef p) const { return *member(p).base; }

Vector Family::input_at(ConstVectorRef p) const { return member(p).input.transpose(); }

}  // namespace nullcline::continuation
