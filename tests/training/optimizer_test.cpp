// SPDX-License-Identifier: BSD-3-Clause
// Updates against the rules written out by hand, on the gradients that loss_gradients gives.
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/tasks/flip_flop.hpp"
#include "nullcline/training/bptt.hpp"
#include "nullcline/training/initialization.hpp"

namespace nullcline::training {
namespace {

/// One parameter of a run in float64, followed by hand over three iterations.
class Updates : public ::testing::Test {
 protected:
  Updates() {
    options_.units = 4;
    options_.batch = 5;
    options_.iterations = 3;
    options_.validation_trials = 1;
    options_.precision = Precision::float64;
    options_.decay = 0.5;
    options_.decay_steps = 2;
    options_.learning_rate = 0.1;
    options_.clip_norm = 0;
    tasks::FlipFlopOptions task;
    task.bits = 2;
    task.steps = 8;
    task_ = tasks::make_flip_flop(task);
  }

  /// Everything trainable, as the gradients of loss plus penalty at `network`.
  Gradients gradients(const models::Network& network, int iteration) const {
    Gradients g = loss_gradients(
        network,
        task_->generate(5, 0, Purpose::training_data, 5 * static_cast<std::uint64_t>(iteration)));
    const double factor = options_.l2_half ? options_.l2 : 2 * options_.l2;
    g.recurrent_weights += factor * network.recurrent_weights;
    g.input_weights += factor * network.input_weights;
    g.readout_weights += factor * network.readout_weights;
    if (options_.l2_scope == L2Scope::all) {
      g.bias += factor * network.bias;
      g.recurrent_bias += factor * network.recurrent_bias;
      g.readout_bias += factor * network.readout_bias;
      g.initial_state += factor * network.initial_state;
    }
    const double norm = std::sqrt(g.input_weights.squaredNorm() +
                                  g.recurrent_weights.squaredNorm() + g.bias.squaredNorm() +
                                  g.recurrent_bias.squaredNorm() + g.readout_weights.squaredNorm() +
                                  g.readout_bias.squaredNorm() + g.initial_state.squaredNorm());
    const double scale = options_.clip_norm > 0 ? std::min(1.0, options_.clip_norm / norm) : 1.0;
    for (Matrix* m : {&g.input_weights, &g.recurrent_weights, &g.readout_weights}) *m *= scale;
    for (Vector* v : {&g.bias, &g.recurrent_bias, &g.readout_bias, &g.initial_state}) *v *= scale;
    return g;
  }

  /// Runs `update(array, gradient, slot, iteration)` on every array for three iterations and
  /// compares.
  template <class Update>
  void expect_run_follows(Update update) {
    models::Network network = make_initial_network(options_, 2, 2);
    for (int iteration = 0; iteration < 3; ++iteration) {
      const Gradients g = gradients(network, iteration);
      int slot = 0;
      const auto apply = [&](auto& array, const auto& gradient) {
        for (Index i = 0; i < array.size(); ++i)
          update(array.data()[i], gradient.data()[i], slot++, iteration);
      };
      apply(network.input_weights, g.input_weights);
      apply(network.recurrent_weights, g.recurrent_weights);
      apply(network.bias, g.bias);
      apply(network.recurrent_bias, g.recurrent_bias);
      apply(network.readout_weights, g.readout_weights);
      apply(network.readout_bias, g.readout_bias);
      apply(network.initial_state, g.initial_state);
    }
    const models::Network trained = train(*task_, options_).network;
    EXPECT_LT((trained.recurrent_weights - network.recurrent_weights).norm(), 1e-12);
    EXPECT_LT((trained.input_weights - network.input_weights).norm(), 1e-12);
    EXPECT_LT((trained.bias - network.bias).norm(), 1e-12);
    EXPECT_LT((trained.recurrent_bias - network.recurrent_bias).norm(), 1e-12);
    EXPECT_LT((trained.readout_weights - network.readout_weights).norm(), 1e-12);
    EXPECT_LT((trained.readout_bias - network.readout_bias).norm(), 1e-12);
    EXPECT_LT((trained.initial_state - network.initial_state).norm(), 1e-12);
    EXPECT_GT((make_initial_network(options_, 2, 2).bias - network.bias).norm(), 1e-3);
  }

  void expect_adam() {
    std::vector<double> m(1000), v(1000);
    expect_run_follows([&](double& x, double g, int i, int t) {
      const auto slot = static_cast<std::size_t>(i);
      m[slot] = 0.9 * m[slot] + 0.1 * g;
      v[slot] = 0.999 * v[slot] + 0.001 * g * g;
      const double mean = m[slot] / (1 - std::pow(0.9, t + 1));
      const double square = v[slot] / (1 - std::pow(0.999, t + 1));
      x -= 0.1 * std::pow(0.5, t / 2.0) * mean / (std::sqrt(square) + 1e-8);
    });
  }

  TrainOptions options_;
  std::unique_ptr<tasks::Task> task_;
};

TEST_F(Updates, AdamIsThatOfKingmaAndBa) { expect_adam(); }

TEST_F(Updates, SgdHasPolyakMomentum) {
  options_.optimizer = Optimizer::sgd;
  std::vector<double> velocity(1000);
  expect_run_follows([&](double& x, double g, int i, int t) {
    double& v = velocity[static_cast<std::size_t>(i)];
    v = 0.9 * v + g;
    x -= 0.1 * std::pow(0.5, t / 2.0) * v;
  });
}

TEST_F(Updates, ThePenaltyIsAddedBeforeClipping) {
  options_.l2 = 0.3;
  options_.clip_norm = 0.2;
  for (const L2Scope scope : {L2Scope::all, L2Scope::weights})
    for (const bool half : {false, true}) {
      options_.l2_scope = scope;
      options_.l2_half = half;
      expect_adam();
    }
}

TEST_F(Updates, ThePenaltyIsPartOfTheTrainingLossAlone) {
  options_.validation_every = 1;
  options_.iterations = 1;
  const TrainResult without = train(*task_, options_);
  options_.l2 = 0.3;
  const models::Network initial = make_initial_network(options_, 2, 2);
  double sum = initial.input_weights.squaredNorm() + initial.recurrent_weights.squaredNorm() +
               initial.readout_weights.squaredNorm();
  options_.l2_scope = L2Scope::weights;
  EXPECT_NEAR(train(*task_, options_).loss[0] - without.loss[0], 0.3 * sum, 1e-12);
  options_.l2_half = true;
  EXPECT_NEAR(train(*task_, options_).loss[0] - without.loss[0], 0.15 * sum, 1e-12);
  options_.l2_scope = L2Scope::all;
  sum += initial.bias.squaredNorm() + initial.recurrent_bias.squaredNorm() +
         initial.readout_bias.squaredNorm() + initial.initial_state.squaredNorm();
  const TrainResult all = train(*task_, options_);
  EXPECT_NEAR(all.loss[0] - without.loss[0], 0.15 * sum, 1e-12);
  const tasks::TrialBatch validation = task_->generate(1, 0, Purpose::validation_data, 0);
  EXPECT_NEAR(all.validation_loss[0], unroll(all.network, validation).loss, 1e-12);
}

TEST_F(Updates, DecayStepsDefaultToAQuarterOfTheIterations) {
  options_.optimizer = Optimizer::sgd;
  options_.decay_steps = 0;
  std::vector<double> velocity(1000);
  expect_run_follows([&](double& x, double g, int i, int t) {
    double& v = velocity[static_cast<std::size_t>(i)];
    v = 0.9 * v + g;
    x -= 0.1 * std::pow(0.5, t / 0.75) * v;
  });
}

}  // namespace
}  // namespace nullcline::training
