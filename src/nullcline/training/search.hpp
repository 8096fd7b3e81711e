// SPDX-License-Identifier: BSD-3-Clause
// Random search of the hyper-parameters of training.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/core/termination.hpp"
#include "nullcline/tasks/task.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::training {

/// What Maheswaranathan et al. (2019) draw. Momentum matters to sgd alone.
struct Hyperparameters {
  double clip_norm = 0;      ///< log-uniform
  double learning_rate = 0;  ///< log-uniform
  double decay = 0;          ///< uniform
  double momentum = 0;       ///< uniform

  bool operator==(const Hyperparameters&) const = default;
};

struct HyperparameterSearchOptions {
  int candidates = 20;
  int iterations = 1000;  ///< of training, per candidate
  double lowest_clip_norm = 0.1, highest_clip_norm = 10;
  double lowest_learning_rate = 1e-5, highest_learning_rate = 0.1;
  double lowest_decay = 0.1, highest_decay = 0.9;
  double lowest_momentum = 0, highest_momentum = 0.999;
  std::uint64_t seed = 0;  ///< of the draws; weights and trials have that of training

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("candidates", self.candidates, "settings that are drawn and trained");
    field("iterations", self.iterations, "training iterations of each candidate");
    field("lowest_clip_norm", self.lowest_clip_norm, "clip_norm, log-uniform from");
    field("highest_clip_norm", self.highest_clip_norm, "clip_norm, log-uniform to");
    field("lowest_learning_rate", self.lowest_learning_rate, "learning_rate, log-uniform from");
    field("highest_learning_rate", self.highest_learning_rate, "learning_rate, log-uniform to");
    field("lowest_decay", self.lowest_decay, "decay, uniform from");
    field("highest_decay", self.highest_decay, "decay, uniform to");
    field("lowest_momentum", self.lowest_momentum, "momentum, uniform from");
    field("highest_momentum", self.highest_momentum, "momentum, uniform to");
    field("seed", self.seed, "seed of the draws");
  }
};

/// One candidate that was trained.
struct Candidate {
  Hyperparameters hyperparameters;
  Termination termination = Termination::not_run;
  std::string reason;  ///< why it diverged; else empty
  int iterations = 0;  ///< done
  double decay_steps = 0;
  /// Of the trained network on the held-out trials; NaN if it diverged.
  double validation_loss = std::numeric_limits<double>::quiet_NaN();
  double validation_accuracy = std::numeric_limits<double>::quiet_NaN();
};

struct HyperparameterSearch {
  std::vector<Candidate> candidates;
  int best = -1;  ///< with the lowest validation loss; -1: every candidate failed
  /// converged once all candidates were trained, or interrupted.
  Termination termination = Termination::not_run;
};

/// Candidate i depends on the options and i alone. @throws InvalidInput for an option out of range.
Hyperparameters draw_hyperparameters(const HyperparameterSearchOptions& options,
                                     std::uint64_t candidate);

/// `options` with the values drawn.
TrainOptions with_hyperparameters(TrainOptions options, const Hyperparameters& values);

/// Trains every candidate with `training` (its iterations replaced) and chooses by the loss on the
/// held-out trials of training; all candidates start from the same weights and see the same trials.
/// A training that diverges is a candidate that failed, with its reason.
///
/// `save` is called after each candidate, and `resume`, what it was given before under the same
/// arguments, or null: the candidates that it holds are not trained again. The result is the same
/// as without a pause, and for any number of threads.
/// @throws InvalidInput for an option out of range, or a `resume` of more or other candidates.
HyperparameterSearch search_hyperparameters(
    const tasks::Task& task, const TrainOptions& training,
    const HyperparameterSearchOptions& options, const Progress& progress = {},
    const HyperparameterSearch* resume = nullptr,
    const std::function<void(const HyperparameterSearch&)>& save = {});

/// One row per candidate, and `best`.
NamedArrays to_arrays(const HyperparameterSearch& search);
/// @throws FormatError
HyperparameterSearch hyperparameter_search_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::training
