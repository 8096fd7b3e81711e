// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/equations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/function_system.hpp"

namespace nullcline::models {

namespace {

using dynamics::System;
using formulas::Program;
using numerics::Dual;

// The symbols of the program from a state, an input and the parameters; valid until the next call
// of this thread.
template <class Scalar>
std::span<Scalar> symbols(const Equations& equations, const Scalar* h, const Scalar* x) {
  thread_local std::vector<Scalar> values;
  values.assign(h, h + equations.states.size());
  values.insert(values.end(), x, x + equations.inputs.size());
  values.insert(values.end(), equations.values.begin(), equations.values.end());
  return values;
}

struct Function {
  std::shared_ptr<const Equations> equations;

  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    equations->program->evaluate(std::span<const Scalar>(symbols(*equations, h, x)),
                                 std::span<Scalar>(out, equations->states.size()));
  }
};

class EquationSystem : public dynamics::FunctionSystem<Function> {
 public:
  explicit EquationSystem(std::shared_ptr<const Equations> equations)
      : FunctionSystem(Function{equations}, static_cast<Index>(equations->states.size()),
                       static_cast<Index>(equations->inputs.size()), equations->time),
        equations_(std::move(equations)) {}

  std::vector<std::string> parameter_names() const override { return equations_->parameters; }
  double parameter(std::string_view name) const override {
    const auto index = find(name);
    return index ? equations_->values[*index] : System::parameter(name);
  }
  std::unique_ptr<System> with_parameter(std::string_view name, double value) const override {
    const auto index = find(name);
    if (!index) return System::with_parameter(name, value);
    if (!std::isfinite(value))
      throw InvalidInput(fmt::format("parameter '{}': found {}, expected a number", name, value));
    Equations changed = *equations_;
    changed.values[*index] = value;
    return std::make_unique<EquationSystem>(std::make_shared<const Equations>(std::move(changed)));
  }
  void parameter_derivative(std::string_view name, ConstMatrixRef states, ConstMatrixRef inputs,
                            MatrixRef out) const override {
    const auto index = find(name);
    if (!index) return System::parameter_derivative(name, states, inputs, out);
    const Equations& e = *equations_;
    const std::size_t n = e.states.size();
    std::vector<Dual<double>> next(n);
    for (Index row = 0; row < states.rows(); ++row) {
      const Vector state = states.row(row), input = inputs.row(inputs.rows() == 1 ? 0 : row);
      const std::vector<Dual<double>> h(state.begin(), state.end()), x(input.begin(), input.end());
      const std::span<Dual<double>> values = symbols(e, h.data(), x.data());
      values[n + e.inputs.size() + *index].derivative = 1;
      e.program->evaluate(std::span<const Dual<double>>(values), std::span<Dual<double>>(next));
      for (std::size_t i = 0; i < n; ++i) out(row, static_cast<Index>(i)) = next[i].derivative;
    }
  }

  std::optional<dynamics::Box> search_box() const override { return equations_->box; }
  std::string no_trapping_box_reason() const override {
    return equations_->box ? "the box of the model is not shown to trap the dynamics"
                           : "the model has no box";
  }
  bool has_kinks() const override { return equations_->program->has_kinks(); }
  double kink_distance(ConstVectorRef state, ConstVectorRef input) const override {
    return equations_->program->kink_distance(symbols(*equations_, state.data(), input.data()));
  }

 private:
  std::optional<std::size_t> find(std::string_view name) const {
    const auto& names = equations_->parameters;
    const auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) return std::nullopt;
    return static_cast<std::size_t>(place - names.begin());
  }

  std::shared_ptr<const Equations> equations_;
};

void validate(const Equations& equations) {
  const std::size_t n = equations.states.size();
  const auto require = [](const char* what, std::size_t found, std::size_t expected) {
    if (found != expected)
      throw InvalidInput(fmt::format("{}: found {}, expected {}", what, found, expected));
  };
  if (n == 0) throw InvalidInput("equations: found no states, expected at least one");
  require("values of parameters", equations.values.size(), equations.parameters.size());
  require("formulas", equations.program->n_outputs(), n);
  require("symbols", equations.program->symbols().size(),
          n + equations.inputs.size() + equations.parameters.size());
  for (const double value : equations.values)
    if (!std::isfinite(value)) throw InvalidInput("a parameter is not finite, expected a number");
  if (!equations.box) return;
  const dynamics::Box& box = *equations.box;
  if (box.lower.size() != static_cast<Index>(n) || box.upper.size() != box.lower.size() ||
      !box.lower.allFinite() || !box.upper.allFinite() ||
      !(box.lower.array() < box.upper.array()).all())
    throw InvalidInput("box: expected finite bounds lower < upper for each state");
}

// Points of a grid that covers the box, its middle and corners among them; in many dimensions its
// diagonals.
template <class Visit>
void for_each_sample(const dynamics::Box& box, Visit&& visit) {
  const Index n = box.lower.size();
  const Index per_axis = n <= 2 ? 65 : n == 3 ? 17 : n <= 6 ? 5 : 1;
  constexpr Index kDiagonal = 129;
  const Vector width = box.upper - box.lower;
  for (Index i = 0; i < kDiagonal; ++i)
    visit(Vector(box.lower + width * (static_cast<double>(i) / (kDiagonal - 1))));
  Index n_samples = 1;
  for (Index i = 0; i < n && per_axis > 1; ++i) n_samples *= per_axis;
  for (Index sample = 0; sample < n_samples && per_axis > 1; ++sample) {
    Vector state(n);
    Index rest = sample;
    for (Index i = 0; i < n; ++i, rest /= per_axis)
      state(i) = box.lower(i) + width(i) * static_cast<double>(rest % per_axis) /
                                    static_cast<double>(per_axis - 1);
    visit(state);
  }
}

// A divisor with a zero of even order keeps its sign. From the sample where it is least, Newton's
// method along its gradient goes there by halves; the divisor then is far below what it was.
std::optional<Vector> zero_of_even_order(const Equations& equations, std::size_t divisor,
                                         const Vector& start) {
  constexpr int kMostSteps = 200;
  constexpr double kVanished = 1e-18, kDifference = 1e-6, kFarthest = 0.1;
  const dynamics::Box& box = *equations.box;
  const Vector width = box.upper - box.lower;
  std::vector<double> divisors(equations.program->divisors().size());
  const auto value = [&](const Vector& state) {
    equations.program->divisor_values(symbols<double>(equations, state.data(), nullptr), divisors);
    return divisors[divisor];
  };
  const double first = std::abs(value(start));
  Vector state = start, slope(start.size());
  for (int step = 0; step < kMostSteps; ++step) {
    const double now = value(state);
    if (!std::isfinite(now)) return std::nullopt;
    if (std::abs(now) <= kVanished * first) return state;
    for (Index i = 0; i < state.size(); ++i) {
      const Vector shift = kDifference * width(i) * Vector::Unit(state.size(), i);
      slope(i) = (value(state + shift) - value(state - shift)) / 2 / kDifference;
    }
    if (!(slope.squaredNorm() > 0)) return std::nullopt;
    state -= now / slope.squaredNorm() * width.cwiseProduct(slope);
    const bool is_near = ((state - start).array().abs() <= kFarthest * width.array()).all() &&
                         (state.array() >= box.lower.array()).all() &&
                         (state.array() <= box.upper.array()).all();
    if (!is_near) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<System> make_system(const Equations& equations) {
  validate(equations);
  return std::make_unique<EquationSystem>(std::make_shared<const Equations>(equations));
}

// A divisor that takes both signs vanishes somewhere between; one that keeps its sign may do so
// near the sample where it is least.
std::optional<UndefinedPlace> find_undefined_place(const Equations& equations) {
  if (!equations.box || !equations.inputs.empty()) return std::nullopt;
  const Program& program = *equations.program;
  std::optional<UndefinedPlace> result;
  std::vector<double> divisors(program.divisors().size()), signs(divisors.size(), 0.0);
  std::vector<double> out(equations.states.size());
  std::vector<double> least(divisors.size(), std::numeric_limits<double>::infinity());
  std::vector<Vector> least_at(divisors.size());
  for_each_sample(*equations.box, [&](const Vector& state) {
    if (result) return;
    const auto values = symbols<double>(equations, state.data(), nullptr);
    program.divisor_values(values, divisors);
    for (std::size_t k = 0; k < divisors.size(); ++k) {
      const double sign = divisors[k] > 0 ? 1 : divisors[k] < 0 ? -1 : 0;
      const bool vanishes = divisors[k] == 0 || sign * signs[k] < 0;
      const auto& divisor = program.divisors()[k];
      if (vanishes) result = UndefinedPlace{divisor.output, divisor.column, true, state};
      if (vanishes) return;
      signs[k] = sign;
      if (std::abs(divisors[k]) < least[k]) {
        least[k] = std::abs(divisors[k]);
        least_at[k] = state;
      }
    }
    program.evaluate(std::span<const double>(values), std::span<double>(out));
    for (std::size_t i = 0; i < out.size(); ++i)
      if (!result && !std::isfinite(out[i])) result = UndefinedPlace{i, 0, false, state};
  });
  for (std::size_t k = 0; k < divisors.size() && !result; ++k) {
    if (least_at[k].size() == 0) continue;
    const auto& divisor = program.divisors()[k];
    if (const auto place = zero_of_even_order(equations, k, least_at[k]))
      result = UndefinedPlace{divisor.output, divisor.column, true, *place};
  }
  return result;
}

}  // namespace nullcline::models
