// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/trajectories.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/tasks/explained_variance.hpp"

namespace nullcline::tasks {

namespace {

constexpr double kFarthest = 1e6;

template <class Value>
void require(bool ok, const char* name, Value found, const std::string& expected) {
  if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
}

void check_size(const char* name, std::size_t found, Index expected, const char* unit) {
  require(found == 0 || static_cast<Index>(found) == expected, name, found,
          fmt::format("{} values, one per {}", expected, unit));
}

void check(const TrajectoryOptions& options, const dynamics::System& system) {
  require(options.trajectories >= 1 && options.trajectories <= 10000000, "trajectories",
          options.trajectories, "1 to 10000000");
  require(options.steps >= 1 && options.steps <= 1000000, "steps", options.steps, "1 to 1000000");
  require(options.interval > 0 && std::isfinite(options.interval), "interval", options.interval,
          "a finite value above 0");
  require(options.substeps >= 1 && options.substeps <= 100000, "substeps", options.substeps,
          "1 to 100000");
  for (const auto& [name, value] : {std::pair{"observation_noise", options.observation_noise},
                                    std::pair{"process_noise", options.process_noise}})
    require(value >= 0 && std::isfinite(value), name, value, "a finite value of at least 0");
  check_size("input_mean", options.input_mean.size(), system.n_inputs(), "input");
  check_size("input_noise", options.input_noise.size(), system.n_inputs(), "input");
  for (const double value : options.input_noise)
    require(value >= 0, "input_noise", value, "values of at least 0");
  check_size("start_box", options.start_box.size(), system.n_states(), "state");
  for (const std::vector<double>& row : options.start_box)
    require(row.size() == 2 && row[0] <= row[1], "start_box", numbers_text(row),
            "low,high with low <= high");
  if (system.time() == dynamics::Time::continuous) return;
  require(options.interval == std::floor(options.interval) && options.interval <= 1000000,
          "interval", options.interval, "a whole number of steps, up to 1000000: it is a map");
  require(options.process_noise == 0, "process_noise", options.process_noise, "0: it is a map");
}

// The states of all trajectories of a batch, a row each, with their held inputs.
class Integrator {
 public:
  Integrator(const dynamics::System& system, const TrajectoryOptions& options, Matrix states,
             Matrix inputs)
      : system_(system),
        options_(options),
        is_flow_(system.time() == dynamics::Time::continuous),
        n_substeps_(is_flow_ ? options.substeps : static_cast<int>(options.interval)),
        states_(std::move(states)),
        inputs_(std::move(inputs)) {}

  const Matrix& states() const { return states_; }

  void advance(std::vector<Rng>& rngs) {
    for (int i = 0; i < n_substeps_; ++i) {
      if (!is_flow_) {
        states_ = Matrix(rates(states_));
        continue;
      }
      const double h = options_.interval / n_substeps_;
      const Matrix k1 = rates(states_), k2 = rates(states_ + 0.5 * h * k1),
                   k3 = rates(states_ + 0.5 * h * k2), k4 = rates(states_ + h * k3);
      states_ += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
      if (options_.process_noise == 0) continue;
      for (Index row = 0; row < states_.rows(); ++row)
        for (Index k = 0; k < states_.cols(); ++k)
          states_(row, k) +=
              options_.process_noise * std::sqrt(h) * rngs[static_cast<std::size_t>(row)].normal();
    }
  }

 private:
  Matrix rates(const Matrix& states) const {
    Matrix out(states.rows(), states.cols());
    system_.evaluate(states, inputs_, out);
    return out;
  }

  const dynamics::System& system_;
  const TrajectoryOptions& options_;
  const bool is_flow_;
  const int n_substeps_;
  Matrix states_, inputs_;
};

class Trajectories : public Task {
 public:
  Trajectories(std::string name, std::unique_ptr<dynamics::System> system,
               const TrajectoryOptions& options)
      : name_(std::move(name)), system_(std::move(system)), options_(options) {
    check(options_, *system_);
    if (!options_.start_box.empty()) return;
    const auto box = system_->search_box();
    if (!box) throw InvalidInput("start_box: found none, expected low,high for each state");
    for (Index k = 0; k < system_->n_states(); ++k)
      options_.start_box.push_back({box->lower(k), box->upper(k)});
  }

  std::string name() const override { return name_; }
  Index n_inputs() const override { return system_->n_states(); }
  Index n_outputs() const override { return system_->n_states(); }
  Index n_steps() const override { return options_.steps; }
  Index n_training_trials() const override { return options_.trajectories; }

  TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                      std::uint64_t first_trial) const override;
  double accuracy(const TrialBatch& batch, const std::vector<double>& outputs) const override {
    return explained_variance(batch, outputs);
  }

 private:
  double held_input(Index k, Rng& rng) const {
    const auto place = static_cast<std::size_t>(k);
    const double mean = options_.input_mean.empty() ? 0 : options_.input_mean[place];
    const double noise = options_.input_noise.empty() ? 0 : options_.input_noise[place];
    return noise > 0 ? mean + noise * rng.normal() : mean;
  }
  void observe(const Matrix& states, std::vector<Rng>& rngs, double* out, Index stride) const;

  std::string name_;
  std::unique_ptr<dynamics::System> system_;
  TrajectoryOptions options_;
};

void Trajectories::observe(const Matrix& states, std::vector<Rng>& rngs, double* out,
                           Index stride) const {
  for (Index row = 0; row < states.rows(); ++row)
    for (Index k = 0; k < states.cols(); ++k) {
      const double noise = options_.observation_noise;
      out[row * stride + k] =
          states(row, k) + (noise > 0 ? noise * rngs[static_cast<std::size_t>(row)].normal() : 0.0);
    }
}

TrialBatch Trajectories::generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                                  std::uint64_t first_trial) const {
  const Index n = system_->n_states(), n_steps = options_.steps;
  const auto size = static_cast<std::size_t>(n_trials * n_steps * n);
  TrialBatch batch{n_trials,
                   n_steps,
                   n,
                   n,
                   std::vector<double>(size),
                   std::vector<double>(size),
                   std::vector<double>(size, 1.0)};
  Matrix states(n_trials, n), inputs(n_trials, system_->n_inputs());
  std::vector<Rng> rngs;
  for (Index trial = 0; trial < n_trials; ++trial) {
    Rng& rng = rngs.emplace_back(seed, purpose, first_trial + static_cast<std::uint64_t>(trial));
    for (Index k = 0; k < n; ++k) {
      const std::vector<double>& range = options_.start_box[static_cast<std::size_t>(k)];
      states(trial, k) = rng.uniform(range[0], range[1]);
    }
    for (Index k = 0; k < inputs.cols(); ++k) inputs(trial, k) = held_input(k, rng);
  }
  const Matrix starts = states;
  observe(states, rngs, batch.inputs.data(), n_steps * n);
  Integrator integrator(*system_, options_, std::move(states), std::move(inputs));
  for (Index step = 0; step < n_steps; ++step) {
    integrator.advance(rngs);
    for (Index trial = 0; trial < n_trials; ++trial)
      if (!(integrator.states().row(trial).cwiseAbs().maxCoeff() <= kFarthest))
        throw InvalidInput(fmt::format(
            "{}: the trajectory from ({:.6g}) leaves {:g} by observation {}, expected one that "
            "stays bounded: another start_box, or a smaller interval or more substeps",
            name_, fmt::join(starts.row(trial), ", "), kFarthest, step + 1));
    observe(integrator.states(), rngs, batch.targets.data() + step * n, n_steps * n);
  }
  return batch;
}

TrajectoryOptions planar_options(double interval, double reach, double noise) {
  TrajectoryOptions options;
  options.interval = interval;
  options.start_box = {{-reach, reach}, {-reach, reach}};
  options.observation_noise = noise;
  return options;
}

}  // namespace

std::unique_ptr<Task> make_trajectories(const std::string& name,
                                        std::unique_ptr<dynamics::System> system,
                                        const TrajectoryOptions& options) {
  return std::make_unique<Trajectories>(name, std::move(system), options);
}

std::unique_ptr<Task> make_model_trajectories(const ModelTrajectoryOptions& options) {
  if (options.model.empty()) throw InvalidInput("model: found none, expected a model file (.toml)");
  return make_trajectories("trajectories", interchange::read_model(options.model).make_system(),
                           options.trajectories);
}

const std::vector<PlanarSystem>& planar_systems() {
  static const std::vector<PlanarSystem> systems = [] {
    const double noise = std::sqrt(0.1);
    std::vector<PlanarSystem> made = {
        {"fitzhugh-nagumo", "predict the limit cycle of FitzHugh and Nagumo from one observation",
         "[system]\ninputs = [\"I\"]\n[system.ode]\nx = \"x - x^3/3 - y + I\"\n"
         "y = \"(x + 0.7 - 0.8*y)/12.5\"\n",
         planar_options(1.3, 2.5, 0)},
        {"line-attractor", "predict a line attractor from one noisy observation",
         "[system.ode]\nx = \"-x\"\ny = \"0*y\"\n", planar_options(0.1, 1, noise)},
        {"ring-attractor", "predict a ring attractor from one noisy observation",
         "[system.ode]\nx = \"-(x^2 + y^2 - 1)*x\"\ny = \"-(x^2 + y^2 - 1)*y\"\n",
         planar_options(0.1, 1.5, noise)},
    };
    made[0].options.input_mean = {0.7};
    made[0].options.input_noise = {0.2};
    return made;
  }();
  return systems;
}

}  // namespace nullcline::tasks
