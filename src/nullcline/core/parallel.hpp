// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>

namespace nullcline {

/// Calls body(i) once for each i in [0, n), on up to n_threads() threads. The body may write only
/// to what belongs to its own i, so the result does not depend on the number of threads. An
/// exception of a body is rethrown here.
void parallel_for(std::size_t n, const std::function<void(std::size_t)>& body);

/// Number of threads that parallel_for uses; 0 sets it back to the number of cores.
/// @throws InvalidInput if negative or above 4096.
void set_n_threads(int n_threads);
int n_threads();

}  // namespace nullcline
