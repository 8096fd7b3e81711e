// SPDX-License-Identifier: BSD-3-Clause
// The three kinds of failure. A numerical outcome is none of them: it is a value in the result.
#pragma once

#include <stdexcept>
#include <string>

namespace nullcline {

/// The caller's mistake: a wrong option, key or argument. The message is one line that names it,
/// says what was found and what was expected. Python: ValueError. Command: exit code 2.
class InvalidInput : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// A file that cannot be used: missing, truncated, hostile, or of the wrong content. The message
/// starts with the file's path. Python: ValueError. Command: exit code 3.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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
