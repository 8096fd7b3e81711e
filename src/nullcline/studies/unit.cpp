// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/unit.hpp"

#include <chrono>

#include "nullcline/models/network_system.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/portrait/state_machine.hpp"
#include "nullcline/results/checkpoint.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/readouts.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/results/run_files.hpp"
#include "nullcline/results/visited.hpp"
#include "nullcline/task_analysis/context_integration.hpp"
#include "nullcline/task_analysis/sine.hpp"
#include "nullcline/training/bptt.hpp"
#include "nullcline/training/initialization.hpp"
#include "nullcline/training/memory_budget.hpp"

namespace nullcline::studies {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBetweenCheckpoints = std::chrono::minutes(1);

// Shares of a unit's progress.
constexpr double kSearchShare = 0.5, kTrainingEnd = 0.9;

Progress part_of(const Progress& progress, double first, double share) {
  return [=](const ProgressUpdate& update) {
    const double done = update.total > 0 ? update.done / update.total : 0;
    return report_progress(progress, {first + share * std::min(done, 1.0), 1, update.message});
  };
}

training::TrainResult train_unit(const UnitOptions& options, const tasks::Task& task,
                                 const results::Checkpoint& checkpoint, const Progress& progress) {
  const std::optional<NamedArrays> resume = checkpoint.read();
  auto saved = Clock::now();
  bool is_stopped = false;
  const auto watched = [&](const ProgressUpdate& update) {
    is_stopped = is_stopped || !report_progress(progress, update);
    return !is_stopped;
  };
  const auto save = [&](const NamedArrays& state) {
    if (!is_stopped && Clock::now() - saved < kBetweenCheckpoints) return;
    checkpoint.save(state);
    saved = Clock::now();
  };
  return training::train(task, options.train, watched, resume ? &*resume : nullptr, save);
}

// The search that all networks of this kind share: from its file, or done here.
training::HyperparameterSearch search_of(const UnitOptions& options, const tasks::Task& task,
                                         const std::string& folder, const Progress& progress) {
  UnitOptions shared = options;
  shared.train.seed = options.hyperparameters.seed;
  const std::string configuration = configuration_of(shared);
  const std::string stem = folder + "/" + results::fingerprint(configuration);
  const results::Checkpoint whole(stem + ".nc", configuration, "; remove it to search anew");
  const auto from = [](const NamedArrays& arrays) {
    return training::hyperparameter_search_from_arrays(arrays);
  };
  if (const auto state = whole.read()) return from(*state);
  const results::Checkpoint part(stem + ".checkpoint", configuration, "; remove it to begin anew");
  std::optional<training::HyperparameterSearch> resume;
  if (const auto state = part.read()) resume = from(*state);
  const auto save = [&](const training::HyperparameterSearch& search) {
    part.save(training::to_arrays(search));
  };
  const auto search = search_hyperparameters(task, shared.train, options.hyperparameters, progress,
                                             resume ? &*resume : nullptr, save);
  if (search.termination != Termination::interrupted) {
    whole.save(training::to_arrays(search));
    part.remove();
  }
  return search;
}

// Options of the task as its own struct.
template <class Options>
Options task_options(const tasks::TaskChoice& task) {
  Options options;
  fields_from_json(option_fields(options), fields_to_json(task.fields), task.name);
  return options;
}

// Remembers that somebody asked to stop.
class Stoppable {
 public:
  explicit Stoppable(const Progress& progress) : progress_(progress) {}
  Progress progress() {
    return [this](const ProgressUpdate& update) {
      is_stopped_ = is_stopped_ || !report_progress(progress_, update);
      return !is_stopped_;
    };
  }
  bool is_stopped() const { return is_stopped_; }

 private:
  const Progress& progress_;
  bool is_stopped_ = false;
};

// What a unit's file says does not depend on time.
void forget_time(std::vector<fixed_points::FixedPointSet>& sets) {
  for (auto& set : sets) set.seconds = 0;
}

void analyze_sine(const UnitOptions& options, const models::Network& network, NamedArrays& file,
                  const Progress& progress) {
  const auto task = task_options<tasks::SineOptions>(options.task);
  auto sets = task_analysis::find_command_points(network, task, options.analysis.commands,
                                                 options.search, progress);
  for (auto& set : sets) results::attach_readouts(set, network);
  file.set_group("sine",
                 task_analysis::to_arrays(task_analysis::analyze_sine(network, task, sets)));
  forget_time(sets);
  file.set_group("analysis", fixed_points::to_arrays(sets, network.n_states()));
}

void analyze_context(const UnitOptions& options, const models::Network& network,
                     const Matrix& visited, NamedArrays& file, const Progress& progress) {
  const auto task = task_options<tasks::ContextIntegrationOptions>(options.task);
  const auto system = models::make_system(network);
  std::vector<fixed_points::FixedPointSet> sets;
  for (const auto& input : tasks::context_inputs(task).rowwise()) {
    sets.push_back(
        find_fixed_points(*system, input.transpose(), visited, options.search, progress));
    results::attach_readouts(sets.back(), network);
  }
  task_analysis::LineAttractorOptions line;
  line.points = options.analysis.line_points;
  line.tolerance = options.analysis.line_tolerance;
  line.seed = options.train.seed;
  file.set_group("context", task_analysis::to_arrays(task_analysis::analyze_context_integration(
                                network, task, line, progress)));
  forget_time(sets);
  file.set_group("analysis", fixed_points::to_arrays(sets, network.n_states()));
}

// What two machines are compared by: comparison::Automaton.
NamedArrays machine_arrays(const models::Network& network, const portrait::StateMachine& machine) {
  const std::size_t n = machine.nodes.size();
  Matrix states(static_cast<Index>(n), network.n_states());
  for (std::size_t i = 0; i < n; ++i)
    states.row(static_cast<Index>(i)) = machine.nodes[i].center.transpose();
  NamedArrays arrays;
  arrays.set("readouts", n > 0 ? models::readout(network, states) : Matrix(0, network.n_outputs()),
             {"stable_state", "output"}, "readout of each stable state");
  arrays.set("pulses", machine.pulses, {"pulse", "input"}, "input for one step");
  NamedArray transitions{{"stable_state", "pulse"},
                         {n, static_cast<std::size_t>(machine.pulses.rows())},
                         machine.transitions,
                         {}};
  transitions.attributes["long_name"] =
      std::string("the stable state after the pulse, -1 undecided, -2 away");
  arrays.set("transitions", std::move(transitions));
  return arrays;
}

void analyze_graph(const UnitOptions& options, const models::Network& network,
                   const Matrix& visited, NamedArrays& file, const Progress& progress) {
  const auto system = models::make_system(network);
  orbits::OrbitOptions orbit_options;
  orbit_options.search = options.search;
  const Vector input = Vector::Zero(network.n_inputs());
  std::vector<fixed_points::FixedPointSet> sets = {
      find_fixed_points(*system, input, visited, options.search, progress)};
  results::attach_readouts(sets[0], network);
  auto orbit_set = find_orbits(*system, sets[0], visited, orbit_options, progress);
  results::attach_readouts(orbit_set, network);
  file.set_group("graph", topology::to_arrays(
                              build_graph(*system, sets[0], orbit_set, options.graph, progress)));
  if (network.n_inputs() > 0)
    file.set_group("machine", machine_arrays(network, portrait::make_state_machine(*system, sets[0],
                                                                                   orbit_set)));
  forget_time(sets);
  orbit_set.seconds = 0;
  file.set_group("analysis", results::points_to_arrays(sets, {orbit_set}, nullptr,
                                                       {Matrix(0, network.n_states()), {}, ""}));
}

// What the network did before training, on the trials that its training was validated with.
void add_untrained_loss(const training::TrainOptions& options, const tasks::Task& task,
                        NamedArrays& file) {
  const models::Network twin =
      training::make_initial_network(options, task.n_inputs(), task.n_outputs());
  const tasks::TrialBatch batch =
      task.generate(options.validation_trials, options.seed, Purpose::validation_data, 0);
  const auto found =
      training::unroll(twin, batch, {options.loss, options.mse_half}, options.precision);
  file.set_scalar("untrained_loss", found.loss, "loss on held-out trials before training");
  file.set_scalar("untrained_accuracy", task.accuracy(batch, found.outputs),
                  "share of correct outputs on them");
}

// Whether it went to its end.
bool analyze(const UnitOptions& options, const models::Network& network, NamedArrays& file,
             const Progress& progress) {
  Stoppable stoppable(progress);
  const auto system = models::make_system(network);
  const results::Visited visited = results::visited_by_task(
      "unit", file, *system, options.analysis.visited_trials, options.train.seed);
  if (options.task.name == "sine")
    analyze_sine(options, network, file, stoppable.progress());
  else if (options.task.name == "context-integration")
    analyze_context(options, network, visited.states, file, stoppable.progress());
  else
    analyze_graph(options, network, visited.states, file, stoppable.progress());
  return !stoppable.is_stopped();
}

}  // namespace

UnitResult run_unit(const Unit& unit, const UnitPlace& place, const Progress& progress) {
  UnitOptions options = unit_options_of(unit.configuration, unit.key);
  const auto task = options.task.make();
  training::check_memory(*task, options.train);
  UnitResult result;
  double begin = 0;
  std::optional<training::HyperparameterSearch> search;
  if (options.hyperparameters.candidates > 0) {
    begin = kSearchShare;
    search = search_of(options, *task, place.searches, part_of(progress, 0, kSearchShare));
    if (search->termination == Termination::interrupted) return result;
    if (search->best >= 0)
      options.train = with_hyperparameters(
          options.train,
          search->candidates[static_cast<std::size_t>(search->best)].hyperparameters);
  }
  const results::Checkpoint checkpoint(place.checkpoint, unit.configuration,
                                       "; remove it to begin anew");
  training::TrainResult training =
      train_unit(options, *task, checkpoint, part_of(progress, begin, kTrainingEnd - begin));
  if (training.termination == Termination::interrupted) return result;

  result.file = results::training_to_arrays(training, options.task.name);
  results::stamp(result.file, results::kTrainedNetwork, "Network of a study: " + describe(unit),
                 unit.configuration, options.train.seed);
  result.file.attributes["unit"] = unit.key;
  if (search) result.file.set_group("hyperparameters", training::to_arrays(*search));
  add_untrained_loss(options.train, *task, result.file);
  if (training.termination == Termination::diverged) {
    result.outcome = Outcome::diverged;
  } else {
    if (!analyze(options, training.network, result.file,
                 part_of(progress, kTrainingEnd, 1 - kTrainingEnd)))
      return {};
    result.outcome = Outcome::done;
  }
  result.file.attributes["outcome"] = std::string(name_of(result.outcome));
  result.file.attributes["result_hash"] = result_hash(result.file);
  return result;
}

std::string result_hash(const NamedArrays& file) { return results::fingerprint(file); }

}  // namespace nullcline::studies
