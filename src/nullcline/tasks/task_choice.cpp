// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/task_choice.hpp"

#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/flip_flop.hpp"
#include "nullcline/tasks/pulse_flip_flop.hpp"

namespace nullcline::tasks {

namespace {

template <class Options, class Make>
TaskChoice choice(const char* name, const char* description, const char* example, Make make) {
  const auto options = std::make_shared<Options>();
  return {name, description, example, option_fields(*options),
          [options, make] { return make(*options); }};
}

}  // namespace

std::vector<std::string> task_names() { return {"flip-flop", "pulse-flip-flop"}; }

TaskChoice choose_task(const std::string& name) {
  if (name == "flip-flop")
    return choice<FlipFlopOptions>("flip-flop", "hold the last pulse of each of K bits", "--bits 3",
                                   make_flip_flop);
  if (name == "pulse-flip-flop")
    return choice<PulseFlipFlopOptions>("pulse-flip-flop",
                                        "hold the last of rare, wide pulses of each of K bits",
                                        "--bits 3", make_pulse_flip_flop);
  throw InvalidInput("task: unknown name '" + name + "'" + suggestion(name, task_names()));
}

std::unique_ptr<Task> task_of_configuration(const std::string& configuration) {
  const auto document = nlohmann::json::parse(configuration, nullptr, false);
  if (!document.is_object() || !document.contains("task")) return nullptr;
  nlohmann::json task = document["task"];
  if (!task.is_object() || !task.contains("name") || !task["name"].is_string())
    throw InvalidInput("configuration: the task has no name");
  const TaskChoice found = choose_task(task["name"].get<std::string>());
  task.erase("name");
  fields_from_json(found.fields, task.dump(), "configuration: task");
  return found.make();
}

}  // namespace nullcline::tasks
