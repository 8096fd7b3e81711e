// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/training/initialization.hpp"
#include "nullcline/training/internal/batch_check.hpp"
#include "nullcline/training/internal/engine.hpp"
#include "nullcline/training/internal/optimizer.hpp"
#include "nullcline/training/internal/run.hpp"
#include "nullcline/training/internal/training_data.hpp"

namespace nullcline::training {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLongestSilence = std::chrono::milliseconds(50);

template <class T>
class Trainer {
 public:
  Trainer(const tasks::Task& task, const TrainOptions& options)
      : task_(task),
        options_(options),
        network_(make_initial_network(options, task.n_inputs(), task.n_outputs())),
        kind_{options.loss == Loss::mse ? internal::ErrorKind::squared
                                        : internal::ErrorKind::logistic,
              options.mse_half},
        engine_(network_, task.n_steps()),
        stepper_(options, network_),
        data_(task, options_),
        validation_(
            task.generate(options.validation_trials, options.seed, Purpose::validation_data, 0)),
        outputs_(validation_.targets.size()) {
    internal::check_batch(network_, validation_, options.loss);
    internal::flatten(network_, state_.values);
  }

  void resume(const NamedArrays& checkpoint) {
    state_ = internal::from_checkpoint<T>(checkpoint, options_, task_.name(), state_.values.size());
    stepper_.first_moment() = state_.first;
    stepper_.second_moment() = state_.second;
  }

  Termination run(const Progress& progress, const std::function<void(const NamedArrays&)>& save);
  TrainResult result(Termination termination);

 private:
  bool iterate(const Progress& progress);
  bool validate();
  bool report(const Progress& progress);
  bool has_stopped() const;
  void take_snapshot();
  NamedArrays checkpoint();

  const tasks::Task& task_;
  const TrainOptions options_;
  models::Network network_;
  const internal::LossKind kind_;
  internal::Engine<T> engine_;
  internal::Stepper<T> stepper_;
  const internal::TrainingData data_;
  const tasks::TrialBatch validation_;
  std::vector<double> outputs_;
  internal::RunState<T> state_;
  std::vector<T> gradient_, finite_values_;
  std::string reason_;
  Clock::time_point reported_ = Clock::now();
};

/// One update. Returns false if loss or gradient were not finite; the parameters are then the last
/// ones for which they were. Asks in large batches whether to go on.
/// @throws internal::Interrupted, with nothing changed.
template <class T>
bool Trainer<T>::iterate(const Progress& progress) {
  const tasks::TrialBatch batch = data_.of_iteration(state_.iteration);
  const auto goes_on = [&] {
    return Clock::now() - reported_ < kLongestSilence || report(progress);
  };
  const double error = engine_.loss_and_gradient(state_.values, batch, kind_, gradient_, goes_on);
  const double loss = error + stepper_.penalty(state_.values);
  const double norm = stepper_.prepare(state_.values, gradient_);
  if (!std::isfinite(loss) || !std::isfinite(norm)) {
    reason_ = std::isfinite(loss) ? "the gradient is not finite" : "the loss is not finite";
    if (!finite_values_.empty()) state_.values = finite_values_;
    return false;
  }
  finite_values_ = state_.values;
  stepper_.step(state_.iteration, gradient_, state_.values);
  state_.loss.push_back(loss);
  ++state_.iteration;
  return true;
}

/// Returns false if the loss is not finite.
template <class T>
bool Trainer<T>::validate() {
  const double loss = engine_.loss(state_.values, validation_, kind_, outputs_.data(), nullptr);
  if (!std::isfinite(loss)) {
    reason_ = "the validation loss is not finite";
    state_.values = finite_values_;
    return false;
  }
  const bool first = state_.validation_loss.empty();
  state_.validation_iterations.push_back(state_.iteration);
  state_.validation_loss.push_back(loss);
  state_.validation_accuracy.push_back(task_.accuracy(validation_, outputs_));
  if (options_.patience > 0) {
    if (first || loss < state_.best_loss) {
      state_.best_loss = loss;
      state_.best_values = state_.values;
      state_.validations_since_best = 0;
    } else {
      ++state_.validations_since_best;
    }
  }
  return true;
}

/// Whether the last validation ended the training early.
template <class T>
bool Trainer<T>::has_stopped() const {
  if (state_.validation_loss.empty()) return false;
  const bool reached =
      options_.stop_loss > 0 && state_.validation_loss.back() <= options_.stop_loss;
  const bool out_of_patience =
      options_.patience > 0 && state_.validations_since_best >= options_.patience;
  return reached || out_of_patience;
}

template <class T>
void Trainer<T>::take_snapshot() {
  if (options_.snapshot_every == 0 || state_.iteration % options_.snapshot_every != 0) return;
  state_.snapshot_iterations.push_back(state_.iteration);
  state_.snapshots.insert(state_.snapshots.end(), state_.values.begin(), state_.values.end());
}

template <class T>
NamedArrays Trainer<T>::checkpoint() {
  state_.first = stepper_.first_moment();
  state_.second = stepper_.second_moment();
  return internal::to_checkpoint(state_, options_, task_.name());
}

template <class T>
bool Trainer<T>::report(const Progress& progress) {
  reported_ = Clock::now();
  const bool has_loss = progress && !state_.loss.empty();
  return report_progress(
      progress, {static_cast<double>(state_.iteration), static_cast<double>(options_.iterations),
                 has_loss ? fmt::format("loss {:.3g}", state_.loss.back()) : std::string()});
}

template <class T>
Termination Trainer<T>::run(const Progress& progress,
                            const std::function<void(const NamedArrays&)>& save) {
  if (has_stopped()) return Termination::converged;
  if (state_.iteration == 0 && state_.snapshot_iterations.empty()) take_snapshot();
  while (state_.iteration < options_.iterations) {
    try {
      if (!iterate(progress)) return Termination::diverged;
    } catch (const internal::Interrupted&) {
      if (save) save(checkpoint());
      return Termination::interrupted;
    }
    take_snapshot();
    const bool last = state_.iteration == options_.iterations;
    if (last || state_.iteration % options_.validation_every == 0) {
      if (!validate()) return Termination::diverged;
      if (has_stopped()) return Termination::converged;
    }
    const bool go_on = report(progress);
    if (save && (!go_on || (!last && state_.iteration % options_.checkpoint_every == 0)))
      save(checkpoint());
    if (!go_on) return Termination::interrupted;
  }
  return Termination::max_iterations;
}

template <class T>
TrainResult Trainer<T>::result(Termination termination) {
  TrainResult result;
  const std::size_t size = state_.values.size();
  for (std::size_t k = 0; k < state_.snapshot_iterations.size(); ++k) {
    const auto first = state_.snapshots.begin() + static_cast<std::ptrdiff_t>(k * size);
    internal::unflatten(std::vector<T>(first, first + static_cast<std::ptrdiff_t>(size)), network_);
    result.snapshots.push_back(network_);
  }
  result.snapshot_iterations = std::move(state_.snapshot_iterations);
  internal::unflatten(state_.best_values.empty() ? state_.values : state_.best_values, network_);
  result.network = std::move(network_);
  result.termination = termination;
  result.reason = reason_;
  result.decay_steps = used_decay_steps(options_);
  result.iterations = state_.iteration;
  result.loss = std::move(state_.loss);
  result.validation_iterations = std::move(state_.validation_iterations);
  result.validation_loss = std::move(state_.validation_loss);
  result.validation_accuracy = std::move(state_.validation_accuracy);
  return result;
}

template <class T>
TrainResult train_in(const tasks::Task& task, const TrainOptions& options, const Progress& progress,
                     const NamedArrays* resume,
                     const std::function<void(const NamedArrays&)>& save) {
  const auto start = std::chrono::steady_clock::now();
  Trainer<T> trainer(task, options);
  if (resume != nullptr) trainer.resume(*resume);
  TrainResult result = trainer.result(trainer.run(progress, save));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace

double used_decay_steps(const TrainOptions& options) {
  return options.decay_steps > 0 ? options.decay_steps : options.iterations / 4.0;
}

TrainResult train(const tasks::Task& task, const TrainOptions& options, const Progress& progress,
                  const NamedArrays* resume, const std::function<void(const NamedArrays&)>& save) {
  check_options(options);
  return options.precision == Precision::float32
             ? train_in<float>(task, options, progress, resume, save)
             : train_in<double>(task, options, progress, resume, save);
}

}  // namespace nullcline::training
