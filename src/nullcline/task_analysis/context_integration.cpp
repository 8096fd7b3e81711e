// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/context_integration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nullcline/core/error.hpp"
#include "nullcline/core/termination.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/fixed_points/slow_states.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/task_analysis/modes.hpp"
#include "nullcline/task_analysis/neighbors.hpp"

namespace nullcline::task_analysis {

namespace {

using fixed_points::FixedPoint;
using fixed_points::SlowStates;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check(const models::Network& network, const tasks::ContextIntegrationOptions& task,
           const LineAttractorOptions& options) {
  tasks::check_options(task);
  if (network.n_inputs() != 2 * task.streams || network.n_outputs() != 1)
    throw InvalidInput(fmt::format(
        "network: found {} inputs and {} outputs, expected {} and 1, as {} streams need",
        network.n_inputs(), network.n_outputs(), 2 * task.streams, task.streams));
  if (options.trials < task.streams)
    throw InvalidInput(fmt::format("trials: found {}, expected at least {}, one per context",
                                   options.trials, task.streams));
  if (options.points < 1)
    throw InvalidInput(fmt::format("points: found {}, expected at least 1", options.points));
}

// The states of the probe trials of a context, at most `n` of them, evenly taken; relu networks may
// have overflowed.
Matrix starts_of(const Matrix& states, Index n_steps, Index n_contexts, Index context, Index n) {
  std::vector<Index> rows;
  for (Index trial = context; trial * n_steps < states.rows(); trial += n_contexts)
    for (Index step = 0; step < n_steps; ++step)
      if (states.row(trial * n_steps + step).allFinite()) rows.push_back(trial * n_steps + step);
  const auto size = static_cast<Index>(rows.size());
  std::vector<Index> taken;
  for (Index i = 0; i < std::min(n, size); ++i)
    taken.push_back(rows[static_cast<std::size_t>(i * size / std::min(n, size))]);
  return states(taken, Eigen::all);
}

void sort_by_readout(const models::Network& network, const SlowStates& found, ContextLine& line) {
  const Index n = found.states.rows();
  const Matrix readouts = n > 0 ? models::readout(network, found.states) : Matrix(0, 1);
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Index i, Index j) { return readouts(i, 0) < readouts(j, 0); });
  line.states = found.states(order, Eigen::all);
  line.speeds = found.speeds(order);
  line.readouts = readouts.col(0)(order);
}

// The mean over the states that are not defective.
void set_means(Index context, Index n_streams, const Matrix& sum_of_responses, ContextLine& line) {
  const auto n = static_cast<double>(line.states.rows() - line.n_defective);
  line.responses = sum_of_responses / (n > 0 ? n : kNaN);
  if (n == 0) return;
  const auto mean_of = [&](Index stream) {
    double sum = 0;
    for (const double value : line.selection.col(stream)) sum += std::isnan(value) ? 0 : value;
    return sum / n;
  };
  line.relevant = mean_of(context);
  if (n_streams == 1) return;
  line.irrelevant = 0;
  for (Index stream = 0; stream < n_streams; ++stream)
    if (stream != context) line.irrelevant += mean_of(stream) / static_cast<double>(n_streams - 1);
}

void linearize_line(const models::Network& network, const dynamics::System& map, Index context,
                    const std::vector<int>& steps, ContextLine& line) {
  const Index n = line.states.rows(), n_states = map.n_states();
  line.leading.resize(n);
  line.selection = Matrix::Constant(n, map.n_inputs(), kNaN);
  line.magnitudes = Vector::Zero(n_states);
  Matrix responses = Matrix::Zero(static_cast<Index>(steps.size()), n_states + 1);
  for (Index i = 0; i < n; ++i) {
    FixedPoint point;
    point.state = line.states.row(i).transpose();
    fixed_points::linearize(map, line.input, point);
    line.leading(i) = std::abs(point.eigenvalues(0));
    line.magnitudes += point.eigenvalues.cwiseAbs();
    if (point.defective) {
      ++line.n_defective;
      continue;
    }
    const Matrix b = input_jacobian_at(map, point.state, line.input);
    line.selection.row(i) = input_selection(point, b).row(0);
    const Vector c = readout_jacobian(network, point.state).row(0).transpose();
    responses += mode_responses(point, b.col(context), c, steps);
  }
  line.magnitudes /= n > 0 ? static_cast<double>(n) : kNaN;
  set_means(context, map.n_inputs() / 2, responses, line);
}

}  // namespace

ContextIntegrationAnalysis analyze_context_integration(const models::Network& network,
                                                       const tasks::ContextIntegrationOptions& task,
                                                       const LineAttractorOptions& options,
                                                       const Progress& progress) {
  check(network, task, options);
  const auto map = models::make_system(network);
  const tasks::TrialBatch batch =
      tasks::make_context_integration(task)->probe(options.trials, options.seed);
  const Matrix visited = dynamics::simulate(*map, batch.inputs, batch.n_trials, batch.n_steps,
                                            Matrix(network.initial_state.transpose()));
  const Matrix inputs = tasks::context_inputs(task);
  ContextIntegrationAnalysis analysis;
  analysis.steps = {1, 5, task.steps};
  analysis.tolerance = options.tolerance;
  for (Index context = 0; context < task.streams; ++context) {
    const auto told = [&](const ProgressUpdate& update) {
      return report_progress(progress, {static_cast<double>(context) + update.done / update.total,
                                        static_cast<double>(task.streams), "line attractors"});
    };
    ContextLine line;
    line.input = inputs.row(context).transpose();
    const Matrix starts = starts_of(visited, batch.n_steps, task.streams, context, options.points);
    line.n_starts = starts.rows();
    const SlowStates found = fixed_points::find_slow_states(
        *map, line.input, starts, options.tolerance, options.max_steps, told);
    analysis.interrupted = found.interrupted;
    if (found.interrupted) break;
    sort_by_readout(network, found, line);
    linearize_line(network, *map, context, analysis.steps, line);
    line.graph = nearest_neighbor_graph(line.states, 1);
    line.graph_two = nearest_neighbor_graph(line.states, 2);
    analysis.contexts.push_back(std::move(line));
  }
  return analysis;
}

namespace {

NamedArrays line_to_arrays(const ContextLine& line) {
  NamedArrays arrays;
  arrays.set_vector("input", line.input, "input", "cue of the context, without noise");
  arrays.set("states", line.states, {"point", "state"}, "slow states, by readout");
  arrays.set_vector("speeds", line.speeds, "point", "q = 1/2 |F(h) - h|^2");
  arrays.set_vector("readouts", line.readouts, "point", "readout of each state");
  arrays.set_vector("leading", line.leading, "point", "largest |lambda| of each state");
  arrays.set_vector("magnitudes", line.magnitudes, "mode", "mean of the sorted |lambda|");
  arrays.set("selection", line.selection, {"point", "input"}, "|l_1 B e_k|");
  arrays.set("responses", line.responses, {"step", "n_modes"},
             "mean response to a unit of the relevant stream by the leading modes");
  arrays.set("graph", line.graph, {"point", "neighbor"}, "nearest neighbors");
  arrays.set("graph_two", line.graph_two, {"point", "neighbor"}, "two nearest neighbors");
  arrays.set_scalar("relevant", line.relevant, "mean |l_1 B e_k| of the relevant stream");
  arrays.set_scalar("irrelevant", line.irrelevant, "mean |l_1 B e_k| of the other streams");
  arrays.set_scalar("n_starts", static_cast<double>(line.n_starts), "states that were sent");
  arrays.set_scalar("n_defective", line.n_defective, "states with defective eigenvectors");
  return arrays;
}

}  // namespace

NamedArrays to_arrays(const ContextIntegrationAnalysis& analysis) {
  NamedArrays arrays;
  arrays.set_integers("steps", {analysis.steps.begin(), analysis.steps.end()}, "step",
                      "steps after the input at which responses are read");
  arrays.set_scalar("tolerance", analysis.tolerance, "q at which states stopped");
  arrays.attributes["termination"] = std::string(
      name_of(analysis.interrupted ? Termination::interrupted : Termination::converged));
  for (std::size_t k = 0; k < analysis.contexts.size(); ++k)
    arrays.set_group(fmt::format("context_{}", k), line_to_arrays(analysis.contexts[k]));
  return arrays;
}

}  // namespace nullcline::task_analysis
