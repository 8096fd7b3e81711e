// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/train.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/tasks/flip_flop.hpp"
#include "nullcline/training/bptt.hpp"
#include "nullcline/training/initialization.hpp"

namespace nullcline::training {
namespace {

using models::CellKind;
using models::Network;

std::unique_ptr<tasks::Task> one_bit(int steps = 20) {
  tasks::FlipFlopOptions options;
  options.bits = 1;
  options.steps = steps;
  options.pulse_probability = 0.2;
  return tasks::make_flip_flop(options);
}

/// A few quick iterations of a tiny network.
TrainOptions tiny() {
  TrainOptions options;
  options.units = 6;
  options.batch = 20;
  options.iterations = 6;
  options.validation_trials = 8;
  options.validation_every = 2;
  options.checkpoint_every = 2;
  options.learning_rate = 0.01;
  options.decay = 1;
  options.seed = 5;
  return options;
}

void expect_equal(const Network& a, const Network& b) {
  EXPECT_EQ(a.input_weights, b.input_weights);
  EXPECT_EQ(a.recurrent_weights, b.recurrent_weights);
  EXPECT_EQ(a.bias, b.bias);
  EXPECT_EQ(a.recurrent_bias, b.recurrent_bias);
  EXPECT_EQ(a.readout_weights, b.readout_weights);
  EXPECT_EQ(a.readout_bias, b.readout_bias);
  EXPECT_EQ(a.initial_state, b.initial_state);
}

TEST(Train, LearnsTheOneBitFlipFlop) {
  for (const CellKind cell : {CellKind::gru, CellKind::vanilla}) {
    TrainOptions options = tiny();
    options.cell = cell;
    options.units = 8;
    options.batch = 32;
    options.iterations = 400;
    options.validation_every = 400;
    const TrainResult result = train(*one_bit(), options);
    EXPECT_EQ(result.termination, Termination::max_iterations);
    EXPECT_EQ(result.reason, "");
    EXPECT_EQ(result.decay_steps, 100);
    EXPECT_EQ(result.iterations, 400);
    ASSERT_EQ(result.loss.size(), 400u);
    EXPECT_GT(result.loss.front(), 0.5);
    EXPECT_LT(result.loss.back(), 0.05);
    EXPECT_THAT(result.validation_iterations, ::testing::ElementsAre(400));
    EXPECT_GT(result.validation_accuracy.back(), 0.99);
    EXPECT_TRUE(result.network.verified);
    EXPECT_GT(result.seconds, 0);
    EXPECT_NO_THROW(models::validate(result.network));
  }
}

TEST(Train, TheFirstLossIsThatOfTheInitialNetworkOnTheFirstBatch) {
  const auto task = one_bit();
  const TrainOptions options = tiny();
  const Network initial = make_initial_network(options, 1, 1);
  const tasks::TrialBatch batch =
      task->generate(options.batch, options.seed, Purpose::training_data, 0);
  const tasks::TrialBatch second =
      task->generate(options.batch, options.seed, Purpose::training_data,
                     static_cast<std::uint64_t>(options.batch));
  EXPECT_NE(batch.inputs, second.inputs) << "fresh data every iteration";
  const TrainResult result = train(*task, options);
  EXPECT_NEAR(result.loss.front(), unroll(initial, batch).loss, 1e-6);
}

TEST(Train, TheNumberOfThreadsDoesNotMatter) {
  TrainOptions options = tiny();
  options.batch = 50;
  set_n_threads(1);
  const TrainResult one = train(*one_bit(), options);
  set_n_threads(2);
  const TrainResult two = train(*one_bit(), options);
  set_n_threads(0);
  expect_equal(one.network, two.network);
  EXPECT_EQ(one.loss, two.loss);
  EXPECT_EQ(one.validation_loss, two.validation_loss);
}

TEST(Train, AnotherSeedGivesAnotherNetwork) {
  TrainOptions options = tiny();
  const TrainResult first = train(*one_bit(), options);
  options.seed = 6;
  EXPECT_NE(train(*one_bit(), options).network.recurrent_weights, first.network.recurrent_weights);
}

TEST(Train, ResumingIsTheSameAsNeverStopping) {
  for (const Optimizer optimizer : {Optimizer::adam, Optimizer::sgd})
    for (const Precision precision : {Precision::float32, Precision::float64}) {
      TrainOptions options = tiny();
      options.optimizer = optimizer;
      options.precision = precision;
      options.patience = 2;
      options.decay = 0.5;
      const TrainResult whole = train(*one_bit(), options);
      for (const double stop_at : {1.0, 3.0, 4.0}) {
        NamedArrays checkpoint;
        const TrainResult part = train(
            *one_bit(), options,
            [&](const ProgressUpdate& update) { return update.done < stop_at; }, nullptr,
            [&](const NamedArrays& saved) { checkpoint = saved; });
        EXPECT_EQ(part.termination, Termination::interrupted);
        EXPECT_EQ(part.iterations, static_cast<int>(stop_at));
        const TrainResult resumed = train(*one_bit(), options, {}, &checkpoint);
        expect_equal(resumed.network, whole.network);
        EXPECT_EQ(resumed.loss, whole.loss);
        EXPECT_EQ(resumed.validation_iterations, whole.validation_iterations);
        EXPECT_EQ(resumed.validation_loss, whole.validation_loss);
        EXPECT_EQ(resumed.validation_accuracy, whole.validation_accuracy);
        EXPECT_EQ(resumed.termination, whole.termination);
      }
    }
}

TEST(Train, DoesNotWaitForTheEndOfALargeBatch) {
  TrainOptions options = tiny();
  options.units = 512;
  options.batch = 4096;
  options.iterations = 2;
  NamedArrays checkpoint;
  const TrainResult stopped = train(
      *one_bit(), options, [](const ProgressUpdate&) { return false; }, nullptr,
      [&](const NamedArrays& saved) { checkpoint = saved; });
  EXPECT_EQ(stopped.termination, Termination::interrupted);
  EXPECT_EQ(stopped.iterations, 0);
  EXPECT_EQ(checkpoint.scalar("iterations_done"), 0);
}

TEST(Train, ChecksThatACheckpointIsItsOwn) {
  NamedArrays checkpoint;
  const TrainOptions options = tiny();
  train(
      *one_bit(), options, [](const ProgressUpdate&) { return false; }, nullptr,
      [&](const NamedArrays& saved) { checkpoint = saved; });
  const auto resume = [&](const TrainOptions& with) {
    return train(*one_bit(), with, {}, &checkpoint);
  };
  TrainOptions other = options;
  other.checkpoint_every = 17;
  EXPECT_NO_THROW(resume(other)) << "how often a run is saved does not change it";
  other = options;
  other.learning_rate = 0.02;
  EXPECT_THAT([&] { resume(other); },
              ::testing::ThrowsMessage<InvalidInput>(::testing::HasSubstr("learning_rate")));
  NamedArrays broken = checkpoint;
  broken.attributes["task"] = std::string("another");
  EXPECT_THROW(train(*one_bit(), options, {}, &broken), InvalidInput);
  broken = checkpoint;
  broken.attributes["kind"] = std::string("poem");
  EXPECT_THROW(train(*one_bit(), options, {}, &broken), FormatError);
  broken = checkpoint;
  broken.set_vector("parameters", Vector::Zero(3), "parameter", "");
  EXPECT_THROW(train(*one_bit(), options, {}, &broken), FormatError);
  broken = checkpoint;
  broken.set_scalar("iterations_done", 1e9, "");
  EXPECT_THROW(train(*one_bit(), options, {}, &broken), FormatError);
  EXPECT_NO_THROW(resume(options)) << "the unbroken one";
}

TEST(Train, SavesCheckpointsAsOftenAsAsked) {
  std::vector<double> saved_at;
  TrainOptions options = tiny();
  const auto save = [&](const NamedArrays& saved) {
    saved_at.push_back(saved.scalar("iterations_done"));
  };
  train(*one_bit(), options, {}, nullptr, save);
  EXPECT_THAT(saved_at, ::testing::ElementsAre(2, 4));
  saved_at.clear();
  options.checkpoint_every = 5;
  train(*one_bit(), options, {}, nullptr, save);
  EXPECT_THAT(saved_at, ::testing::ElementsAre(5));
}

TEST(Train, ReportsEveryIteration) {
  std::vector<double> done;
  train(*one_bit(), tiny(), [&](const ProgressUpdate& update) {
    EXPECT_EQ(update.total, 6);
    EXPECT_THAT(update.message, ::testing::StartsWith("loss "));
    done.push_back(update.done);
    return true;
  });
  EXPECT_THAT(done, ::testing::ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Train, DivergenceIsAnOutcomeWithFiniteWeights) {
  for (const Precision precision : {Precision::float32, Precision::float64})
    for (const models::Activation activation :
         {models::Activation::tanh, models::Activation::relu}) {
      TrainOptions options = tiny();
      options.cell = CellKind::vanilla;
      options.activation = activation;
      options.precision = precision;
      options.optimizer = Optimizer::sgd;
      options.clip_norm = 0;
      options.learning_rate = precision == Precision::float32 ? 1e30 : 1e200;
      const TrainResult result = train(*one_bit(), options);
      EXPECT_EQ(result.termination, Termination::diverged);
      EXPECT_THAT(result.reason, ::testing::EndsWith("is not finite"));
      EXPECT_LT(result.iterations, options.iterations);
      EXPECT_TRUE(result.network.recurrent_weights.allFinite());
      EXPECT_NO_THROW(models::validate(result.network));
      for (const double loss : result.loss) EXPECT_TRUE(std::isfinite(loss));
    }
}

TEST(Train, StopsAtTheLossAskedFor) {
  TrainOptions options = tiny();
  options.iterations = 300;
  options.stop_loss = 0.5;
  const TrainResult result = train(*one_bit(), options);
  EXPECT_EQ(result.termination, Termination::converged);
  EXPECT_LT(result.iterations, 300);
  EXPECT_LE(result.validation_loss.back(), 0.5);
  for (std::size_t i = 0; i + 1 < result.validation_loss.size(); ++i)
    EXPECT_GT(result.validation_loss[i], 0.5);
}

TEST(Train, PatienceReturnsTheBestNetwork) {
  const auto task = one_bit();
  TrainOptions options = tiny();
  options.iterations = 60;
  options.validation_every = 1;
  options.learning_rate = 0.3;  // jumps about
  options.patience = 3;
  const TrainResult result = train(*task, options);
  EXPECT_EQ(result.termination, Termination::converged);
  const auto best = std::min_element(result.validation_loss.begin(), result.validation_loss.end());
  EXPECT_EQ(result.validation_loss.end() - best, 4) << "the best and three without improvement";
  const tasks::TrialBatch validation =
      task->generate(options.validation_trials, options.seed, Purpose::validation_data, 0);
  EXPECT_NEAR(unroll(result.network, validation, {}, Precision::float32).loss, *best, 1e-7);
  options.patience = 0;
  options.iterations = result.iterations;
  const TrainResult last = train(*task, options);
  EXPECT_NEAR(unroll(last.network, validation, {}, Precision::float32).loss,
              result.validation_loss.back(), 1e-7);
}

TEST(Train, KeepsMasksSignsAndFixedInitialStates) {
  for (const CellKind cell : {CellKind::leaky, CellKind::leaky_outside, CellKind::gru}) {
    TrainOptions options = tiny();
    options.cell = cell;
    options.alpha = 0.4;
    options.connectivity = 0.5;
    options.excitatory_fraction = 0.5;
    options.iterations = 40;
    options.learning_rate = 0.05;
    options.l2 = 1e-3;
    options.initialization = Initialization::ctd;
    options.train_initial_state = false;
    const Network initial = make_initial_network(options, 1, 1);
    const Network trained = train(*one_bit(), options).network;
    EXPECT_NO_THROW(models::validate(trained));
    EXPECT_EQ(trained.mask, initial.mask);
    EXPECT_EQ(trained.mask.sum(), 18);
    EXPECT_EQ(trained.dale_signs, initial.dale_signs);
    EXPECT_EQ(trained.initial_state, initial.initial_state.cast<float>().cast<double>());
    EXPECT_NE(trained.recurrent_weights, initial.recurrent_weights);
    if (cell != CellKind::gru) {
      EXPECT_EQ(trained.alpha, Vector::Constant(6, 0.4));
    }
  }
}

TEST(Train, RefusesTheLogisticActivation) {
  TrainOptions options = tiny();
  options.activation = models::Activation::logistic;
  EXPECT_THAT([&] { train(*one_bit(), options); },
              ::testing::ThrowsMessage<InvalidInput>(
                  ::testing::HasSubstr("activation: found logistic, expected tanh or relu")));
}

/// Where training arrives, as one number.
double fingerprint(const TrainOptions& options) {
  const Network n = train(*one_bit(), options).network;
  return n.input_weights.sum() + 2 * n.recurrent_weights.sum() + 3 * n.bias.sum() +
         5 * n.readout_weights.sum() + 7 * n.initial_state.sum() + 11 * n.readout_bias.sum();
}

TEST(Train, EveryOptionChangesTheResult) {
  TrainOptions base = tiny();
  base.clip_norm = 0.05;
  const double reference = fingerprint(base);
  EXPECT_EQ(fingerprint(base), reference);
  const auto expect_change = [&](const char* name, TrainOptions from, auto change) {
    const double before = fingerprint(from);
    change(from);
    EXPECT_NE(fingerprint(from), before) << name;
  };
  TrainOptions sgd = base, rotation = base, penalized = base, leaky = base;
  sgd.optimizer = Optimizer::sgd;
  rotation.initialization = Initialization::rotation_blocks;
  penalized.l2 = 0.01;
  leaky.cell = CellKind::leaky;
  expect_change("cell", base, [](auto& o) { o.cell = CellKind::lstm; });
  expect_change("units", base, [](auto& o) { o.units = 7; });
  expect_change("activation", base, [](auto& o) { o.activation = models::Activation::relu; });
  expect_change("reset", base, [](auto& o) { o.reset = models::Reset::before; });
  expect_change("forget_bias", base, [](auto& o) { o.forget_bias = 0; });
  expect_change("alpha", leaky, [](auto& o) { o.alpha = 0.5; });
  expect_change("connectivity", base, [](auto& o) { o.connectivity = 0.5; });
  expect_change("excitatory_fraction", base, [](auto& o) { o.excitatory_fraction = 0.5; });
  expect_change("initialization", base, [](auto& o) { o.initialization = Initialization::renn; });
  expect_change("rotation_gain", rotation, [](auto& o) { o.rotation_gain = 0.5; });
  expect_change("rotation_angle", rotation, [](auto& o) { o.rotation_angle = 0.5; });
  expect_change("train_initial_state", base, [](auto& o) { o.train_initial_state = false; });
  expect_change("loss", base, [](auto& o) { o.loss = Loss::bce; });
  expect_change("mse_half", sgd, [](auto& o) { o.clip_norm = 0, o.mse_half = true; });
  expect_change("l2", base, [](auto& o) { o.l2 = 0.01; });
  expect_change("l2_scope", penalized, [](auto& o) { o.l2_scope = L2Scope::weights; });
  expect_change("l2_half", penalized, [](auto& o) { o.l2_half = true; });
  expect_change("optimizer", base, [](auto& o) { o.optimizer = Optimizer::sgd; });
  expect_change("learning_rate", base, [](auto& o) { o.learning_rate = 0.02; });
  expect_change("decay", base, [](auto& o) { o.decay = 0.5; });
  base.decay = 0.5;
  expect_change("decay_steps", base, [](auto& o) { o.decay_steps = 1; });
  expect_change("momentum", sgd, [](auto& o) { o.momentum = 0.5; });
  expect_change("beta1", base, [](auto& o) { o.beta1 = 0.5; });
  expect_change("beta2", base, [](auto& o) { o.beta2 = 0.9; });
  expect_change("epsilon", base, [](auto& o) { o.epsilon = 1e-2; });
  expect_change("clip_norm", sgd, [](auto& o) { o.clip_norm = 0; });
  expect_change("batch", base, [](auto& o) { o.batch = 21; });
  expect_change("iterations", base, [](auto& o) { o.iterations = 7; });
  expect_change("precision", base, [](auto& o) { o.precision = Precision::float64; });
  expect_change("seed", base, [](auto& o) { o.seed = 6; });
  TrainOptions validated = base;
  validated.validation_trials = 9;
  EXPECT_NE(train(*one_bit(), validated).validation_loss, train(*one_bit(), base).validation_loss);
  validated.validation_every = 3;
  EXPECT_THAT(train(*one_bit(), validated).validation_iterations, ::testing::ElementsAre(3, 6));
}

TEST(Train, OptionsOutOfRangeAreNamed) {
  const auto expect_refused = [&](const char* name, auto change) {
    TrainOptions options = tiny();
    change(options);
    EXPECT_THAT([&] { train(*one_bit(), options); },
                ::testing::ThrowsMessage<InvalidInput>(::testing::StartsWith(name)));
  };
  const double inf = std::numeric_limits<double>::infinity();
  expect_refused("units", [](auto& o) { o.units = 0; });
  expect_refused("forget_bias", [&](auto& o) { o.forget_bias = inf; });
  expect_refused("alpha", [](auto& o) { o.alpha = 0; });
  expect_refused("connectivity", [](auto& o) { o.connectivity = 1.5; });
  expect_refused("excitatory_fraction", [](auto& o) { o.excitatory_fraction = -0.1; });
  expect_refused("rotation_gain", [&](auto& o) { o.rotation_gain = inf; });
  expect_refused("rotation_angle", [&](auto& o) { o.rotation_angle = inf; });
  expect_refused("l2", [](auto& o) { o.l2 = -1; });
  expect_refused("learning_rate", [](auto& o) { o.learning_rate = 0; });
  expect_refused("decay", [](auto& o) { o.decay = 1.1; });
  expect_refused("decay_steps", [](auto& o) { o.decay_steps = -1; });
  expect_refused("momentum", [](auto& o) { o.momentum = 1; });
  expect_refused("beta1", [](auto& o) { o.beta1 = 1; });
  expect_refused("beta2", [](auto& o) { o.beta2 = -0.5; });
  expect_refused("epsilon", [](auto& o) { o.epsilon = 0; });
  expect_refused("clip_norm", [](auto& o) { o.clip_norm = std::nan(""); });
  expect_refused("batch", [](auto& o) { o.batch = 0; });
  expect_refused("iterations", [](auto& o) { o.iterations = 0; });
  expect_refused("validation_trials", [](auto& o) { o.validation_trials = 0; });
  expect_refused("validation_every", [](auto& o) { o.validation_every = 0; });
  expect_refused("stop_loss", [](auto& o) { o.stop_loss = -1; });
  expect_refused("patience", [](auto& o) { o.patience = -1; });
  expect_refused("checkpoint_every", [](auto& o) { o.checkpoint_every = 0; });
}

}  // namespace
}  // namespace nullcline::training
