// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/core/termination.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/tasks/task.hpp"
#include "nullcline/training/loss.hpp"

namespace nullcline::training {

enum class Optimizer { adam, sgd };
/// What the L2 penalty sums over: all trainable parameters, or weight matrices only.
enum class L2Scope { all, weights };
enum class Initialization { renn, ctd, tf1, keras, torch, rotation_blocks };

struct TrainOptions {
  models::CellKind cell = models::CellKind::gru;
  int units = 64;
  models::Activation activation = models::Activation::tanh;
  models::Reset reset = models::Reset::after;
  double forget_bias = 1;
  double alpha = 1;                ///< leak of the leaky cells
  double connectivity = 1;         ///< share of non-zero recurrent weights (a fixed 0/1 mask)
  double excitatory_fraction = 0;  ///< Dale's law: share of excitatory units; 0: signs are free

  Initialization initialization = Initialization::torch;
  double rotation_gain = 1;   ///< rotation_blocks only
  double rotation_angle = 1;  ///< rotation_blocks only, radians
  bool train_initial_state = true;

  Loss loss = Loss::mse;
  bool mse_half = false;  ///< an extra factor 1/2 in the squared error
  double l2 = 0;
  L2Scope l2_scope = L2Scope::all;
  bool l2_half = false;

  Optimizer optimizer = Optimizer::adam;
  double learning_rate = 2e-3;
  double decay = 0.5;   ///< d in eta_t = eta_0 d^(t / decay_steps)
  int decay_steps = 0;  ///< S; 0 means iterations / 4
  double momentum = 0.9;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double clip_norm = 1;  ///< kappa of global-norm clipping; 0: none

  int batch = 64;
  int iterations = 5000;
  Precision precision = Precision::float32;
  int validation_trials = 256;
  int validation_every = 100;
  double stop_loss = 0;         ///< stop early at this validation loss; 0: never
  int patience = 0;             ///< stop after this many validations without improvement; 0: never
  int checkpoint_every = 1000;  ///< iterations between checkpoints
  int snapshot_every = 0;       ///< iterations between snapshots of the network; 0: none
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("cell", self.cell, "recurrent cell");
    field("units", self.units, "number of units");
    field("activation", self.activation, "non-gate nonlinearity");
    field("reset", self.reset, "GRU: reset gate before or after the product");
    field("forget_bias", self.forget_bias, "constant added to the forget or update gate");
    field("alpha", self.alpha, "leak dt/tau of the leaky cells, in (0, 1]");
    field("connectivity", self.connectivity, "share of non-zero recurrent weights");
    field("excitatory_fraction", self.excitatory_fraction,
          "Dale's law: share of excitatory units; 0 leaves signs free");
    field("initialization", self.initialization, "initialization scheme");
    field("rotation_gain", self.rotation_gain, "rotation_blocks: gain of each block");
    field("rotation_angle", self.rotation_angle, "rotation_blocks: angle in radians");
    field("train_initial_state", self.train_initial_state, "train h0 (and c0)");
    field("loss", self.loss, "loss function");
    field("mse_half", self.mse_half, "factor 1/2 in the squared error");
    field("l2", self.l2, "L2 penalty");
    field("l2_scope", self.l2_scope, "what the L2 penalty sums over");
    field("l2_half", self.l2_half, "factor 1/2 in the L2 penalty");
    field("optimizer", self.optimizer, "optimizer");
    field("learning_rate", self.learning_rate, "initial learning rate");
    field("decay", self.decay, "decay d of the rate eta_0 d^(t/decay_steps)");
    field("decay_steps", self.decay_steps, "steps S of the decay; 0: iterations / 4");
    field("momentum", self.momentum, "SGD: Polyak momentum");
    field("beta1", self.beta1, "Adam: decay of the first moment");
    field("beta2", self.beta2, "Adam: decay of the second moment");
    field("epsilon", self.epsilon, "Adam: added to the root");
    field("clip_norm", self.clip_norm, "global-norm clipping; 0: none");
    field("batch", self.batch, "trials per iteration");
    field("iterations", self.iterations, "training iterations");
    field("precision", self.precision, "arithmetic of training");
    field("validation_trials", self.validation_trials, "held-out trials");
    field("validation_every", self.validation_every, "iterations between validations");
    field("stop_loss", self.stop_loss, "stop at this validation loss; 0: never");
    field("patience", self.patience, "validations without improvement before stopping; 0: never");
    field("checkpoint_every", self.checkpoint_every, "iterations between checkpoints");
    field("snapshot_every", self.snapshot_every,
          "iterations between snapshots of the network; 0: none");
    field("seed", self.seed, "seed of weights and data");
  }
};

struct TrainResult {
  models::Network network;  ///< of the last iteration, or the best validation loss with patience
  Termination termination =
      Termination::not_run;  ///< converged: stop_loss reached or out of patience
  std::string reason;        ///< of a run that diverged, one phrase; else empty
  double decay_steps = 0;    ///< S that was used: the option, or iterations / 4
  int iterations = 0;        ///< done
  std::vector<double> loss;  ///< training loss (penalty included) of each iteration
  std::vector<int> validation_iterations;
  std::vector<double> validation_loss;  ///< without the penalty
  std::vector<double> validation_accuracy;
  std::vector<int>
      snapshot_iterations;  ///< 0, before training, and the multiples of snapshot_every
  std::vector<models::Network> snapshots;
  double seconds = 0;
};

/// S of the learning rate eta_0 d^(t/S): decay_steps, or a quarter of the iterations where that is
/// 0.
double used_decay_steps(const TrainOptions& options);

/// Trains a network on a task: back-propagation through time on fresh data every iteration.
///
/// `resume` is a checkpoint this function made before, under the same options, or null; continuing
/// gives the same result, bit for bit, as never having stopped. `save` is called every
/// checkpoint_every iterations and when progress asks to stop (termination interrupted).
/// A loss or gradient that is not finite ends the run with termination diverged, the reason and the
/// last finite weights. The result does not depend on the number of threads.
/// @throws InvalidInput for an option out of range, or a checkpoint of other options.
TrainResult train(const tasks::Task& task, const TrainOptions& options,
                  const Progress& progress = {}, const NamedArrays* resume = nullptr,
                  const std::function<void(const NamedArrays&)>& save = {});

}  // namespace nullcline::training

template <>
struct nullcline::EnumNames<nullcline::training::Optimizer> {
  static constexpr std::array values{
      std::pair{nullcline::training::Optimizer::adam, "adam"},
      std::pair{nullcline::training::Optimizer::sgd, "sgd"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::training::L2Scope> {
  static constexpr std::array values{
      std::pair{nullcline::training::L2Scope::all, "all"},
      std::pair{nullcline::training::L2Scope::weights, "weights"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::training::Initialization> {
  static constexpr std::array values{
      std::pair{nullcline::training::Initialization::renn, "renn"},
      std::pair{nullcline::training::Initialization::ctd, "ctd"},
      std::pair{nullcline::training::Initialization::tf1, "tf1"},
      std::pair{nullcline::training::Initialization::keras, "keras"},
      std::pair{nullcline::training::Initialization::torch, "torch"},
      std::pair{nullcline::training::Initialization::rotation_blocks, "rotation_blocks"},
  };
};
