// SPDX-License-Identifier: BSD-3-Clause
// The three kinds of failure. A numerical outcome is none of them: it is a value in the result.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace nullcline {

/// The text with every byte that is no part of a UTF-8 character replaced by U+FFFD: what comes
/// from damaged files ends in messages, JSON and Python strings.
std::string valid_utf8(std::string_view text);

/// The caller's mistake: a wrong option, key or argument. The message is one line that names it,
/// says what was found and what was expected. Python: ValueError. Command: exit code 2.
class InvalidInput : public std::invalid_argument {
 public:
  explicit InvalidInput(const std::string& message) : std::invalid_argument(valid_utf8(message)) {}
};

/// A file that cannot be used: missing, truncated, hostile, or of the wrong content. The message
/// starts with the file's path. Python: ValueError. Command: exit code 3.
class FormatError : public std::runtime_error {
 public:
  explicit FormatError(const std::string& message) : std::runtime_error(valid_utf8(message)) {}
};

/// Our bug: an assumption of ours that no input should be able to break. Command: exit code 1.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace internal {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}  // namespace internal

}  // namespace nullcline

/// Checks an assumption of the developers; never reachable by user input. Always on.
#define NULLCLINE_ASSERT(condition) \
  ((condition) ? void(0) : ::nullcline::internal::assertion_failed(#condition, __FILE__, __LINE__))
