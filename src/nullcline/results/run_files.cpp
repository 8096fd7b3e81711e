// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/run_files.hpp"

#include <algorithm>

#include "nullcline/core/error.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/results/snapshots.hpp"

namespace nullcline::results {

namespace {

NamedArray cube(ConstMatrixRef rows, Index n_trials, Index n_steps, const char* last_dimension,
                const char* long_name) {
  NamedArray array;
  array.dimensions = {"trial", "step", last_dimension};
  array.shape = {static_cast<std::size_t>(n_trials), static_cast<std::size_t>(n_steps),
                 static_cast<std::size_t>(rows.cols())};
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(rows.size()));
  for (Index row = 0; row < rows.rows(); ++row)
    values.insert(values.end(), rows.row(row).begin(), rows.row(row).end());
  array.data = std::move(values);
  array.attributes = {{"long_name", std::string(long_name)}, {"units", std::string("1")}};
  return array;
}

Vector as_vector(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

}  // namespace

NamedArrays simulation_to_arrays(const models::Network* network, ConstMatrixRef inputs,
                                 ConstMatrixRef states, Index n_trials, Index n_steps) {
  NamedArrays file;
  file.set("inputs", cube(inputs, n_trials, n_steps, "input", "inputs"));
  file.set("states", cube(states, n_trials, n_steps, "state", "state after each step"));
  if (!network) return file;
  file.set_group("network", models::to_arrays(*network));
  if (network->n_outputs() > 0)
    file.set("outputs", cube(models::readout(*network, states), n_trials, n_steps, "output",
                             "readout of each state"));
  return file;
}

NamedArrays training_to_arrays(const training::TrainResult& result, const std::string& task) {
  NamedArrays file;
  file.set_group("network", models::to_arrays(result.network));
  file.set_vector("loss", as_vector(result.loss), "iteration",
                  "training loss of each iteration, penalty included");
  file.set_integers("validation_iterations",
                    {result.validation_iterations.begin(), result.validation_iterations.end()},
                    "validation", "iterations done at each validation");
  file.set_vector("validation_loss", as_vector(result.validation_loss), "validation",
                  "loss on held-out trials, without the penalty");
  file.set_vector("validation_accuracy", as_vector(result.validation_accuracy), "validation",
                  "share of correct outputs on held-out trials");
  store_snapshots(file, result.snapshot_iterations, result.snapshots);
  file.attributes["task"] = task;
  file.attributes["termination"] = std::string(name_of(result.termination));
  if (!result.reason.empty()) file.attributes["termination_reason"] = result.reason;
  file.set_scalar("decay_steps", result.decay_steps,
                  "S of the learning rate eta_0 decay^(iteration / S)");
  file.attributes["training_seconds"] = result.seconds;
  return file;
}

namespace {

using ConstRows = Eigen::Map<const Matrix>;

// The same task with another number of steps.
std::unique_ptr<tasks::Task> task_with_steps(const tasks::TaskChoice& task, int n_steps) {
  const auto steps = std::find_if(task.fields.begin(), task.fields.end(),
                                  [](const OptionField& field) { return field.name == "steps"; });
  NULLCLINE_ASSERT(steps != task.fields.end());
  const std::string before = steps->text();
  steps->set(std::to_string(n_steps), "train_steps");
  auto made = task.make();
  steps->set(before, "steps");
  return made;
}

Matrix rows_of(const std::vector<double>& values, Index n_rows, Index n_columns) {
  return ConstRows(values.data(), n_rows, n_columns);
}

Vector as_vector(const std::vector<int>& values) {
  Vector result(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), result.begin());
  return result;
}

NamedArray snapshot_array(const std::vector<Matrix>& snapshots, Index rows, Index cols) {
  NamedArray array;
  array.dimensions = {"snapshot", "output", "unit"};
  array.shape = {snapshots.size(), static_cast<std::size_t>(rows), static_cast<std::size_t>(cols)};
  std::vector<double> values;
  for (const Matrix& snapshot : snapshots)
    values.insert(values.end(), snapshot.data(), snapshot.data() + snapshot.size());
  array.data = std::move(values);
  array.attributes = {{"long_name", std::string("readout weights during training")},
                      {"units", std::string("1")}};
  return array;
}

}  // namespace

ForceRun run_force(const tasks::TaskChoice& task, const training::ForceOptions& options,
                   const Progress& progress, const models::EchoState* transfer_from) {
  const auto stream = task_with_steps(task, options.train_steps);
  const auto test = task.make();
  models::EchoState network =
      transfer_from
          ? training::transfer(*transfer_from, options, stream->n_inputs(), stream->n_outputs())
          : training::make_echo_state(options, stream->n_inputs(), stream->n_outputs());
  const tasks::TrialBatch batch = stream->generate(1, options.seed, Purpose::training_data, 0);
  ForceRun run;
  run.training = training::train_force(
      std::move(network), rows_of(batch.inputs, batch.n_steps, batch.n_inputs),
      rows_of(batch.targets, batch.n_steps, batch.n_outputs), options, progress);
  models::EchoState& trained = run.training.network;
  // A fresh state, in which the saved network begins too.
  Rng rng(options.seed, Purpose::validation_data, 1);
  for (double& x : trained.initial_state) x = options.initial_spread * rng.normal();
  if (run.training.termination != Termination::max_iterations) return run;
  const tasks::TrialBatch fresh = test->generate(1, options.seed, Purpose::validation_data, 0);
  run.test_inputs = rows_of(fresh.inputs, fresh.n_steps, fresh.n_inputs);
  run.test_targets = rows_of(fresh.targets, fresh.n_steps, fresh.n_outputs);
  run.test_outputs = training::run_echo_state(trained, run.test_inputs);
  run.test_error = (run.test_outputs - run.test_targets).array().square().mean();
  const double* outputs = run.test_outputs.data();
  run.test_accuracy = test->accuracy(fresh, {outputs, outputs + run.test_outputs.size()});
  return run;
}

models::EchoState echo_state_of(const std::string& path, const NamedArrays& file) {
  return reading(path, [&] {
    if (!file.has_group("echo_state"))
      throw FormatError("found no echo-state network, expected one trained by nullcline force");
    return models::echo_state_from_arrays(file.group("echo_state"));
  });
}

NamedArrays force_to_arrays(const ForceRun& run, const std::string& task) {
  const training::ForceResult& training = run.training;
  const models::EchoState& network = training.network;
  NamedArrays file;
  file.set_group("network", models::to_arrays(models::fold_feedback(network)));
  file.set_group("echo_state", models::to_arrays(network));
  file.set("train_outputs", training.outputs, {"train_step", "output"},
           "output of each step of training");
  file.set_vector("update_steps", as_vector(training.update_steps), "update",
                  "steps at which the readout learned", "step");
  file.set_vector("error", as_vector(training.error), "update",
                  "mean square error over outputs, before the update");
  file.set_vector("weight_norm", as_vector(training.weight_norm), "update",
                  "Frobenius norm of the readout weights, after the update");
  if (!training.snapshots.empty()) {
    file.set_vector("snapshot_steps", as_vector(training.snapshot_steps), "snapshot",
                    "steps of the snapshots", "step");
    file.set("readout_snapshots",
             snapshot_array(training.snapshots, network.n_outputs(), network.n_units()));
  }
  file.set("test_inputs", run.test_inputs, {"test_step", "input"}, "inputs of the test");
  file.set("test_targets", run.test_targets, {"test_step", "output"}, "targets of the test");
  file.set("test_outputs", run.test_outputs, {"test_step", "output"},
           "outputs of the closed loop in the test");
  file.attributes["task"] = task;
  file.attributes["termination"] = std::string(name_of(training.termination));
  file.attributes["training_seconds"] = training.seconds;
  file.attributes["test_error"] = run.test_error;
  file.attributes["test_accuracy"] = run.test_accuracy;
  return file;
}

}  // namespace nullcline::results
