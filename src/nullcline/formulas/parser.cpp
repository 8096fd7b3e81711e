// SPDX-License-Identifier: BSD-3-Clause
// Recursive descent from text to instructions. The text is not trusted: its length and the depth of
// the recursion are bounded.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "nullcline/formulas/program.hpp"

namespace nullcline::formulas {

namespace {

constexpr std::array kFunctions{
    std::pair{std::string_view("exp"), Operation::exp},
    std::pair{std::string_view("log"), Operation::log},
    std::pair{std::string_view("sqrt"), Operation::sqrt},
    std::pair{std::string_view("sin"), Operation::sin},
    std::pair{std::string_view("cos"), Operation::cos},
    std::pair{std::string_view("tan"), Operation::tan},
    std::pair{std::string_view("sinh"), Operation::sinh},
    std::pair{std::string_view("cosh"), Operation::cosh},
    std::pair{std::string_view("tanh"), Operation::tanh},
    std::pair{std::string_view("atanh"), Operation::atanh},
    std::pair{std::string_view("sigmoid"), Operation::sigmoid},
    std::pair{std::string_view("sigma"), Operation::sigmoid},
    std::pair{std::string_view("relu"), Operation::relu},
    std::pair{std::string_view("abs"), Operation::abs},
};

std::optional<Operation> function_named(std::string_view name) {
  for (const auto& [text, operation] : kFunctions)
    if (text == name) return operation;
  return std::nullopt;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A character as messages show it: bytes that are no ASCII text by their number.
std::string shown(char c) {
  if (c >= ' ' && c <= '~') return fmt::format("'{}'", c);
  return fmt::format("the byte {:#04x}", static_cast<unsigned char>(c));
}

std::string known_names(const std::vector<std::string>& symbols) {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> names(
      symbols.begin(),
      symbols.begin() + static_cast<std::ptrdiff_t>(std::min(symbols.size(), kMost)));
  if (symbols.size() > kMost) names.push_back("...");
  names.insert(names.end(), {"pi", "e"});
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string name_problem(std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  if (name.empty() || name.size() > kLongestName || !is_letter(name[0]) ||
      !std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); }))
    return fmt::format("found the name '{}', expected a letter, then letters, digits and _",
                       name.substr(0, kLongestName));
  if (name == "pi" || name == "e")
    return fmt::format("found the name '{}', expected another one: this is a constant", name);
  if (function_named(name))
    return fmt::format("found the name '{}', expected another one: this is a function", name);
  return {};
}

class Parser {
 public:
  Parser(Program& program, std::string_view text) : program_(program), text_(text) {}

  void run() {
    if (text_.size() > kLongestFormula)
      fail(fmt::format("found a formula of {} characters, expected at most {}", text_.size(),
                       kLongestFormula),
           0);
    const Value value = sum();
    skip_spaces();
    if (position_ < text_.size())
      fail(fmt::format("found {}, expected an operator or the end of the formula",
                       shown(text_[position_])));
    program_.outputs_.push_back(value.index);
  }

 private:
  // A register; its number, if it does not depend on symbols.
  struct Value {
    std::uint32_t index = 0;
    std::optional<double> number;
  };

  [[noreturn]] void fail(const std::string& message) const { fail(message, position_); }
  [[noreturn]] static void fail(const std::string& message, std::size_t column) {
    throw FormulaError(message, column);
  }

  // Counts how deep the recursion is.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kDeepestNesting)
        parser_.fail(
            fmt::format("found more than {} nested levels, expected fewer", kDeepestNesting));
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  void skip_spaces() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t' ||
                                        text_[position_] == '\n' || text_[position_] == '\r'))
      ++position_;
  }
  char next() {
    skip_spaces();
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool accept(char c) {
    if (next() != c || position_ >= text_.size()) return false;
    ++position_;
    return true;
  }

  Value sum() {
    Value value = product();
    for (;;) {
      if (accept('+'))
        value = combine(Operation::add, value, product());
      else if (accept('-'))
        value = combine(Operation::subtract, value, product());
      else
        return value;
    }
  }

  Value product() {
    Value value = signed_factor();
    for (;;) {
      if (accept('*')) {
        value = combine(Operation::multiply, value, signed_factor());
      } else if (accept('/')) {
        skip_spaces();
        const std::size_t column = position_;
        const Value divisor = signed_factor();
        if (divisor.number == 0.0) fail("found a division by 0", column);
        if (!divisor.number) {
          program_.divisors_.push_back({program_.outputs_.size(), column});
          program_.divisor_registers_.push_back(divisor.index);
        }
        value = combine(Operation::divide, value, divisor);
      } else {
        return value;
      }
    }
  }

  Value signed_factor() {
    const Level level(*this);
    if (accept('-')) {
      const Value value = signed_factor();
      return combine(Operation::negate, value, value);
    }
    if (accept('+')) return signed_factor();
    const Value base = atom();
    return accept('^') ? combine(Operation::pow, base, signed_factor()) : base;
  }

  Value atom() {
    const char c = next();
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return name();
    if (c == '(') return parenthesis();
    if (position_ >= text_.size())
      fail("found the end of the formula, expected a number, a name or (");
    const bool is_double_star = c == '*' && position_ > 0 && text_[position_ - 1] == '*';
    fail(is_double_star ? std::string("found **, expected ^ for powers")
                        : fmt::format("found {}, expected a number, a name or (", shown(c)));
  }

  Value parenthesis() {
    const std::size_t opened = position_;
    ++position_;
    const Value value = sum();
    if (!accept(')')) fail("found a ( that is not closed, expected )", opened);
    return value;
  }

  Value number() {
    const char* begin = text_.data() + position_;
    const char* end = text_.data() + text_.size();
    double value = 0;
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error == std::errc::result_out_of_range || (error == std::errc() && !std::isfinite(value)))
      fail("found a number out of range, expected one of a double");
    if (error != std::errc()) fail(fmt::format("found {}, expected a number", shown(*begin)));
    if (stop < end && (is_letter(*stop) || *stop == '.'))
      fail(fmt::format("found {} after a number, expected an operator (products are written 2*x)",
                       shown(*stop)),
           static_cast<std::size_t>(stop - text_.data()));
    position_ = static_cast<std::size_t>(stop - text_.data());
    return instruction(Operation::number, 0, 0, value, value);
  }

  Value name() {
    const std::size_t begin = position_;
    while (position_ < text_.size() && (is_letter(text_[position_]) || is_digit(text_[position_])))
      ++position_;
    const std::string_view word = text_.substr(begin, position_ - begin);
    if (next() == '(' && position_ < text_.size()) return function(word, begin);
    if (word == "pi") return instruction(Operation::pi, 0, 0, 0, 3.141592653589793);
    if (word == "e") return instruction(Operation::e, 0, 0, 0, 2.718281828459045);
    const auto& symbols = program_.symbols_;
    const auto place = std::find(symbols.begin(), symbols.end(), word);
    if (place == symbols.end()) {
      if (function_named(word))
        fail(fmt::format("found the function {} without argument, expected {}(...)", word, word),
             begin);
      fail(fmt::format("unknown symbol '{}', expected one of {}", word, known_names(symbols)),
           begin);
    }
    const auto index = static_cast<std::size_t>(place - symbols.begin());
    program_.used_[index] = true;
    return {static_cast<std::uint32_t>(index), std::nullopt};
  }

  Value function(std::string_view word, std::size_t begin) {
    const auto operation = function_named(word);
    if (!operation) {
      std::vector<std::string_view> names;
      for (const auto& entry : kFunctions) names.push_back(entry.first);
      fail(fmt::format("unknown function '{}', expected one of {}", word, fmt::join(names, ", ")),
           begin);
    }
    const Value argument = parenthesis();
    return combine(*operation, argument, argument);
  }

  Value combine(Operation operation, const Value& a, const Value& b) {
    std::optional<double> number;
    if (a.number && b.number) number = constant(operation, *a.number, *b.number);
    return instruction(operation, a.index, b.index, 0, number);
  }

  // Of arithmetic alone: what is needed to see a division by zero.
  static std::optional<double> constant(Operation operation, double a, double b) {
    switch (operation) {
      case Operation::add:
        return a + b;
      case Operation::subtract:
        return a - b;
      case Operation::multiply:
        return a * b;
      case Operation::divide:
        return a / b;
      case Operation::negate:
        return -a;
      default:
        return std::nullopt;
    }
  }

  // The same instruction is the same register.
  Value instruction(Operation operation, std::uint32_t left, std::uint32_t right, double number,
                    std::optional<double> value) {
    auto& instructions = program_.instructions_;
    const auto fresh = static_cast<std::uint32_t>(program_.symbols_.size() + instructions.size());
    const auto [place, is_new] = program_.register_of_.insert(
        {{operation, left, right, std::bit_cast<std::uint64_t>(number)}, fresh});
    if (is_new) instructions.push_back({operation, left, right, number});
    return {place->second, value};
  }

  Program& program_;
  std::string_view text_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

void Program::add(std::string_view text) { Parser(*this, text).run(); }

}  // namespace nullcline::formulas
