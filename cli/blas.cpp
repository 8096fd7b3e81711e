// SPDX-License-Identifier: BSD-3-Clause
#include "blas.hpp"

#include <cblas.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <initializer_list>

namespace nullcline::cli {

namespace {

constexpr Index kFewStates = 16;
char** kept_arguments = nullptr;

bool has_skylake_features() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd");
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The name under which OpenBLAS knows better kernels than those it chose, or null.
const char* better_core(const std::string& chosen) {
  if (is_one_of(chosen, {"SkylakeX", "Cooperlake", "SapphireRapids"})) return nullptr;
  if (has_skylake_features()) return "SKYLAKEX";
  if (is_one_of(chosen, {"Haswell", "Zen"})) return nullptr;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? "HASWELL" : nullptr;
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

void keep_arguments(char** arguments) { kept_arguments = arguments; }

void use_best_blas_kernels_for(Index n_states) {
  if (n_states > kFewStates) use_best_blas_kernels();
}

void use_best_blas_kernels() {
  if (std::getenv("OPENBLAS_CORETYPE")) return;
  const char* better = better_core(blas_core());
  if (!better) return;
  std::array<char, PATH_MAX> program{};
  if (readlink("/proc/self/exe", program.data(), program.size() - 1) <= 0) return;
  setenv("OPENBLAS_CORETYPE", better, 1);  // also keeps the next start from doing this again
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
  execv(program.data(), kept_arguments);
}

}  // namespace nullcline::cli
