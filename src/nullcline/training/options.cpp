// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "nullcline/core/error.hpp"
#include "nullcline/training/initialization.hpp"

namespace nullcline::training {

namespace {

template <class Value>
void require(bool ok, std::string_view name, Value found, std::string_view expected) {
  if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
}

void require_at_least(std::string_view name, int found, int lowest) {
  require(found >= lowest, name, found, fmt::format("at least {}", lowest));
}

void require_unit_interval(std::string_view name, double found) {
  require(found >= 0 && found < 1, name, found, "a value in [0, 1)");
}

void require_not_negative(std::string_view name, double found) {
  require(found >= 0 && std::isfinite(found), name, found, "a finite value of at least 0");
}

}  // namespace

void check_options(const TrainOptions& options) {
  require_at_least("units", options.units, 1);
  require(options.activation != models::Activation::logistic, "activation", "logistic",
          "tanh or relu: back-propagation is made for these");
  require(std::isfinite(options.forget_bias), "forget_bias", options.forget_bias, "a finite value");
  require(options.alpha > 0 && options.alpha <= 1, "alpha", options.alpha, "a value in (0, 1]");
  require(options.connectivity > 0 && options.connectivity <= 1, "connectivity",
          options.connectivity, "a value in (0, 1]");
  require(options.excitatory_fraction >= 0 && options.excitatory_fraction <= 1,
          "excitatory_fraction", options.excitatory_fraction, "a value in [0, 1]");
  require(std::isfinite(options.rotation_gain), "rotation_gain", options.rotation_gain,
          "a finite value");
  require(std::isfinite(options.rotation_angle), "rotation_angle", options.rotation_angle,
          "a finite value");
  require_not_negative("l2", options.l2);
  require(options.learning_rate > 0 && std::isfinite(options.learning_rate), "learning_rate",
          options.learning_rate, "a finite value above 0");
  require(options.decay > 0 && options.decay <= 1, "decay", options.decay, "a value in (0, 1]");
  require_at_least("decay_steps", options.decay_steps, 0);
  require_unit_interval("momentum", options.momentum);
  require_unit_interval("beta1", options.beta1);
  require_unit_interval("beta2", options.beta2);
  require(options.epsilon > 0 && std::isfinite(options.epsilon), "epsilon", options.epsilon,
          "a finite value above 0");
  require_not_negative("clip_norm", options.clip_norm);
  require_at_least("batch", options.batch, 1);
  require_at_least("iterations", options.iterations, 1);
  require_at_least("validation_trials", options.validation_trials, 1);
  require_at_least("validation_every", options.validation_every, 1);
  require_not_negative("stop_loss", options.stop_loss);
  require_at_least("patience", options.patience, 0);
  require_at_least("checkpoint_every", options.checkpoint_every, 1);
  require_at_least("snapshot_every", options.snapshot_every, 0);
}

}  // namespace nullcline::training
