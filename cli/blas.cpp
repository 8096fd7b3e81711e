// SPDX-License-Identifier: BSD-3-Clause
#include "blas.hpp"

#include <cblas.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>

namespace nullcline::cli {

namespace {

constexpr const char* kGuard = "NULLCLINE_STARTED_AGAIN";

bool has_skylake_features() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd");
}

}  // namespace

std::vector<std::string> cpu_features() {
  std::vector<std::string> features;
  const auto add = [&features](const char* name, int present) {
    if (present) features.emplace_back(name);
  };
  add("sse2", __builtin_cpu_supports("sse2"));
  add("sse4.2", __builtin_cpu_supports("sse4.2"));
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512dq", __builtin_cpu_supports("avx512dq"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512vl", __builtin_cpu_supports("avx512vl"));
  add("avx512cd", __builtin_cpu_supports("avx512cd"));
  return features;
}

std::string blas_core() { return openblas_get_corename(); }

std::string blas_configuration() { return openblas_get_config(); }

void use_best_blas_kernels(char** arguments) {
  const std::string core = blas_core();
  const bool avx2_kernels = core == "Haswell" || core == "Zen";
  if (!avx2_kernels || !has_skylake_features()) return;
  if (std::getenv("OPENBLAS_CORETYPE") || std::getenv(kGuard)) return;

  std::array<char, PATH_MAX> program{};
  const ssize_t length = readlink("/proc/self/exe", program.data(), program.size() - 1);
  if (length <= 0) return;
  setenv("OPENBLAS_CORETYPE", "SKYLAKEX", 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
  setenv(kGuard, "1", 1);
  execv(program.data(), arguments);
}

}  // namespace nullcline::cli
