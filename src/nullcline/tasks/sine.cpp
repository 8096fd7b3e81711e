// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/sine.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/explained_variance.hpp"

namespace nullcline::tasks {

namespace {

class Sine : public Task {
 public:
  explicit Sine(const SineOptions& options) : options_(options) {}

  std::string name() const override { return "sine"; }
  Index n_inputs() const override { return 1; }
  Index n_outputs() const override { return 1; }
  Index n_steps() const override { return options_.steps; }

  TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                      std::uint64_t first_trial) const override {
    std::vector<double> commands;
    for (Index trial = 0; trial < n_trials; ++trial)
      commands.push_back(
          Rng(seed, purpose, first_trial + static_cast<std::uint64_t>(trial)).uniform());
    return trials_of(commands);
  }

  TrialBatch probe(Index n_trials, std::uint64_t /*seed*/) const override {
    std::vector<double> commands;
    for (Index trial = 0; trial < n_trials; ++trial)
      commands.push_back(
          n_trials == 1 ? 0.5 : static_cast<double>(trial) / static_cast<double>(n_trials - 1));
    return trials_of(commands);
  }

  double accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const override {
    return explained_variance(batch, outputs);
  }

 private:
  TrialBatch trials_of(const std::vector<double>& commands) const {
    const auto steps = static_cast<std::size_t>(options_.steps);
    const std::size_t size = commands.size() * steps;
    TrialBatch batch{static_cast<Index>(commands.size()),
                     options_.steps,
                     1,
                     1,
                     std::vector<double>(size),
                     std::vector<double>(size),
                     std::vector<double>(size, 1.0)};
    for (std::size_t trial = 0; trial < commands.size(); ++trial) {
      const double frequency = frequency_of_command(options_, commands[trial]);
      for (std::size_t step = 0; step < steps; ++step) {
        batch.inputs[trial * steps + step] = commands[trial];
        batch.targets[trial * steps + step] =
            std::sin(2 * std::numbers::pi * frequency * static_cast<double>(step));
      }
    }
    return batch;
  }

  SineOptions options_;
};

}  // namespace

void check_options(const SineOptions& options) {
  if (options.steps < 1 || options.steps > 1000000)
    throw InvalidInput(fmt::format("steps: found {}, expected 1 to 1000000", options.steps));
  if (!(options.lowest_frequency > 0 && options.lowest_frequency <= 0.5))
    throw InvalidInput(fmt::format("lowest_frequency: found {}, expected a value in (0, 0.5]",
                                   options.lowest_frequency));
  if (!(options.highest_frequency >= options.lowest_frequency && options.highest_frequency <= 0.5))
    throw InvalidInput(
        fmt::format("highest_frequency: found {}, expected a value from lowest_frequency to 0.5",
                    options.highest_frequency));
}

double frequency_of_command(const SineOptions& options, double command) {
  return options.lowest_frequency +
         (options.highest_frequency - options.lowest_frequency) * command;
}

std::unique_ptr<Task> make_sine(const SineOptions& options) {
  check_options(options);
  return std::make_unique<Sine>(options);
}

}  // namespace nullcline::tasks
