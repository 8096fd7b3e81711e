// SPDX-License-Identifier: BSD-3-Clause
// Formulas as text, compiled once and evaluated over any scalar.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "nullcline/core/error.hpp"

namespace nullcline::formulas {

/// A formula that cannot be used. `column` is where in its text, from 0.
class FormulaError : public InvalidInput {
 public:
  FormulaError(const std::string& message, std::size_t column)
      : InvalidInput(message), column_(column) {}
  std::size_t column() const { return column_; }

 private:
  std::size_t column_;
};

/// Longest text and deepest nesting of one formula.
inline constexpr std::size_t kLongestFormula = 10000;
inline constexpr int kDeepestNesting = 100;

/// Whether a symbol may have this name: a letter or _, then letters, digits and _, and not the name
/// of a function or constant. The reason if not, else empty.
std::string name_problem(std::string_view name);

/// What an instruction does: operands are registers, `power` takes an exponent.
enum class Operation : std::uint8_t {
  number,
  pi,
  e,
  add,
  subtract,
  multiply,
  divide,
  pow,
  negate,
  exp,
  log,
  sqrt,
  sin,
  cos,
  tan,
  sinh,
  cosh,
  tanh,
  atanh,
  sigmoid,
  relu,
  abs
};

/// Formulas of the same symbols, which share what they have in common.
///
///     + - * / ^, parentheses, numbers, pi, e, symbols, and
///     exp log sqrt sin cos tan sinh cosh tanh atanh sigmoid (or sigma) relu abs
///
/// ^ binds tightest and to the right, -x^2 is -(x^2). Numbers are the nearest doubles; pi and e are
/// enclosed where intervals are computed. Parsing is bounded in time and depth.
class Program {
 public:
  /// @throws InvalidInput if a name is unfit or there twice.
  explicit Program(std::vector<std::string> symbols = {});

  /// Compiles one more formula; its value is the next output.
  /// @throws FormulaError for what is no formula, an unknown symbol, or a division by the number 0.
  void add(std::string_view text);

  const std::vector<std::string>& symbols() const { return symbols_; }
  std::size_t n_outputs() const { return outputs_.size(); }
  /// Whether some formula mentions symbol number `symbol`.
  bool uses(std::size_t symbol) const { return used_[symbol]; }
  /// Whether some formula has relu or abs.
  bool has_kinks() const;

  /// One value per output from one value per symbol. Scalar: double, Interval, Dual of both, Jet.
  template <class Scalar>
  void evaluate(std::span<const Scalar> symbols, std::span<Scalar> out) const;

  /// Smallest |argument| of a relu or abs there; infinity without one.
  double kink_distance(std::span<const double> symbols) const;

  /// Where a formula divides: output and column.
  struct Divisor {
    std::size_t output, column;
  };
  const std::vector<Divisor>& divisors() const { return divisors_; }
  /// The values that the divisors have there, in their order.
  void divisor_values(std::span<const double> symbols, std::span<double> out) const;

 private:
  friend class Parser;
  struct Instruction {
    Operation operation;
    std::uint32_t left = 0, right = 0;  // registers: symbols first, then one per instruction
    double number = 0;
  };

  template <class Scalar>
  const Scalar* registers(std::span<const Scalar> symbols) const;

  std::vector<std::string> symbols_;
  std::vector<bool> used_;
  std::vector<Instruction> instructions_;
  /// The register of each instruction: operation, operands, bits of the number.
  std::map<std::tuple<Operation, std::uint32_t, std::uint32_t, std::uint64_t>, std::uint32_t>
      register_of_;
  std::vector<std::uint32_t> outputs_, divisor_registers_;
  std::vector<Divisor> divisors_;
};

}  // namespace nullcline::formulas
