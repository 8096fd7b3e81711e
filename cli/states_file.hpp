// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/results/visited.hpp"

namespace nullcline::cli {

/// The array `states` of a file: (n, n_states), or (trials, steps, n_states). @throws FormatError
results::Visited visited_from_file(const std::string& path, Index n_states);

}  // namespace nullcline::cli
