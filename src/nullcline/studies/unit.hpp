// SPDX-License-Identifier: BSD-3-Clause
// One network of a study: trained, and analyzed under the inputs that its task holds.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/studies/plan.hpp"

namespace nullcline::studies {

/// done: the file is whole. diverged: so it is, but there is no trained network in it; the training
/// ended with weights or a loss that are not finite. interrupted: there is no file; the checkpoint
/// keeps the training.
enum class Outcome { done, diverged, interrupted };

struct UnitResult {
  Outcome outcome = Outcome::interrupted;
  NamedArrays file;  ///< the caller writes it
};

/// Where a unit keeps what is unfinished, and what it shares with others.
struct UnitPlace {
  std::string checkpoint;  ///< file of the unfinished training
  std::string searches;    ///< folder of the searches of hyper-parameters
};

/// Searches the hyper-parameters, where the study asks for it, trains the network (from its
/// checkpoint, if there is one), finds its fixed points and what trajectories end on under each
/// held input, and the graphs of the points. Networks of one kind share one search, with the
/// weights and trials of the study's seed: whoever needs it first does it. The result depends on
/// the unit alone: the same arrays for any number of threads and interruptions.
/// @throws InvalidInput, FormatError for a checkpoint that cannot be used.
UnitResult run_unit(const Unit& unit, const UnitPlace& place, const Progress& progress = {});

/// Hash of all arrays of a unit's file; what it says of time and machine does not count.
std::string result_hash(const NamedArrays& file);

}  // namespace nullcline::studies

template <>
struct nullcline::EnumNames<nullcline::studies::Outcome> {
  static constexpr std::array values{
      std::pair{nullcline::studies::Outcome::done, "done"},
      std::pair{nullcline::studies::Outcome::diverged, "diverged"},
      std::pair{nullcline::studies::Outcome::interrupted, "interrupted"},
  };
};
