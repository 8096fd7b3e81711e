// SPDX-License-Identifier: BSD-3-Clause
// The states that a network goes through: starts of the search, and what the report draws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::results {

struct Visited {
  Matrix states;                     ///< (n, n_states); may be empty
  std::vector<Matrix> trajectories;  ///< a few, each (n_steps, n_states)
  std::string origin;                ///< a phrase for the user
};

/// States of trials of the task that the network in `file` was trained on, regenerated from its
/// stored configuration; those that an earlier search stored; or none. `path` names the file in
/// messages. @throws FormatError
Visited visited_by_task(const std::string& path, const NamedArrays& file,
                        const dynamics::System& system, int n_trials, std::uint64_t seed);

/// A few of the trials, for pictures; `states` is (n_trials * n_steps, n_states).
void add_trajectories(Visited& visited, ConstMatrixRef states, Index n_trials, Index n_steps);

/// Where nothing shows trajectories: free runs under `input` from some of the states (from small
/// random states, if there are none).
void add_free_runs(Visited& visited, const dynamics::System& system, ConstVectorRef input,
                   std::uint64_t seed);

/// Evenly spaced rows, at most n_rows of them.
Matrix thinned_rows(const Matrix& rows, Index n_rows);

// Into and out of a result file: arrays "visited_states" and "trajectories".
void store_visited(NamedArrays& file, const Visited& visited);
Visited stored_visited(const NamedArrays& file);

}  // namespace nullcline::results
