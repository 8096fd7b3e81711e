// SPDX-License-Identifier: BSD-3-Clause
// For programs that make odd files by HDF5 under the address sanitizer; include it once in each.
// HDF5 loses memory when it refuses to write something: not ours to repair.
#pragma once

extern "C" {
const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)

const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libhdf5\n";
}
}
