// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/context_integration.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/explained_variance.hpp"

namespace nullcline::tasks {

namespace {

struct Trial {
  std::size_t context = 0;
  std::vector<double> means;
};

class ContextIntegration : public Task {
 public:
  explicit ContextIntegration(const ContextIntegrationOptions& options) : options_(options) {}

  std::string name() const override { return "context-integration"; }
  Index n_inputs() const override { return 2 * options_.streams; }
  Index n_outputs() const override { return 1; }
  Index n_steps() const override { return options_.steps; }

  TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                      std::uint64_t first_trial) const override {
    TrialBatch batch = empty_batch(n_trials);
    for (Index trial = 0; trial < n_trials; ++trial) {
      Rng rng(seed, purpose, first_trial + static_cast<std::uint64_t>(trial));
      fill_trial(draw(rng), rng, static_cast<std::size_t>(trial), batch);
    }
    return batch;
  }

  TrialBatch probe(Index n_trials, std::uint64_t seed) const override {
    TrialBatch batch = empty_batch(n_trials);
    const Index n_contexts = options_.streams;
    for (Index i = 0; i < n_trials; ++i) {
      Rng rng(seed, Purpose::probe, static_cast<std::uint64_t>(i));
      Trial trial = draw(rng);
      trial.context = static_cast<std::size_t>(i % n_contexts);
      const Index place = i / n_contexts;  // among the trials of this context
      const Index last = (n_trials - 1 - i % n_contexts) / n_contexts;
      const double share = last > 0 ? static_cast<double>(place) / static_cast<double>(last) : 0.5;
      trial.means[trial.context] = options_.mean_range * (2 * share - 1);
      fill_trial(trial, rng, static_cast<std::size_t>(i), batch);
    }
    return batch;
  }

  double accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const override {
    return explained_variance(batch, outputs);
  }

 private:
  TrialBatch empty_batch(Index n_trials) const {
    const auto n = static_cast<std::size_t>(n_trials * options_.steps);
    return {n_trials,
            options_.steps,
            n_inputs(),
            1,
            std::vector<double>(n * static_cast<std::size_t>(n_inputs())),
            std::vector<double>(n),
            std::vector<double>(n, 1.0)};
  }

  Trial draw(Rng& rng) const {
    Trial trial;
    trial.context =
        static_cast<std::size_t>(rng.below(static_cast<std::uint64_t>(options_.streams)));
    for (int k = 0; k < options_.streams; ++k)
      trial.means.push_back(rng.uniform(-options_.mean_range, options_.mean_range));
    return trial;
  }

  void fill_trial(const Trial& trial, Rng& rng, std::size_t place, TrialBatch& batch) const {
    const auto streams = static_cast<std::size_t>(options_.streams);
    const auto steps = static_cast<std::size_t>(options_.steps);
    double sum = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      double* const inputs = batch.inputs.data() + (place * steps + step) * 2 * streams;
      for (std::size_t k = 0; k < streams; ++k)
        inputs[k] = trial.means[k] + options_.noise * rng.normal();
      inputs[streams + trial.context] = 1;
      sum += inputs[trial.context];
      batch.targets[place * steps + step] = sum;
    }
  }

  ContextIntegrationOptions options_;
};

}  // namespace

void check_options(const ContextIntegrationOptions& options) {
  if (options.streams < 1 || options.streams > 16)
    throw InvalidInput(fmt::format("streams: found {}, expected 1 to 16", options.streams));
  if (options.steps < 1 || options.steps > 1000000)
    throw InvalidInput(fmt::format("steps: found {}, expected 1 to 1000000", options.steps));
  for (const auto& [name, value] :
       {std::pair{"mean_range", options.mean_range}, std::pair{"noise", options.noise}})
    if (!(value >= 0 && std::isfinite(value)))
      throw InvalidInput(
          fmt::format("{}: found {}, expected a finite value of at least 0", name, value));
}

Matrix context_inputs(const ContextIntegrationOptions& options) {
  Matrix inputs = Matrix::Zero(options.streams, 2 * options.streams);
  inputs.rightCols(options.streams).setIdentity();
  return inputs;
}

std::unique_ptr<Task> make_context_integration(const ContextIntegrationOptions& options) {
  check_options(options);
  return std::make_unique<ContextIntegration>(options);
}

}  // namespace nullcline::tasks
