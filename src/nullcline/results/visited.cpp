// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/visited.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/tasks/task_choice.hpp"

namespace nullcline::results {

namespace {

constexpr Index kMaxStored = 1000;       // visited states in a result
constexpr Index kMaxTrajectories = 16;   // of the report
constexpr Index kMaxSteps = 200;         // of each of them
constexpr Index kMaxVisited = 10000000;  // numbers: longer trials, fewer of them

/// Rows that are finite: relu networks may overflow.
Matrix finite_rows(const Matrix& rows) {
  Matrix finite(rows.rows(), rows.cols());
  Index n = 0;
  for (Index i = 0; i < rows.rows(); ++i)
    if (rows.row(i).allFinite()) finite.row(n++) = rows.row(i);
  finite.conservativeResize(n, Eigen::NoChange);
  return finite;
}

}  // namespace

void add_trajectories(Visited& visited, ConstMatrixRef states, Index n_trials, Index n_steps) {
  for (Index trial = 0; trial < std::min(n_trials, kMaxTrajectories); ++trial) {
    const Matrix steps = states.middleRows(trial * n_steps, std::min(n_steps, kMaxSteps));
    if (steps.allFinite()) visited.trajectories.push_back(steps);
  }
}

Visited visited_by_task(const std::string& path, const NamedArrays& file,
                        const dynamics::System& system, int n_trials, std::uint64_t seed) {
  if (file.has("visited_states")) return reading(path, [&] { return stored_visited(file); });
  Visited visited;
  visited.states.resize(0, system.n_states());
  const auto task = reading(path, [&] {
    return tasks::task_of_configuration(text_or_empty(file.attributes, "configuration"));
  });
  if (!task) {
    visited.origin = "none";
    return visited;
  }
  if (task->n_inputs() != system.n_inputs())
    throw FormatError(fmt::format("{}: the task has {} inputs, the network {}", path,
                                  task->n_inputs(), system.n_inputs()));
  const Index size_of_trial = task->n_steps() * system.n_states();
  const Index n = std::clamp<Index>(kMaxVisited / size_of_trial, 1, std::max(n_trials, 1));
  const Vector initial_state = reading(path, [&] { return file.vector("network/initial_state"); });
  const tasks::TrialBatch batch = task->generate(n, seed, Purpose::analysis_data, 0);
  const Matrix states = dynamics::simulate(system, batch.inputs, batch.n_trials, batch.n_steps,
                                           Matrix(initial_state.transpose()));
  visited.states = finite_rows(states);
  add_trajectories(visited, states, batch.n_trials, batch.n_steps);
  visited.origin = fmt::format("{} trials of {}", n, task->name());
  return visited;
}

void add_free_runs(Visited& visited, const dynamics::System& system, ConstVectorRef input,
                   std::uint64_t seed) {
  if (!visited.trajectories.empty()) return;
  constexpr Index kFreeSteps = 100;
  Matrix starts = thinned_rows(visited.states, kMaxTrajectories);
  if (starts.rows() == 0) {
    starts.resize(kMaxTrajectories, system.n_states());
    Rng rng(seed, Purpose::analysis_data);
    for (double& value : starts.reshaped<Eigen::RowMajor>()) value = 0.5 * rng.normal();
  }
  const Index n = starts.rows();
  std::vector<double> inputs;
  for (Index step = 0; step < n * kFreeSteps; ++step)
    inputs.insert(inputs.end(), input.begin(), input.end());
  add_trajectories(visited, dynamics::simulate(system, inputs, n, kFreeSteps, starts), n,
                   kFreeSteps);
}

Matrix thinned_rows(const Matrix& rows, Index n_rows) {
  if (rows.rows() <= n_rows) return rows;
  Matrix thin(n_rows, rows.cols());
  for (Index i = 0; i < n_rows; ++i) thin.row(i) = rows.row(i * rows.rows() / n_rows);
  return thin;
}

void store_visited(NamedArrays& file, const Visited& visited) {
  file.set("visited_states", thinned_rows(visited.states, kMaxStored), {"visited", "state"},
           "some of the states that the search started from");
  file.attributes["visited_origin"] = visited.origin;
  if (visited.trajectories.empty()) return;
  Index n_steps = visited.trajectories[0].rows();
  for (const Matrix& steps : visited.trajectories) n_steps = std::min(n_steps, steps.rows());
  NamedArray array;
  array.dimensions = {"trial", "step", "state"};
  const Index n_states = visited.trajectories[0].cols();
  array.shape = {visited.trajectories.size(), static_cast<std::size_t>(n_steps),
                 static_cast<std::size_t>(n_states)};
  std::vector<double> values;
  for (const Matrix& steps : visited.trajectories)
    values.insert(values.end(), steps.data(), steps.data() + n_steps * n_states);
  array.data = std::move(values);
  array.attributes = {{"long_name", std::string("trajectories, for pictures")},
                      {"units", std::string("1")}};
  file.set("trajectories", std::move(array));
}

Visited stored_visited(const NamedArrays& file) {
  Visited visited;
  visited.states = file.matrix("visited_states");
  visited.origin = text_or_empty(file.attributes, "visited_origin");
  if (!file.has("trajectories")) return visited;
  const NamedArray& array = file.at("trajectories");
  if (array.shape.size() != 3 || array.shape[2] != static_cast<std::size_t>(visited.states.cols()))
    throw FormatError(
        fmt::format("array 'trajectories' has shape ({}), expected (trials, steps, {})",
                    fmt::join(array.shape, ", "), visited.states.cols()));
  const std::vector<double> values = file.values("trajectories");
  const auto n_steps = static_cast<Index>(array.shape[1]);
  const Index n_states = visited.states.cols();
  for (std::size_t trial = 0; trial < array.shape[0]; ++trial)
    visited.trajectories.push_back(Eigen::Map<const Matrix>(
        values.data() + static_cast<Index>(trial) * n_steps * n_states, n_steps, n_states));
  return visited;
}

}  // namespace nullcline::results
