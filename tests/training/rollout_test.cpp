// SPDX-License-Identifier: BSD-3-Clause
// Prediction from one observation: gradients against PyTorch, and training on a fixed set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "nullcline/training/bptt.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::training {
namespace {

class Rollout : public ::testing::Test {
 protected:
  Rollout() {
    const Vector recurrent = data_.vector("bias_hh_l0");
    network_.cell = models::CellKind::gru;
    network_.input_weights = data_.matrix("weight_ih_l0");
    network_.recurrent_weights = data_.matrix("weight_hh_l0");
    network_.bias = data_.vector("bias_ih_l0");
    network_.bias.head(4) += recurrent.head(4);
    network_.recurrent_bias = recurrent.tail(2);
    network_.readout_weights = data_.matrix("weight");
    network_.readout_bias = data_.vector("bias");
    network_.initial_state = Vector::Zero(2);
    batch_ = {5, 29, 2, 2, data_.values("inputs"), data_.values("targets"), {}};
    batch_.mask.assign(batch_.targets.size(), 1.0);
  }

  const NamedArrays data_ = io::read_npz(NULLCLINE_TEST_DATA "/gradients/rollout.npz");
  models::Network network_;
  tasks::TrialBatch batch_;
};

TEST_F(Rollout, StatesOutputsAndLossAgreeWithPyTorch) {
  const Unrolled unrolled = unroll(network_, batch_);
  const std::vector<double> outputs = data_.values("outputs"), states = data_.values("states");
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    EXPECT_NEAR(unrolled.outputs[i], outputs[i], 1e-13);
    EXPECT_NEAR(unrolled.states[i], states[i], 1e-13);
  }
  EXPECT_NEAR(unrolled.loss, data_.scalar("loss"), 1e-13);
}

TEST_F(Rollout, GradientsAgreeWithPyTorch) {
  const Gradients found = loss_gradients(network_, batch_);
  const auto near = [](const auto& ours, const auto& theirs) {
    EXPECT_LT((ours - theirs).cwiseAbs().maxCoeff(), 1e-13);
  };
  near(found.input_weights, data_.matrix("grad_weight_ih_l0"));
  near(found.recurrent_weights, data_.matrix("grad_weight_hh_l0"));
  near(found.bias, data_.vector("grad_bias_ih_l0"));
  near(found.recurrent_bias, Vector(data_.vector("grad_bias_hh_l0").tail(2)));
  near(found.readout_weights, data_.matrix("grad_weight"));
  near(found.readout_bias, data_.vector("grad_bias"));
  EXPECT_GT(found.input_weights.norm(), 1e-4);
}

// A task that counts which trials were asked for.
class Counted : public tasks::Task {
 public:
  explicit Counted(Index n) : n_(n) {}
  std::string name() const override { return "counted"; }
  Index n_inputs() const override { return inner_->n_inputs(); }
  Index n_outputs() const override { return inner_->n_outputs(); }
  Index n_steps() const override { return inner_->n_steps(); }
  Index n_training_trials() const override { return n_; }
  tasks::TrialBatch generate(Index n_trials, std::uint64_t seed, Purpose purpose,
                             std::uint64_t first_trial) const override {
    if (purpose == Purpose::training_data) asked.emplace_back(first_trial, n_trials);
    return inner_->generate(n_trials, seed, purpose, first_trial);
  }
  double accuracy(const tasks::TrialBatch& batch,
                  const std::vector<double>& outputs) const override {
    return inner_->accuracy(batch, outputs);
  }
  mutable std::vector<std::pair<std::uint64_t, Index>> asked;

 private:
  const Index n_;
  std::unique_ptr<tasks::Task> inner_ = tasks::choose_task("ring-attractor").make();
};

TrainOptions small_run(int batch) {
  TrainOptions options;
  options.units = 2;
  options.batch = batch;
  options.iterations = 60;
  options.learning_rate = 0.02;
  options.train_initial_state = false;
  options.precision = Precision::float64;
  options.validation_trials = 16;
  return options;
}

TEST(RolloutTraining, AFixedSetIsDrawnOnceAndLearned) {
  const Counted task(20);
  const TrainResult result = train(task, small_run(20));
  EXPECT_EQ(task.asked, (std::vector<std::pair<std::uint64_t, Index>>{{0, 20}}));
  EXPECT_LT(result.loss.back(), 0.8 * result.loss.front());
  EXPECT_EQ(result.network.initial_state, Vector::Zero(2));
}

TEST(RolloutTraining, FreshTrialsAreDrawnWhereThereIsNoFixedSet) {
  const Counted task(0);
  train(task, small_run(20));
  ASSERT_EQ(task.asked.size(), 60u);
  EXPECT_EQ(task.asked[1].first, 20u);
}

// Whole sets in batches of a part of them: the first batch of the second pass is that of the first.
TEST(RolloutTraining, SmallerBatchesGoThroughTheSetInTurn) {
  TrainOptions options = small_run(15);
  options.learning_rate = 1e-12;  // the loss then depends on the trials alone
  options.iterations = 8;
  const std::vector<double> loss = train(Counted(20), options).loss;
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(loss[i], loss[i + 4], 1e-9);
  EXPECT_GT(std::abs(loss[0] - loss[1]), 1e-6);
}

TEST(RolloutTraining, ABatchLargerThanTheSetIsRefused) {
  try {
    train(Counted(20), small_run(21));
    ADD_FAILURE();
  } catch (const InvalidInput& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("batch: found 21, expected at most 20"));
  }
}

TEST(RolloutTraining, CrossEntropyRefusesTargetsThatAreNoSigns) {
  TrainOptions options = small_run(20);
  options.loss = Loss::bce;
  EXPECT_THROW(train(Counted(20), options), InvalidInput);
}

}  // namespace
}  // namespace nullcline::training
