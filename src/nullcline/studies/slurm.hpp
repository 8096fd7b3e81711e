// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/studies/plan.hpp"

namespace nullcline::studies {

struct SlurmOptions {
  int tasks = 0;  ///< of the array; 0: one for each unit, at most max_array
  int max_array = 1000;
  int minutes = 60;   ///< time limit of a task
  int cpus = 1;       ///< per task, each a network at a time
  int memory = 2048;  ///< MiB per task
  int warning = 120;  ///< seconds before the limit at which a task is told to save and stop
  std::string partition, account;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("tasks", self.tasks, "tasks of the array; 0: one per network, at most max-array");
    field("max_array", self.max_array, "MaxArraySize of the cluster (scontrol show config)");
    field("minutes", self.minutes, "time limit of a task");
    field("cpus", self.cpus, "cores of a task, a network on each");
    field("memory", self.memory, "MiB of a task");
    field("warning", self.warning, "seconds before the limit at which a task saves and stops");
    field("partition", self.partition, "partition; empty: the cluster's default");
    field("account", self.account, "account; empty: the user's default");
  }
};

/// A script for sbatch: an array whose task k runs shard k of the study. Task and shard know of no
/// other; a task that is killed, cancelled or out of time is made up for by submitting the same
/// script again, which does what is missing. Logs go to FOLDER/logs, which must exist. `command`
/// and `folder` are absolute paths.
/// @throws InvalidInput for an option out of range.
std::string slurm_script(const std::string& command, const std::string& folder, const Plan& plan,
                         const SlurmOptions& options);

}  // namespace nullcline::studies
