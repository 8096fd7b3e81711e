// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/formulas/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>

#include "nullcline/numerics/dual.hpp"
#include "nullcline/numerics/interval.hpp"
#include "nullcline/numerics/jet.hpp"

namespace nullcline::formulas {

using numerics::Dual;
using numerics::Interval;
using numerics::Jet;

namespace {

// The exact constant lies in [below, the next double].
template <class Scalar>
Scalar constant(double below) {
  if constexpr (std::same_as<Scalar, Interval>)
    return {below, std::nextafter(below, 4.0)};
  else if constexpr (std::same_as<Scalar, Dual<Interval>>)
    return {constant<Interval>(below), Interval(0.0)};
  else
    return Scalar(below);
}

bool is_kink(Operation operation) {
  return operation == Operation::relu || operation == Operation::abs;
}

template <class Scalar>
Scalar call(Operation operation, const Scalar& x) {
  // Of numerics, or found by argument.
  using namespace numerics;  // NOLINT(google-build-using-namespace)
  switch (operation) {
    case Operation::negate:
      return -x;
    case Operation::exp:
      return exp(x);
    case Operation::log:
      return log(x);
    case Operation::sqrt:
      return sqrt(x);
    case Operation::sin:
      return sin(x);
    case Operation::cos:
      return cos(x);
    case Operation::tan:
      return tan(x);
    case Operation::sinh:
      return sinh(x);
    case Operation::cosh:
      return cosh(x);
    case Operation::tanh:
      return tanh(x);
    case Operation::atanh:
      return atanh(x);
    case Operation::sigmoid:
      return sigmoid(x);
    case Operation::relu:
      return relu(x);
    case Operation::abs:
      return abs(x);
    default:
      throw InternalError("Program: no function of one argument");
  }
}

}  // namespace

Program::Program(std::vector<std::string> symbols)
    : symbols_(std::move(symbols)), used_(symbols_.size(), false) {
  for (auto name = symbols_.begin(); name != symbols_.end(); ++name) {
    const std::string problem = name_problem(*name);
    if (!problem.empty()) throw InvalidInput(problem);
    if (std::find(symbols_.begin(), name, *name) != name)
      throw InvalidInput(fmt::format("found the name '{}' twice, expected one meaning", *name));
  }
}

bool Program::has_kinks() const {
  return std::any_of(instructions_.begin(), instructions_.end(),
                     [](const Instruction& i) { return is_kink(i.operation); });
}

// Valid until the next call of this thread.
template <class Scalar>
const Scalar* Program::registers(std::span<const Scalar> symbols) const {
  thread_local std::vector<Scalar> values;
  const std::size_t n = symbols_.size() + instructions_.size();
  if (values.size() < n) values.resize(n);
  std::copy(symbols.begin(), symbols.end(), values.begin());
  Scalar* value = values.data() + symbols_.size();
  for (const Instruction& i : instructions_) {
    const Scalar& a = values[i.left];
    const Scalar& b = values[i.right];
    switch (i.operation) {
      case Operation::number:
        *value = Scalar(i.number);
        break;
      case Operation::pi:
        *value = constant<Scalar>(0x1.921fb54442d18p+1);
        break;
      case Operation::e:
        *value = constant<Scalar>(0x1.5bf0a8b145769p+1);
        break;
      case Operation::add:
        *value = a + b;
        break;
      case Operation::subtract:
        *value = a - b;
        break;
      case Operation::multiply:
        *value = a * b;
        break;
      case Operation::divide:
        *value = a / b;
        break;
      case Operation::pow:
        *value = numerics::pow(a, b);
        break;
      default:
        *value = call(i.operation, a);
    }
    ++value;
  }
  return values.data();
}

template <class Scalar>
void Program::evaluate(std::span<const Scalar> symbols, std::span<Scalar> out) const {
  NULLCLINE_ASSERT(symbols.size() == symbols_.size() && out.size() == outputs_.size());
  const Scalar* values = registers(symbols);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[outputs_[i]];
}

template void Program::evaluate(std::span<const double>, std::span<double>) const;
template void Program::evaluate(std::span<const Interval>, std::span<Interval>) const;
template void Program::evaluate(std::span<const Dual<double>>, std::span<Dual<double>>) const;
template void Program::evaluate(std::span<const Dual<Interval>>, std::span<Dual<Interval>>) const;
template void Program::evaluate(std::span<const Jet>, std::span<Jet>) const;

double Program::kink_distance(std::span<const double> symbols) const {
  const double* values = registers(symbols);
  double distance = std::numeric_limits<double>::infinity();
  for (const Instruction& i : instructions_)
    if (is_kink(i.operation)) distance = std::min(distance, std::abs(values[i.left]));
  return distance;
}

void Program::divisor_values(std::span<const double> symbols, std::span<double> out) const {
  const double* values = registers(symbols);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[divisor_registers_[i]];
}

}  // namespace nullcline::formulas
