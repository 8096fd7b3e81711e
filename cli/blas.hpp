// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::cli {

/// Instruction sets of this CPU that matter here: "sse2", "avx2", "fma", "avx512f", ...
std::vector<std::string> cpu_features();

std::string blas_core();           ///< "SkylakeX": the kernels that OpenBLAS chose
std::string blas_configuration();  ///< OpenBLAS' own words

/// OpenBLAS chooses its kernels when it is loaded, and on CPUs newer than itself takes ones for
/// AVX2 or even SSE3 (0.3.21 on Emerald Rapids). If this CPU can do better and the environment does
/// not say otherwise, starts this program again, once, with OPENBLAS_CORETYPE set. Returns if there
/// is nothing to do, or if that fails.
void use_best_blas_kernels();
/// The same where matrices are large enough for it to matter: a second start takes 15 ms.
void use_best_blas_kernels_for(Index n_states);
/// What the two above start again with.
void keep_arguments(char** arguments);

}  // namespace nullcline::cli
