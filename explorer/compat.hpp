// SPDX-License-Identifier: BSD-3-Clause
// What the standard library of emscripten 3.1.6 lacks of C++20. Included before every source.
#pragma once

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

namespace std {

template <class To, class From>
constexpr To bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}

/// Decimal numbers: what the readers of formulas and options ask for.
inline from_chars_result from_chars(const char* first, const char* last, double& value) {
  const char* end = first;
  while (end != last && strchr("0123456789.eE+-", *end) != nullptr) ++end;
  if (end == first || *first == '+') return {first, errc::invalid_argument};
  const string text(first, end);
  char* stop = nullptr;
  const double result = strtod(text.c_str(), &stop);
  if (stop == text.c_str()) return {first, errc::invalid_argument};
  const from_chars_result found{first + (stop - text.c_str()), errc()};
  if (result - result != 0) return {found.ptr, errc::result_out_of_range};
  value = result;
  return found;
}

}  // namespace std
