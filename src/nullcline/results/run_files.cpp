// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/run_files.hpp"

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
  file.attributes["task"] = task;
  file.attributes["termination"] = std::string(name_of(result.termination));
  file.attributes["training_seconds"] = result.seconds;
  return file;
}

}  // namespace nullcline::results
