// SPDX-License-Identifier: BSD-3-Clause
// Simulation and training.
#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/results/checkpoint.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/results/run_files.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "nullcline/training/train.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using dynamics::System;
using models::Network;
using namespace nb::literals;

Matrix initial_states(const System& system, const Network* network, nb::handle value,
                      Index n_trials) {
  const Index n = system.n_states();
  if (value.is_none())
    return network ? Matrix(network->initial_state.transpose()) : Matrix::Zero(1, n);
  const Floats floats("initial_states", value);
  const std::string expected = fmt::format("({},) or ({}, {})", n, n_trials, n);
  const Matrix rows = floats.rows({1, 2}, n, expected);
  if (rows.rows() != 1 && rows.rows() != n_trials) floats.refuse(expected);
  return rows;
}

nb::tuple simulate(const System& system, const Network* network, nb::handle inputs_argument,
                   nb::handle initial) {
  const Floats floats("inputs", inputs_argument);
  const Index n = system.n_inputs();
  const std::string expected = fmt::format("(steps, {}) or (trials, steps, {})", n, n);
  const auto inputs = floats.rows({2, 3}, n, expected);
  const Index n_trials = floats.n_axes() == 3 ? floats.extent(0) : 1;
  const Index n_steps = floats.extent(floats.n_axes() - 2);
  if (n_trials == 0 || n_steps == 0) floats.refuse(expected + " with at least one step");
  if (!inputs.allFinite()) throw InvalidInput("inputs: found NaN or infinity, expected numbers");
  const Matrix starts = initial_states(system, network, initial, n_trials);
  NamedArrays file;
  Watch watch{nb::none()};
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    const std::span<const double> values(inputs.data(), static_cast<std::size_t>(inputs.size()));
    const Matrix states = dynamics::simulate(*watched, values, n_trials, n_steps, starts);
    file = results::simulation_to_arrays(network, inputs, states, n_trials, n_steps);
    results::stamp(file, results::kSimulation, "Simulation", "{}", 0);
  });
  return to_python(std::move(file));
}

nb::tuple train(const std::string& task_name, const nb::dict& task_values,
                const nb::dict& option_values, const std::optional<std::string>& checkpoint_path,
                nb::object progress) {
  const tasks::TaskChoice task = tasks::choose_task(task_name);
  set_options(task.fields, task_values);
  training::TrainOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  const std::unique_ptr<tasks::Task> made = task.make();
  const std::string configuration =
      fmt::format(R"({{"task": {{"name": "{}", {}, "train": {}}})", task.name,
                  fields_to_json(task.fields).substr(1), fields_to_json(fields));
  std::optional<results::Checkpoint> checkpoint;
  std::function<void(const NamedArrays&)> save;
  std::optional<NamedArrays> resume;
  if (checkpoint_path) {
    checkpoint.emplace(*checkpoint_path, configuration, "; remove it to begin anew");
    save = [&](const NamedArrays& state) { checkpoint->save(state); };
    resume = checkpoint->read();
  }
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const training::TrainResult result = training::train(
        *made, options,
        watch.progress(checkpoint ? Watch::Abandon::asks_to_stop : Watch::Abandon::throws),
        resume ? &*resume : nullptr, save);
    if (checkpoint && result.termination != Termination::interrupted) checkpoint->remove();
    file = results::training_to_arrays(result, task.name);
    results::stamp(file, results::kTrainedNetwork, "Network trained on " + task.name, configuration,
                   options.seed);
  });
  return to_python(std::move(file));
}

nb::tuple trials(const std::string& task_name, const nb::dict& task_values, Index n_trials,
                 std::uint64_t seed, bool probe) {
  if (n_trials < 1)
    throw InvalidInput(fmt::format("n_trials: found {}, expected at least 1", n_trials));
  const tasks::TaskChoice task = tasks::choose_task(task_name);
  set_options(task.fields, task_values);
  const std::unique_ptr<tasks::Task> made = task.make();
  const tasks::TrialBatch batch = probe ? made->probe(n_trials, seed)
                                        : made->generate(n_trials, seed, Purpose::analysis_data, 0);
  const auto cube = [&](const std::vector<double>& values, Index width) {
    const std::vector<std::size_t> shape{static_cast<std::size_t>(batch.n_trials),
                                         static_cast<std::size_t>(batch.n_steps),
                                         static_cast<std::size_t>(width)};
    return to_numpy(
        Matrix(Eigen::Map<const Matrix>(values.data(), batch.n_trials * batch.n_steps, width)),
        shape);
  };
  return nb::make_tuple(cube(batch.inputs, batch.n_inputs), cube(batch.targets, batch.n_outputs),
                        cube(batch.mask, batch.n_outputs));
}

}  // namespace

void bind_runs(nb::module_& module) {
  module.def("simulate", &simulate, "system"_a, "network"_a.none(), "inputs"_a,
             "initial_states"_a.none(), "The contents of a file of a simulation.");
  module.def("train", &train, "task"_a, "task_options"_a, "options"_a, "checkpoint"_a.none(),
             "progress"_a.none(), "The contents of a file of a trained network.");
  module.def("trials", &trials, "task"_a, "task_options"_a, "n_trials"_a, "seed"_a, "probe"_a,
             "Inputs, targets and mask of trials, each (n_trials, n_steps, channels).");
  module.def("task_names", &tasks::task_names);
  module.def(
      "task_options",
      [](const std::string& name) { return defaults(tasks::choose_task(name).fields); }, "name"_a,
      "Every option of a task with its default.");
  module.def(
      "training_options",
      [] {
        training::TrainOptions options;
        return defaults(option_fields(options));
      },
      "Every option of training with its default.");
}

}  // namespace nullcline::python
