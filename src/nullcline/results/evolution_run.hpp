// SPDX-License-Identifier: BSD-3-Clause
// The fixed points during a training, with the trajectories that go with them.
#pragma once

#include <string>
#include <vector>

#include "nullcline/evolution/evolve.hpp"
#include "nullcline/results/snapshots.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::results {

/// An evolution and what a picture of it needs: three principal axes of the last snapshot, and a
/// trajectory of each snapshot in them.
struct EvolutionRun {
  evolution::Evolution evolution;
  Vector origin;                     ///< (n_states)
  Matrix axes;                       ///< (up to 3, n_states)
  std::vector<Matrix> trajectories;  ///< per snapshot, (n_steps, n_axes); may be empty
};

/// Follows the fixed points through the snapshots under `input`. With a task, its trials through
/// the network of each snapshot give visited states and the trajectories; it may be null.
/// @throws InvalidInput if sizes do not fit or an option is out of range.
EvolutionRun run_evolution(const Snapshots& snapshots, ConstVectorRef input,
                           const tasks::Task* task, const evolution::EvolutionOptions& options,
                           const Progress& progress = {});

NamedArrays evolution_to_arrays(const EvolutionRun& run);
/// @throws FormatError
EvolutionRun evolution_run_of(const NamedArrays& file);

/// The offline page of a file of an evolution. @throws FormatError if arrays are missing.
std::string evolution_page(const NamedArrays& file, const std::string& title);

}  // namespace nullcline::results
