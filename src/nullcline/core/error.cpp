// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/error.hpp"

namespace nullcline::internal {

void assertion_failed(const char* condition, const char* file, int line) {
  throw InternalError(std::string(file) + ":" + std::to_string(line) +
                      ": assertion failed: " + condition);
}

}  // namespace nullcline::internal
