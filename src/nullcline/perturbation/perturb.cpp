// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/perturbation/perturb.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/perturbation/internal/structure.hpp"

namespace nullcline::perturbation {

namespace {

constexpr double kLargestNoise = 1e6;

void require(bool ok, const char* name, double found, const char* expected) {
  if (!ok) throw InvalidInput(fmt::format("{}: found {:g}, expected {}", name, found, expected));
}

void check_levels(const char* name, const std::vector<double>& levels, double most,
                  const char* expected) {
  for (const double level : levels) require(level >= 0 && level <= most, name, level, expected);
}

void add_noise(models::Network& layer, double level, Rng& rng) {
  Matrix& weights = layer.recurrent_weights;
  for (Index i = 0; i < weights.rows(); ++i)
    for (Index j = 0; j < weights.cols(); ++j) {
      const double noise = level * rng.normal();
      if (layer.mask.size() > 0 && layer.mask(i % layer.mask.rows(), j) == 0) continue;
      weights(i, j) += noise;
      if (layer.dale_signs.size() > 0 && weights(i, j) * layer.dale_signs(j) < 0) weights(i, j) = 0;
    }
}

void prune(models::Network& layer, double share, bool at_random, Rng& rng) {
  Matrix& weights = layer.recurrent_weights;
  const auto n = static_cast<std::size_t>(weights.size());
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto count = static_cast<std::size_t>(std::llround(share * static_cast<double>(n)));
  if (at_random) {
    for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + rng.below(n - i)]);
  } else {
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::abs(weights.data()[a]) < std::abs(weights.data()[b]);
    });
  }
  for (std::size_t i = 0; i < count; ++i) weights.data()[order[i]] = 0;
}

// Mean square error over the steps that count.
double error_of(const models::Network& network, const tasks::TrialBatch& batch) {
  const auto system = models::make_system(network);
  const Matrix states = dynamics::simulate(*system, batch.inputs, batch.n_trials, batch.n_steps,
                                           Matrix(network.initial_state.transpose()));
  const Matrix outputs = models::readout(network, states);
  if (!outputs.allFinite()) return std::numeric_limits<double>::infinity();
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < batch.targets.size(); ++i) {
    const double error = outputs.data()[i] - batch.targets[i];
    sum += batch.mask[i] * error * error;
    weight += batch.mask[i];
  }
  return weight > 0 ? sum / weight : 0;
}

struct Job {
  std::size_t level = 0, trial = 0;
};

void check_sizes(const models::Network& network, ConstVectorRef input, const tasks::Task* task,
                 const PerturbOptions& options) {
  if (input.size() != network.n_inputs())
    throw InvalidInput(
        fmt::format("input: found {} values, expected {}", input.size(), network.n_inputs()));
  if (!task) {
    if (options.error_only)
      throw InvalidInput("error_only: found a network without a task, expected one with a task");
    return;
  }
  if (task->n_inputs() != network.n_inputs() || task->n_outputs() != network.n_outputs())
    throw InvalidInput(
        fmt::format("task: found {} inputs and {} outputs, expected {} and {} as of the network",
                    task->n_inputs(), task->n_outputs(), network.n_inputs(), network.n_outputs()));
}

std::vector<Level> levels_of(const PerturbOptions& options) {
  std::vector<Level> levels;
  const auto add = [&](Kind kind, const std::vector<double>& values, int trials) {
    for (const double value : values)
      levels.push_back({kind, value, std::vector<Trial>(static_cast<std::size_t>(trials))});
  };
  add(Kind::noise, options.noise, options.trials);
  add(Kind::prune, options.prune, 1);
  add(Kind::prune_random, options.prune_random, options.trials);
  return levels;
}

}  // namespace

void check_options(const PerturbOptions& options) {
  check_levels("noise", options.noise, kLargestNoise, "0 to 1e6");
  check_levels("prune", options.prune, 1, "a share in [0, 1]");
  check_levels("prune_random", options.prune_random, 1, "a share in [0, 1]");
  if (options.noise.empty() && options.prune.empty() && options.prune_random.empty())
    throw InvalidInput("noise: found no level, expected some of noise, prune or prune_random");
  require(options.trials >= 1 && options.trials <= 100000, "trials", options.trials, "1 to 100000");
  require(options.task_trials >= 1 && options.task_trials <= 100000, "task_trials",
          options.task_trials, "1 to 100000");
  require(options.starts >= 0 && options.starts <= 1000000, "starts", options.starts,
          "0 to 1000000");
  require(options.rollouts >= 1 && options.rollouts <= 100000, "rollouts", options.rollouts,
          "1 to 100000");
  require(options.trajectories >= 0 && options.trajectories <= 100000, "trajectories",
          options.trajectories, "0 to 100000");
}

models::Network perturbed(const models::Network& network, Kind kind, double level,
                          std::uint64_t seed, std::uint64_t trial) {
  Rng rng(seed, Purpose::perturbations, trial);
  models::Network result = network;
  const auto change = [&](models::Network& layer) {
    if (kind == Kind::noise)
      add_noise(layer, level, rng);
    else
      prune(layer, level, kind == Kind::prune_random, rng);
  };
  change(result);
  for (models::Network& layer : result.upper) change(layer);
  return result;
}

Study perturb(const models::Network& network, ConstVectorRef input, const tasks::Task* task,
              const PerturbOptions& options, const Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  check_options(options);
  validate(network);
  check_sizes(network, input, task, options);
  Study study;
  study.seed = options.seed;
  study.has_error = task != nullptr;
  study.has_structure = !options.error_only;
  study.levels = levels_of(options);

  tasks::TrialBatch batch;
  if (task) {
    batch = task->generate(options.task_trials, options.seed, Purpose::validation_data, 0);
    study.reference.error = error_of(network, batch);
  }
  std::optional<internal::Structure> structure;
  if (study.has_structure) {
    structure.emplace(network, input, task, options);
    study.reference = structure->describe(study.reference);
  }
  std::vector<Job> jobs;
  for (std::size_t k = 0; k < study.levels.size(); ++k)
    for (std::size_t i = 0; i < study.levels[k].trials.size(); ++i) jobs.push_back({k, i});
  // Some at a time, so that somebody can look on and stop.
  const auto at_once = static_cast<std::size_t>(n_threads());
  for (std::size_t first = 0; first < jobs.size(); first += at_once) {
    if (!report_progress(progress, {static_cast<double>(first), static_cast<double>(jobs.size()),
                                    "perturbed networks"})) {
      study.interrupted = true;
      break;
    }
    parallel_for(std::min(at_once, jobs.size() - first), [&](std::size_t i) {
      Level& level = study.levels[jobs[first + i].level];
      const std::size_t trial = jobs[first + i].trial;
      const models::Network changed =
          perturbed(network, level.kind, level.level, options.seed, trial);
      Trial result;
      if (task) result.error = error_of(changed, batch);
      if (structure) structure->compare(changed, result);
      level.trials[trial] = result;
    });
  }
  study.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return study;
}

}  // namespace nullcline::perturbation
