// SPDX-License-Identifier: BSD-3-Clause
// The tasks by name, with their options.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nullcline/core/options_text.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// A task before it is made: its options as fields, and what makes it of them.
struct TaskChoice {
  std::string name;
  std::string description;
  std::string example;  ///< flags of a typical call
  std::vector<OptionField> fields;
  std::function<std::unique_ptr<Task>()> make;  ///< owns the options
};

std::vector<std::string> task_names();

/// With its default options. @throws InvalidInput for an unknown name.
TaskChoice choose_task(const std::string& name);

/// The task that a stored configuration ({"task": {"name": ..., ...}}) describes; null if it
/// describes none. @throws InvalidInput
std::unique_ptr<Task> task_of_configuration(const std::string& configuration);

}  // namespace nullcline::tasks
