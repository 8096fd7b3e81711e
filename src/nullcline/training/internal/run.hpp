// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::training::internal {

/// Everything that one iteration hands to the next; what a checkpoint holds.
template <class T>
struct RunState {
  int iteration = 0;             ///< iterations done
  std::vector<T> values;         ///< parameters
  std::vector<T> first, second;  ///< moments of the optimizer
  std::vector<T> best_values;    ///< with patience: at the lowest validation loss
  double best_loss = 0;
  int validations_since_best = 0;
  std::vector<double> loss;
  std::vector<int> validation_iterations;
  std::vector<double> validation_loss, validation_accuracy;
  std::vector<int> snapshot_iterations;
  std::vector<T> snapshots;  ///< parameters, one after another
};

/// The options that the result depends on, and the task's name, go into the checkpoint as text.
template <class T>
NamedArrays to_checkpoint(const RunState<T>& state, const TrainOptions& options,
                          const std::string& task);

/// @throws InvalidInput if the checkpoint is of another task or other options; FormatError if an
/// array is missing or has the wrong size.
template <class T>
RunState<T> from_checkpoint(const NamedArrays& checkpoint, const TrainOptions& options,
                            const std::string& task, std::size_t n_parameters);

}  // namespace nullcline::training::internal
