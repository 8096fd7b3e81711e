// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <optional>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/npy.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::size_t kMaxAxes = 64;  // numpy's own limit

class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& what) : rest_(text), what_(what) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = parse_string();
      expect(':');
      parse_value(key);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!rest_.empty()) fail(fmt::format("found '{}' after the dictionary", printable(rest_, 20)));
    if (!has_descr_ || !has_order_ || !has_shape_)
      fail("expected the keys 'descr', 'fortran_order' and 'shape'");
    return header_;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw FormatError(what_ + ": header of the array: " + reason);
  }

  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t'))
      rest_.remove_prefix(1);
  }

  bool accept(char wanted) {
    skip_space();
    if (rest_.empty() || rest_[0] != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted))
      fail(fmt::format("found '{}', expected '{}'", printable(rest_, 20), wanted));
  }

  std::string_view parse_string() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_[0];
    if (quote != '\'' && quote != '"')
      fail(fmt::format("found '{}', expected a quoted string", printable(rest_, 20)));
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) fail("a string does not end");
    const std::string_view value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return value;
  }

  void parse_value(std::string_view key) {
    if (key == "descr") {
      first_time(has_descr_, key);
      parse_type();
    } else if (key == "fortran_order") {
      first_time(has_order_, key);
      parse_order();
    } else if (key == "shape") {
      first_time(has_shape_, key);
      parse_shape();
    } else {
      fail(fmt::format("found the key '{}', expected descr, fortran_order or shape",
                       printable(key, 40)));
    }
  }

  void first_time(bool& seen, std::string_view key) {
    if (seen) fail(fmt::format("the key '{}' stands twice", key));
    seen = true;
  }

  void parse_type() {
    skip_space();
    if (rest_.starts_with('[') || rest_.starts_with('('))
      fail("found a structured type, expected numbers");
    const std::string_view text = parse_string();
    if (text.size() >= 2 && text[1] == 'O')
      fail("found Python objects (pickle), which are never read; save the array as numbers");
    const char order = text.empty() ? '\0' : text[0];
    const std::string_view type = text.empty() ? text : text.substr(1);
    static constexpr std::string_view kTypes[] = {"f2", "f4", "f8", "i1", "i2", "i4",
                                                  "i8", "u1", "u2", "u4", "u8", "b1"};
    bool is_known = order == '<' || order == '>' || (order == '|' && type.ends_with('1'));
    if (is_known) {
      is_known = false;
      for (const std::string_view known : kTypes) is_known |= type == known;
    }
    if (!is_known)
      fail(
          fmt::format("found type '{}', expected floating point (f2 f4 f8), integers (i1 to i8, u1 "
                      "to u8) or bool (b1)",
                      printable(text, 20)));
    header_.type.kind = type[0];
    header_.type.item_size = static_cast<std::size_t>(type[1] - '0');
    header_.type.is_big_endian = order == '>';
  }

  void parse_order() {
    skip_space();
    header_.is_fortran_order = rest_.starts_with("True");
    if (!header_.is_fortran_order && !rest_.starts_with("False"))
      fail(fmt::format("fortran_order: found '{}', expected True or False", printable(rest_, 20)));
    rest_.remove_prefix(header_.is_fortran_order ? 4 : 5);
  }

  void parse_shape() {
    expect('(');
    while (!accept(')')) {
      header_.shape.push_back(parse_extent());
      if (header_.shape.size() > kMaxAxes)
        fail(fmt::format("shape: found more than {} axes", kMaxAxes));
      if (!accept(',')) {
        // (3) is a number in Python, and numpy never writes it.
        if (header_.shape.size() == 1) fail("shape: expected ',' after the only extent");
        expect(')');
        break;
      }
    }
  }

  std::size_t parse_extent() {
    skip_space();
    if (rest_.starts_with('-')) fail("shape: found a negative extent");
    std::size_t value = 0;
    std::size_t n_digits = 0;
    while (n_digits < rest_.size() && rest_[n_digits] >= '0' && rest_[n_digits] <= '9') {
      if (n_digits == 18) fail("shape: found an extent of more than 18 digits");
      value = 10 * value + static_cast<std::size_t>(rest_[n_digits++] - '0');
    }
    if (n_digits == 0)
      fail(fmt::format("shape: found '{}', expected a number", printable(rest_, 20)));
    rest_.remove_prefix(n_digits);
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // Python 2's long integers
    return value;
  }

  std::string_view rest_;
  const std::string& what_;
  NpyHeader header_;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& what) {
  return HeaderParser(text, what).parse();
}

}  // namespace nullcline::io::internal
