// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/provenance.hpp"

#include <cblas.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <chrono>
#include <vector>

#include "build_info.hpp"

namespace nullcline {

namespace {

std::string compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

/// Instruction sets among those that the kernels choose from at run time.
std::string cpu_features() {
  std::vector<const char*> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2")) found.push_back("sse4.2");
  if (__builtin_cpu_supports("avx")) found.push_back("avx");
  if (__builtin_cpu_supports("avx2")) found.push_back("avx2");
  if (__builtin_cpu_supports("fma")) found.push_back("fma");
  if (__builtin_cpu_supports("avx512f")) found.push_back("avx512f");
  if (__builtin_cpu_supports("avx512dq")) found.push_back("avx512dq");
  if (__builtin_cpu_supports("avx512bw")) found.push_back("avx512bw");
  if (__builtin_cpu_supports("avx512vl")) found.push_back("avx512vl");
#endif
  return fmt::format("{}", fmt::join(found, " "));
}

std::string host() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : "unknown";
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace

std::string version() { return NULLCLINE_VERSION; }

Attributes provenance() {
  return {
      {"Conventions", "CF-1.10"},
      {"nullcline_version", version()},
      {"git_commit", NULLCLINE_COMMIT},
      {"build_type", NULLCLINE_BUILD_TYPE},
      {"compiler", compiler()},
      {"compiler_flags", NULLCLINE_COMPILER_FLAGS},
      {"cpu_features", cpu_features()},
      {"blas", fmt::format("{} (kernels: {})", openblas_get_config(), openblas_get_corename())},
      {"host", host()},
      {"created", utc_now()},
  };
}

}  // namespace nullcline
