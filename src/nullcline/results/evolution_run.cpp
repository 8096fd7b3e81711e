// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/evolution_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/projection.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/models/network_line.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/report/evolution_page.hpp"
#include "nullcline/results/network_text.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

constexpr Index kMaxSteps = 600;  // of the trajectories of each snapshot, over all trials

// Trials of the task, cut to what a picture takes.
struct Stream {
  std::vector<double> inputs;
  Index n_trials = 0, n_steps = 0;
};

Stream stream_of(const tasks::Task& task, std::uint64_t seed) {
  Stream stream;
  stream.n_steps = std::min(task.n_steps(), kMaxSteps);
  stream.n_trials = std::max<Index>(1, kMaxSteps / stream.n_steps);
  const tasks::TrialBatch batch = task.generate(stream.n_trials, seed, Purpose::analysis_data, 0);
  for (Index trial = 0; trial < stream.n_trials; ++trial) {
    const auto first = batch.inputs.begin() + trial * batch.n_steps * batch.n_inputs;
    stream.inputs.insert(stream.inputs.end(), first, first + stream.n_steps * batch.n_inputs);
  }
  return stream;
}

evolution::Training training_of(const Snapshots& snapshots, const std::vector<Matrix>& visited) {
  evolution::Training training;
  training.steps = snapshots.steps;
  training.system_at = [&snapshots](double t) {
    const auto k = static_cast<std::size_t>(t);
    const double rest = t - static_cast<double>(k);
    if (rest == 0) return models::make_system(snapshots.networks[k]);
    return models::make_system(
        models::network_line(snapshots.networks[k], snapshots.networks[k + 1], rest),
        dynamics::Time::discrete);
  };
  training.visited = [&visited](std::size_t k) { return visited[k]; };
  return training;
}

// Steps of one trial after another; rows of NaN part the trials.
Matrix parted(const Matrix& rows, Index n_trials, Index n_steps) {
  Matrix result(rows.rows() + n_trials - 1, rows.cols());
  result.setConstant(std::nan(""));
  for (Index trial = 0; trial < n_trials; ++trial)
    result.middleRows(trial * (n_steps + 1), n_steps) = rows.middleRows(trial * n_steps, n_steps);
  return result;
}

}  // namespace

EvolutionRun run_evolution(const Snapshots& snapshots, ConstVectorRef input,
                           const tasks::Task* task, const evolution::EvolutionOptions& options,
                           const Progress& progress) {
  evolution::check_options(options);
  if (snapshots.networks.empty())
    throw InvalidInput("snapshots: found none, expected at least one");
  const models::Network& last = snapshots.networks.back();
  if (input.size() != last.n_inputs())
    throw InvalidInput(
        fmt::format("input: found {} values, expected {}", input.size(), last.n_inputs()));
  if (task && task->n_inputs() != last.n_inputs())
    throw InvalidInput(fmt::format("task: found {} inputs, expected {} as of the network",
                                   task->n_inputs(), last.n_inputs()));
  const std::size_t n = snapshots.networks.size();
  std::vector<Matrix> visited(n, Matrix(0, last.n_states()));
  Stream stream;
  if (task) {
    stream = stream_of(*task, options.seed);
    for (std::size_t k = 0; k < n; ++k) {
      const auto system = models::make_system(snapshots.networks[k]);
      visited[k] = dynamics::simulate(*system, stream.inputs, stream.n_trials, stream.n_steps,
                                      Matrix(last.initial_state.transpose()));
      if (!visited[k].allFinite()) visited[k].resize(0, last.n_states());
    }
  }
  EvolutionRun run;
  run.evolution = evolve(training_of(snapshots, visited), input, options, progress);
  if (run.evolution.interrupted) return run;
  for (evolution::Snapshot& snapshot : run.evolution.snapshots)
    for (evolution::Point& point : snapshot.points)
      if (last.n_outputs() > 0) {
        const auto k = static_cast<std::size_t>(&snapshot - run.evolution.snapshots.data());
        point.readout =
            readout(snapshots.networks[k], Matrix(point.state.transpose())).row(0).transpose();
      }
  const evolution::Snapshot& final = run.evolution.snapshots.back();
  Matrix shown(visited.back().rows() + static_cast<Index>(final.points.size()), last.n_states());
  shown.topRows(visited.back().rows()) = visited.back();
  for (std::size_t i = 0; i < final.points.size(); ++i)
    shown.row(visited.back().rows() + static_cast<Index>(i)) = final.points[i].state.transpose();
  if (shown.rows() == 0) shown = Matrix::Zero(1, last.n_states());
  const dynamics::Projection projection =
      dynamics::principal_components(shown, std::min<Index>(3, last.n_states()));
  run.origin = projection.origin;
  run.axes = projection.axes;
  for (const Matrix& states : visited)
    if (states.rows() > 0)
      run.trajectories.push_back(
          parted(projection.project(states), stream.n_trials, stream.n_steps));
  if (run.trajectories.size() != n) run.trajectories.clear();
  return run;
}

NamedArrays evolution_to_arrays(const EvolutionRun& run) {
  NamedArrays file = to_arrays(run.evolution);
  file.set_vector("origin", run.origin, "state", "origin of the axes of pictures");
  file.set("axes", run.axes, {"axis", "state"}, "principal axes of the last snapshot");
  if (run.trajectories.empty()) return file;
  NamedArray array;
  array.dimensions = {"snapshot", "trajectory_step", "axis"};
  array.shape = {run.trajectories.size(), static_cast<std::size_t>(run.trajectories[0].rows()),
                 static_cast<std::size_t>(run.trajectories[0].cols())};
  std::vector<double> values;
  for (const Matrix& rows : run.trajectories)
    values.insert(values.end(), rows.data(), rows.data() + rows.size());
  array.data = std::move(values);
  array.attributes = {
      {"long_name", std::string("trials through the network of each snapshot, parted by NaN")},
      {"units", std::string("1")}};
  file.set("trajectories", std::move(array));
  return file;
}

EvolutionRun evolution_run_of(const NamedArrays& file) {
  EvolutionRun run;
  try {
    run.evolution = evolution::evolution_from_arrays(file);
  } catch (const InvalidInput& error) {
    throw FormatError(error.what());
  }
  run.origin = file.vector("origin");
  run.axes = file.matrix("axes");
  if (run.axes.cols() != run.origin.size() || run.axes.rows() < 1)
    throw FormatError(fmt::format("array 'axes' has {} x {} entries, expected (1 to 3, {})",
                                  run.axes.rows(), run.axes.cols(), run.origin.size()));
  for (const evolution::Snapshot& snapshot : run.evolution.snapshots)
    for (const evolution::Point& point : snapshot.points)
      if (point.state.size() != run.origin.size())
        throw FormatError(fmt::format("array 'states' has {} columns, expected {}",
                                      point.state.size(), run.origin.size()));
  if (!file.has("trajectories")) return run;
  const NamedArray& array = file.at("trajectories");
  const std::size_t n = run.evolution.snapshots.size();
  if (array.shape.size() != 3 || array.shape[0] != n ||
      static_cast<Index>(array.shape[2]) != run.axes.rows())
    throw FormatError(
        fmt::format("array 'trajectories': expected shape ({}, steps, {})", n, run.axes.rows()));
  const std::vector<double> values = file.values("trajectories");
  const auto rows = static_cast<Index>(array.shape[1]);
  for (std::size_t k = 0; k < n; ++k)
    run.trajectories.push_back(Eigen::Map<const Matrix>(
        values.data() + static_cast<Index>(k) * rows * run.axes.rows(), rows, run.axes.rows()));
  return run;
}

std::string evolution_page(const NamedArrays& file, const std::string& title) {
  const EvolutionRun run = evolution_run_of(file);
  report::EvolutionPage page;
  page.title = title;
  page.evolution = run.evolution;
  page.trajectories = run.trajectories;
  for (Index i = 0; i < run.axes.rows(); ++i) page.labels.push_back(fmt::format("PC {}", i + 1));
  const dynamics::Projection projection{"PCA", page.labels, run.origin, run.axes, {}};
  for (const evolution::Snapshot& snapshot : run.evolution.snapshots) {
    Matrix states(static_cast<Index>(snapshot.points.size()), run.origin.size());
    for (std::size_t i = 0; i < snapshot.points.size(); ++i)
      states.row(static_cast<Index>(i)) = snapshot.points[i].state.transpose();
    page.points.push_back(states.rows() > 0 ? projection.project(states)
                                            : Matrix(0, run.axes.rows()));
  }
  const std::string network = text_or_empty(file.attributes, "description");
  if (!network.empty()) page.summary.emplace_back("Network", network);
  page.summary.emplace_back("Snapshots", fmt::format("{}", run.evolution.snapshots.size()));
  for (const auto& [name, value] : file.attributes)
    if (const auto* text = std::get_if<std::string>(&value); text && !text->empty())
      page.provenance.emplace_back(name, *text);
  return report::render_evolution(page);
}

}  // namespace nullcline::results
