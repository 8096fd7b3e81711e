// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/sine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/task_analysis/neighbors.hpp"

namespace nullcline::task_analysis {

namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check(const models::Network& network, const tasks::SineOptions& task) {
  tasks::check_options(task);
  if (network.n_inputs() != 1 || network.n_outputs() != 1)
    throw InvalidInput(
        fmt::format("network: found {} inputs and {} outputs, expected 1 and 1, as the sine has",
                    network.n_inputs(), network.n_outputs()));
}

Matrix trial_of(const models::Network& network, const dynamics::System& map, double command,
                int steps) {
  const std::vector<double> inputs(static_cast<std::size_t>(steps), command);
  return dynamics::simulate(map, inputs, 1, steps, Matrix(network.initial_state.transpose()));
}

// The last whole cycles of the second half, or of all where the half has none.
Matrix whole_cycles(const Matrix& trial, double frequency) {
  const auto steps = static_cast<double>(trial.rows());
  const double cycles = std::max(std::floor(steps / 2 * frequency), 1.0);
  const double n = std::clamp(std::round(cycles / frequency), 1.0, steps);
  return trial.bottomRows(static_cast<Index>(n));
}

void read_eigenvalues(const FixedPoint& point, CommandPoint& result) {
  result.n_unstable = point.n_unstable;
  for (const std::complex<double>& value : point.eigenvalues) {  // by falling magnitude
    if (value.imag() == 0) continue;
    result.eigenvalue = {value.real(), std::abs(value.imag())};
    result.magnitude = std::abs(value);
    result.linear_frequency = std::arg(result.eigenvalue) / (2 * std::numbers::pi);
    return;
  }
}

void choose_point(const FixedPointSet& set, const Matrix& cycles, CommandPoint& result) {
  const Vector mean = cycles.colwise().mean().transpose();
  const double radius =
      std::sqrt((cycles.rowwise() - mean.transpose()).rowwise().squaredNorm().mean());
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < set.points.size(); ++i) {
    const FixedPoint& point = set.points[i];
    if (point.kind != fixed_points::Kind::fixed) continue;
    ++result.n_fixed;
    const double distance = (point.state - mean).norm();
    if (!(distance < least)) continue;
    least = distance;
    result.point = static_cast<int>(i);
  }
  if (result.point < 0) return;
  result.distance = least / radius;
  read_eigenvalues(set.points[static_cast<std::size_t>(result.point)], result);
}

// Rows and columns of commands without a point are zero.
Matrix graph_of(const Matrix& states, const std::vector<CommandPoint>& commands) {
  std::vector<Index> found;
  for (std::size_t i = 0; i < commands.size(); ++i)
    if (commands[i].point >= 0) found.push_back(static_cast<Index>(i));
  Matrix graph = Matrix::Zero(states.rows(), states.rows());
  graph(found, found) = nearest_neighbor_graph(Matrix(states(found, Eigen::all)));
  return graph;
}

}  // namespace

std::vector<FixedPointSet> find_command_points(const models::Network& network,
                                               const tasks::SineOptions& task, int n_commands,
                                               const fixed_points::SearchOptions& options,
                                               const Progress& progress) {
  check(network, task);
  if (n_commands < 1)
    throw InvalidInput(fmt::format("n_commands: found {}, expected at least 1", n_commands));
  tasks::SineOptions one_step = task;
  one_step.steps = 1;
  const std::vector<double> commands = tasks::make_sine(one_step)->probe(n_commands, 0).inputs;
  const auto map = models::make_system(network);
  std::vector<FixedPointSet> sets;
  bool stopped = false;
  for (const double command : commands) {
    const auto n = static_cast<double>(sets.size());
    const auto told = [&](const ProgressUpdate& update) {
      const double share = update.total > 0 ? std::min(update.done / update.total, 1.0) : 0;
      stopped = stopped || !report_progress(progress, {n + share, static_cast<double>(n_commands),
                                                       update.message});
      return !stopped;
    };
    FixedPointSet set = fixed_points::find_fixed_points(
        *map, Vector::Constant(1, command), trial_of(network, *map, command, task.steps), options,
        told);
    if (stopped) break;
    sets.push_back(std::move(set));
  }
  return sets;
}

SineAnalysis analyze_sine(const models::Network& network, const tasks::SineOptions& task,
                          const std::vector<FixedPointSet>& sets) {
  check(network, task);
  const auto map = models::make_system(network);
  SineAnalysis analysis;
  analysis.states = Matrix::Constant(static_cast<Index>(sets.size()), map->n_states(), kNaN);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const FixedPointSet& set = sets[i];
    if (set.input.size() != 1)
      throw InvalidInput(
          fmt::format("sets: found one of {} inputs, expected the command", set.input.size()));
    for (const FixedPoint& point : set.points)
      if (point.state.size() != map->n_states())
        throw InvalidInput(fmt::format("sets: found a state of {} numbers, expected {}",
                                       point.state.size(), map->n_states()));
    CommandPoint result;
    result.command = set.input(0);
    result.frequency = tasks::frequency_of_command(task, result.command);
    choose_point(
        set, whole_cycles(trial_of(network, *map, result.command, task.steps), result.frequency),
        result);
    if (result.point >= 0)
      analysis.states.row(static_cast<Index>(i)) =
          set.points[static_cast<std::size_t>(result.point)].state.transpose();
    analysis.commands.push_back(result);
  }
  analysis.graph = graph_of(analysis.states, analysis.commands);
  return analysis;
}

NamedArrays to_arrays(const SineAnalysis& analysis) {
  NamedArrays arrays;
  const auto vector = [&](const char* name, const char* meaning, const char* units, auto value) {
    Vector values(static_cast<Index>(analysis.commands.size()));
    std::transform(analysis.commands.begin(), analysis.commands.end(), values.begin(), value);
    arrays.set_vector(name, values, "command", meaning, units);
  };
  const auto counts = [&](const char* name, const char* meaning, auto value) {
    std::vector<std::int64_t> values;
    for (const CommandPoint& point : analysis.commands) values.push_back(value(point));
    arrays.set_integers(name, std::move(values), "command", meaning);
  };
  const char* per_step = "cycles per step";
  vector("command", "input that is held", "1", [](const auto& p) { return p.command; });
  vector("frequency", "that the command asks for", per_step,
         [](const auto& p) { return p.frequency; });
  vector("linear_frequency", "arg lambda / 2 pi of the leading complex eigenvalue", per_step,
         [](const auto& p) { return p.linear_frequency; });
  vector("magnitude", "|lambda| of the leading complex eigenvalue", "1",
         [](const auto& p) { return p.magnitude; });
  vector("eigenvalue_re", "leading complex eigenvalue, real part", "1",
         [](const auto& p) { return p.eigenvalue.real(); });
  vector("eigenvalue_im", "leading complex eigenvalue, imaginary part", "1",
         [](const auto& p) { return p.eigenvalue.imag(); });
  vector("distance", "of the fixed point from the mean of the trajectory, in its radii", "1",
         [](const auto& p) { return p.distance; });
  counts("n_fixed", "fixed points under the command", [](const auto& p) { return p.n_fixed; });
  counts("point", "the chosen one among the command's points; -1: none",
         [](const auto& p) { return p.point; });
  counts("n_unstable", "unstable directions", [](const auto& p) { return p.n_unstable; });
  arrays.set("states", analysis.states, {"command", "state"}, "the chosen fixed points");
  arrays.set("graph", analysis.graph, {"command", "neighbor"},
             "nearest neighbors of the chosen fixed points");
  return arrays;
}

}  // namespace nullcline::task_analysis
