// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/task_choice.hpp"

#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/tasks/context_integration.hpp"
#include "nullcline/tasks/flip_flop.hpp"
#include "nullcline/tasks/integration.hpp"
#include "nullcline/tasks/pulse_flip_flop.hpp"
#include "nullcline/tasks/sine.hpp"
#include "nullcline/tasks/trajectories.hpp"

namespace nullcline::tasks {

namespace {

template <class Options, class Make>
TaskChoice choice(const char* name, const char* description, const char* example, Make make) {
  const auto options = std::make_shared<Options>();
  return {name, description, example, option_fields(*options),
          [options, make] { return make(*options); }};
}

TaskChoice planar_choice(const PlanarSystem& planar) {
  const auto options = std::make_shared<TrajectoryOptions>(planar.options);
  return {planar.name, planar.description, "--units 2 --batch 667 --no-train-initial-state",
          option_fields(*options), [options, &planar] {
            return make_trajectories(
                planar.name, interchange::Model::parse(planar.model, planar.name).make_system(),
                *options);
          }};
}

}  // namespace

std::vector<std::string> task_names() {
  std::vector<std::string> names = {"flip-flop",       "sine",        "context-integration",
                                    "pulse-flip-flop", "integration", "trajectories"};
  for (const PlanarSystem& planar : planar_systems()) names.push_back(planar.name);
  return names;
}

TaskChoice choose_task(const std::string& name) {
  if (name == "flip-flop")
    return choice<FlipFlopOptions>("flip-flop", "hold the last pulse of each of K bits", "--bits 3",
                                   make_flip_flop);
  if (name == "sine")
    return choice<SineOptions>("sine", "oscillate at the frequency that the input commands",
                               "--cell vanilla", make_sine);
  if (name == "context-integration")
    return choice<ContextIntegrationOptions>(
        "context-integration", "integrate the one of K noisy streams that the context names",
        "--streams 2 --clip-norm 10", make_context_integration);
  if (name == "pulse-flip-flop")
    return choice<PulseFlipFlopOptions>("pulse-flip-flop",
                                        "hold the last of rare, wide pulses of each of K bits",
                                        "--bits 3", make_pulse_flip_flop);
  if (name == "integration")
    return choice<IntegrationOptions>("integration", "tell the sign of the sum of white noise",
                                      "--channels 3 --loss bce", make_integration);
  if (name == "trajectories")
    return choice<ModelTrajectoryOptions>(
        "trajectories", "predict the trajectories of a model file from one observation",
        "--model hopf.toml", make_model_trajectories);
  for (const PlanarSystem& planar : planar_systems())
    if (name == planar.name) return planar_choice(planar);
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
