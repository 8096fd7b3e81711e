// SPDX-License-Identifier: BSD-3-Clause
// For programs that feed damaged files to HDF5 under the address sanitizer; include it once in
// each. HDF5 asks for absurd sizes and handles the refusal, it loses memory when it refuses a file,
// and it reads a few bytes beyond a damaged attribute in a header without check sums (version 1, as
// h5py writes): none of it is ours to repair (docs/decisions/0011).
#pragma once

extern "C" {
const char* __asan_default_options();       // NOLINT(bugprone-reserved-identifier)
const char* __asan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)

const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}
const char* __asan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "interceptor_via_lib:libhdf5\n";
}
const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libhdf5\n";
}
}
