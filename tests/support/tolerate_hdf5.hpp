// SPDX-License-Identifier: BSD-3-Clause
// For programs that feed damaged files to HDF5 under the address sanitizer; include it once in
// each. HDF5 asks for absurd sizes and handles the refusal, and it loses memory when it refuses a
// file: both end with the process, and neither is ours to repair.
#pragma once

extern "C" {
const char* __asan_default_options();       // NOLINT(bugprone-reserved-identifier)
const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)

const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}
const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libhdf5\n";
}
}
