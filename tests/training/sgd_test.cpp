// SPDX-License-Identifier: BSD-3-Clause
// Runs of SGD against PyTorch's, from its weights on its trials.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "nullcline/io/npz.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::training {
namespace {

using models::CellKind;

const NamedArrays& data() {
  static const NamedArrays arrays = io::read_npz(NULLCLINE_TEST_DATA "/gradients/sgd.npz");
  return arrays;
}

// The batches of the file, in turn.
class Recorded : public tasks::Task {
 public:
  std::string name() const override { return "recorded"; }
  Index n_inputs() const override { return 2; }
  Index n_outputs() const override { return 1; }
  Index n_steps() const override { return 7; }
  tasks::TrialBatch generate(Index n_trials, std::uint64_t /*seed*/, Purpose /*purpose*/,
                             std::uint64_t first_trial) const override {
    const auto part = [&](const char* name, Index n_channels) {
      const std::vector<double> all = data().values(name);
      const auto size = static_cast<std::size_t>(7 * n_channels);
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(first_trial * size);
      return std::vector<double>(first, first + n_trials * static_cast<std::ptrdiff_t>(size));
    };
    tasks::TrialBatch batch{n_trials, 7, 2, 1, part("inputs", 2), part("targets", 1), {}};
    batch.mask.assign(batch.targets.size(), 1.0);
    return batch;
  }
  double accuracy(const tasks::TrialBatch&, const std::vector<double>&) const override { return 0; }
};

TrainOptions options_of(CellKind cell) {
  TrainOptions options;
  options.cell = cell;
  options.units = 5;
  options.activation = models::Activation::relu;
  options.forget_bias = 1;
  options.optimizer = Optimizer::sgd;
  options.precision = Precision::float64;
  options.batch = 4;
  options.iterations = 5;
  options.validation_trials = 1;
  options.learning_rate = data().scalar("learning_rate");
  options.decay = data().scalar("decay");
  options.decay_steps = static_cast<int>(data().scalar("decay_steps"));
  options.momentum = data().scalar("momentum");
  options.clip_norm = data().scalar("clip_norm");
  options.l2 = data().scalar("l2");
  return options;
}

// A checkpoint before the first iteration, at the given parameters.
NamedArrays start_at(const Vector& parameters, const TrainOptions& options) {
  NamedArrays checkpoint;
  train(
      Recorded(), options, [](const ProgressUpdate&) { return false; }, nullptr,
      [&](const NamedArrays& saved) { checkpoint = saved; });
  EXPECT_EQ(checkpoint.vector("parameters").size(), parameters.size());
  checkpoint.set_vector("parameters", parameters, "parameter", "");
  checkpoint.set_vector("first_moment", Vector::Zero(parameters.size()), "parameter", "");
  checkpoint.set_vector("loss", Vector(), "iteration", "");
  checkpoint.set_scalar("iterations_done", 0, "");
  return checkpoint;
}

TrainResult run(const std::string& name, const TrainOptions& options) {
  const NamedArrays start = start_at(data().vector(name + "_before"), options);
  return train(Recorded(), options, {}, &start);
}

double distance_from_pytorch(const std::string& name, const models::Network& found) {
  Vector flat(data().vector(name + "_after").size());
  Index n = 0;
  const auto append = [&](const auto& array) {
    for (Index i = 0; i < array.size(); ++i) flat(n++) = array.data()[i];
  };
  append(found.input_weights);
  append(found.recurrent_weights);
  append(found.bias);
  append(found.readout_weights);
  append(found.readout_bias);
  append(found.initial_state);
  EXPECT_EQ(n, flat.size());
  return (flat - data().vector(name + "_after")).cwiseAbs().maxCoeff();
}

TEST(Sgd, MomentumPenaltyClippingAndDecayOfReluCellsAreThoseOfPyTorch) {
  for (const auto& [cell, name] :
       {std::pair{CellKind::vanilla, "vanilla"}, std::pair{CellKind::ugrnn, "ugrnn"},
        std::pair{CellKind::lstm, "lstm"}}) {
    const TrainOptions options = options_of(cell);
    const TrainResult result = run(name, options);
    ASSERT_EQ(result.iterations, 5);
    EXPECT_EQ(result.decay_steps, 3);
    const std::vector<double> losses = data().values(std::string(name) + "_loss");
    for (std::size_t t = 0; t < 5; ++t) EXPECT_NEAR(result.loss[t], losses[t], 1e-12) << name;
    EXPECT_LT(distance_from_pytorch(name, result.network), 1e-12) << name;
  }
}

TEST(Sgd, TheComparisonSeesEachOfThem) {
  const std::vector<double> norms = data().values("vanilla_norm");
  const double clip_norm = data().scalar("clip_norm");
  EXPECT_LT(*std::min_element(norms.begin(), norms.end()), clip_norm);
  EXPECT_GT(*std::max_element(norms.begin(), norms.end()), clip_norm);
  const auto distance = [](auto change) {
    TrainOptions options = options_of(CellKind::vanilla);
    change(options);
    return distance_from_pytorch("vanilla", run("vanilla", options).network);
  };
  EXPECT_GT(distance([](auto& o) { o.momentum = 0.79; }), 1e-6);
  EXPECT_GT(distance([](auto& o) { o.decay_steps = 4; }), 1e-6);
  EXPECT_GT(distance([](auto& o) { o.clip_norm = 2.01; }), 1e-6);
  EXPECT_GT(distance([](auto& o) { o.l2_scope = L2Scope::weights; }), 1e-6);
  EXPECT_GT(distance([](auto& o) { o.l2_half = true; }), 1e-6);
}

}  // namespace
}  // namespace nullcline::training
