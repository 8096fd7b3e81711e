// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/tasks/task.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::training::internal {

/// The trials of each iteration: fresh ones, or of a task with a fixed set the next of them, the
/// first following the last.
class TrainingData {
 public:
  /// Both must outlive it. @throws InvalidInput if a batch is larger than the fixed set.
  TrainingData(const tasks::Task& task, const TrainOptions& options);

  tasks::TrialBatch of_iteration(int iteration) const;

 private:
  const tasks::Task& task_;
  const TrainOptions& options_;
  tasks::TrialBatch fixed_;  ///< without trials where every iteration has fresh ones
};

}  // namespace nullcline::training::internal
