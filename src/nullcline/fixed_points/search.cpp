// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/search.hpp"

#include <fmt/format.h>

#include <chrono>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/check_options.hpp"
#include "nullcline/fixed_points/internal/search_run.hpp"

namespace nullcline::fixed_points {

namespace {

void require_range(const char* name, int value, int low, int high) {
  if (value < low || value > high)
    throw InvalidInput(fmt::format("{}: found {}, expected {} to {}", name, value, low, high));
}

void validate(const dynamics::System& system, ConstVectorRef input, ConstMatrixRef visited,
              const SearchOptions& options) {
  check_options(options);
  if (system.n_states() < 1) throw InvalidInput("system: found no states, expected at least one");
  if (input.size() != system.n_inputs())
    throw InvalidInput(fmt::format("input: found {} values, expected {} (one per input)",
                                   input.size(), system.n_inputs()));
  if (!input.allFinite()) throw InvalidInput("input: found a value that is not finite");
  if (visited.rows() > 0 && visited.cols() != system.n_states())
    throw InvalidInput(fmt::format("visited states: found {} values per state, expected {}",
                                   visited.cols(), system.n_states()));
  if (!visited.allFinite()) throw InvalidInput("visited states: found a value that is not finite");
}

}  // namespace

void check_options(const SearchOptions& options) {
  constexpr int kMany = 1000000000;
  require_range("n_starts", options.n_starts, 1, kMany);
  require_range("max_starts", options.max_starts, options.n_starts, kMany);
  require_range("min_hits", options.min_hits, 1, kMany);
  require_range("max_iterations", options.max_iterations, 1, 100000);
  require_range("max_boxes", options.max_boxes, 0, kMany);
  require_range("max_modes", options.max_modes, 0, kMany);
}

FixedPointSet find_fixed_points(const dynamics::System& system, ConstVectorRef input,
                                ConstMatrixRef visited, const SearchOptions& options,
                                const Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  validate(system, input, visited, options);
  FixedPointSet result = internal::Search(system, input, visited, options, progress).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace nullcline::fixed_points
