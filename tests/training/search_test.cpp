// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/tasks/flip_flop.hpp"

namespace nullcline::training {
namespace {

std::unique_ptr<tasks::Task> one_bit() {
  tasks::FlipFlopOptions options;
  options.bits = 1;
  options.steps = 10;
  return tasks::make_flip_flop(options);
}

TrainOptions tiny() {
  TrainOptions options;
  options.optimizer = Optimizer::sgd;
  options.units = 4;
  options.batch = 8;
  options.iterations = 1000;  // the search has its own number
  options.validation_trials = 16;
  options.seed = 3;
  return options;
}

HyperparameterSearchOptions few() {
  HyperparameterSearchOptions options;
  options.candidates = 6;
  options.iterations = 30;
  options.seed = 9;
  return options;
}

void expect_same(const HyperparameterSearch& a, const HyperparameterSearch& b) {
  ASSERT_EQ(a.candidates.size(), b.candidates.size());
  EXPECT_EQ(a.best, b.best);
  EXPECT_EQ(a.termination, b.termination);
  for (std::size_t i = 0; i < a.candidates.size(); ++i) {
    const Candidate &x = a.candidates[i], &y = b.candidates[i];
    EXPECT_EQ(x.hyperparameters.clip_norm, y.hyperparameters.clip_norm);
    EXPECT_EQ(x.hyperparameters.learning_rate, y.hyperparameters.learning_rate);
    EXPECT_EQ(x.hyperparameters.decay, y.hyperparameters.decay);
    EXPECT_EQ(x.hyperparameters.momentum, y.hyperparameters.momentum);
    EXPECT_EQ(x.termination, y.termination);
    EXPECT_EQ(x.reason, y.reason);
    EXPECT_EQ(x.iterations, y.iterations);
    EXPECT_EQ(x.decay_steps, y.decay_steps);
    EXPECT_TRUE(x.validation_loss == y.validation_loss ||
                (std::isnan(x.validation_loss) && std::isnan(y.validation_loss)));
    EXPECT_TRUE(x.validation_accuracy == y.validation_accuracy ||
                (std::isnan(x.validation_accuracy) && std::isnan(y.validation_accuracy)));
  }
}

// Of u uniform on [a, b] mean and variance are (a + b) / 2 and (b - a)^2 / 12; of the log-uniform
// ones u is the decimal logarithm.
TEST(HyperparameterSearch, DrawsAreUniformOrLogUniformInTheRangesOfThePaper) {
  constexpr int kDraws = 4000;
  std::vector<double> sums(4), squares(4);
  for (int i = 0; i < kDraws; ++i) {
    const Hyperparameters drawn = draw_hyperparameters({}, static_cast<std::uint64_t>(i));
    const double values[] = {std::log10(drawn.clip_norm), std::log10(drawn.learning_rate),
                             drawn.decay, drawn.momentum};
    for (std::size_t k = 0; k < 4; ++k) {
      sums[k] += values[k] / kDraws;
      squares[k] += values[k] * values[k] / kDraws;
    }
  }
  const double lowest[] = {-1, -5, 0.1, 0}, highest[] = {1, -1, 0.9, 0.999};
  for (std::size_t k = 0; k < 4; ++k) {
    const double width = highest[k] - lowest[k], deviation = width / std::sqrt(12);
    EXPECT_NEAR(sums[k], (lowest[k] + highest[k]) / 2, 5 * deviation / std::sqrt(kDraws)) << k;
    EXPECT_NEAR(std::sqrt(squares[k] - sums[k] * sums[k]), deviation, 0.03 * width) << k;
  }
}

TEST(HyperparameterSearch, ACandidateDependsOnTheSeedAndItsNumberAlone) {
  const auto rate = [](std::uint64_t seed, std::uint64_t i) {
    HyperparameterSearchOptions options;
    options.seed = seed;
    return draw_hyperparameters(options, i).learning_rate;
  };
  EXPECT_EQ(rate(1, 5), rate(1, 5));
  EXPECT_NE(rate(1, 5), rate(1, 6));
  EXPECT_NE(rate(1, 5), rate(2, 5));
}

TEST(HyperparameterSearch, EachCandidateIsTrainedAndTheBestOnHeldOutTrialsChosen) {
  const auto task = one_bit();
  const HyperparameterSearch search = search_hyperparameters(*task, tiny(), few());
  EXPECT_EQ(search.termination, Termination::converged);
  ASSERT_EQ(search.candidates.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    const Candidate& candidate = search.candidates[i];
    EXPECT_EQ(candidate.hyperparameters.momentum, draw_hyperparameters(few(), i).momentum);
    EXPECT_EQ(candidate.iterations, 30);
    EXPECT_EQ(candidate.decay_steps, 7.5);
    EXPECT_GE(candidate.validation_loss,
              search.candidates[static_cast<std::size_t>(search.best)].validation_loss);
    TrainOptions alone = with_hyperparameters(tiny(), candidate.hyperparameters);
    alone.iterations = 30;
    EXPECT_EQ(train(*task, alone).validation_loss.back(), candidate.validation_loss);
  }
  const auto [least, most] = std::minmax_element(
      search.candidates.begin(), search.candidates.end(),
      [](const auto& a, const auto& b) { return a.validation_loss < b.validation_loss; });
  EXPECT_LT(least->validation_loss, most->validation_loss);
}

TEST(HyperparameterSearch, ACandidateThatDivergesIsRecordedWithItsReason) {
  TrainOptions training = tiny();
  training.cell = models::CellKind::vanilla;
  training.activation = models::Activation::relu;
  HyperparameterSearchOptions options = few();
  options.candidates = 3;
  options.lowest_learning_rate = 1e25;
  options.highest_learning_rate = 1e30;
  const HyperparameterSearch failed = search_hyperparameters(*one_bit(), training, options);
  EXPECT_EQ(failed.best, -1);
  EXPECT_EQ(failed.termination, Termination::converged);
  for (const Candidate& candidate : failed.candidates) {
    EXPECT_EQ(candidate.termination, Termination::diverged);
    EXPECT_THAT(candidate.reason, testing::EndsWith("is not finite"));
    EXPECT_LT(candidate.iterations, 30);
    EXPECT_TRUE(std::isnan(candidate.validation_loss));
  }
  options.lowest_learning_rate = 1e-3;  // log-uniform: some of them train
  options.candidates = 6;
  const HyperparameterSearch mixed = search_hyperparameters(*one_bit(), training, options);
  ASSERT_GE(mixed.best, 0);
  EXPECT_EQ(mixed.candidates[static_cast<std::size_t>(mixed.best)].reason, "");
}

TEST(HyperparameterSearch, APauseChangesNothing) {
  const auto task = one_bit();
  const HyperparameterSearch whole = search_hyperparameters(*task, tiny(), few());
  HyperparameterSearch saved;
  const HyperparameterSearch part = search_hyperparameters(
      *task, tiny(), few(), [](const ProgressUpdate& update) { return update.done < 2.5; }, nullptr,
      [&](const HyperparameterSearch& so_far) { saved = so_far; });
  EXPECT_EQ(part.termination, Termination::interrupted);
  ASSERT_EQ(part.candidates.size(), 2u);
  ASSERT_EQ(saved.candidates.size(), 2u);
  const HyperparameterSearch read = hyperparameter_search_from_arrays(to_arrays(saved));
  int n_trained = 0;
  const HyperparameterSearch resumed = search_hyperparameters(
      *task, tiny(), few(), {}, &read, [&](const HyperparameterSearch&) { ++n_trained; });
  EXPECT_EQ(n_trained, 4);
  expect_same(resumed, whole);
}

TEST(HyperparameterSearch, ArraysHoldWhatWasFoundAndBrokenOnesAreRefused) {
  HyperparameterSearch search;
  search.termination = Termination::converged;
  search.best = 1;
  search.candidates.resize(2);
  search.candidates[0].termination = Termination::diverged;
  search.candidates[0].reason = "the loss is not finite";
  search.candidates[0].hyperparameters = {0.5, 1e-3, 0.25, 0.75};
  search.candidates[1].termination = Termination::max_iterations;
  search.candidates[1].iterations = 7;
  search.candidates[1].validation_loss = 0.125;
  search.candidates[1].validation_accuracy = 0.5;
  search.candidates[1].decay_steps = 2.5;
  const NamedArrays arrays = to_arrays(search);
  expect_same(hyperparameter_search_from_arrays(arrays), search);
  EXPECT_EQ(arrays.vector("momentum")(0), 0.75);
  const auto refused = [&](auto change) {
    NamedArrays broken = arrays;
    change(broken);
    EXPECT_THROW(hyperparameter_search_from_arrays(broken), FormatError);
  };
  refused([](auto& a) { a.set_scalar("best", 2, ""); });
  refused([](auto& a) { a.set_vector("decay", Vector::Zero(3), "candidate", ""); });
  refused([](auto& a) { a.attributes["termination"] = std::string("lost"); });
}

TEST(HyperparameterSearch, RefusesWhatIsOutOfRange) {
  const auto refused = [](auto change, const char* part) {
    HyperparameterSearchOptions options = few();
    change(options);
    EXPECT_THAT([&] { search_hyperparameters(*one_bit(), tiny(), options); },
                testing::ThrowsMessage<InvalidInput>(testing::HasSubstr(part)));
  };
  refused([](auto& o) { o.candidates = 0; }, "candidates: found 0");
  refused([](auto& o) { o.iterations = 0; }, "iterations: found 0");
  refused([](auto& o) { o.lowest_clip_norm = 0; }, "lowest_clip_norm");
  refused([](auto& o) { o.highest_learning_rate = 1e-6; }, "highest_learning_rate");
  refused([](auto& o) { o.highest_decay = 1.5; }, "highest_decay");
  refused([](auto& o) { o.highest_momentum = 1; }, "highest_momentum");
  refused([](auto& o) { o.lowest_momentum = std::nan(""); }, "lowest_momentum");
  HyperparameterSearch longer;
  longer.candidates.resize(7);
  EXPECT_THROW(search_hyperparameters(*one_bit(), tiny(), few(), {}, &longer), InvalidInput);
  HyperparameterSearch other;
  other.candidates.resize(1);
  other.candidates[0].hyperparameters = draw_hyperparameters({}, 0);
  EXPECT_THROW(search_hyperparameters(*one_bit(), tiny(), few(), {}, &other), InvalidInput);
}

}  // namespace
}  // namespace nullcline::training
