// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/flip_flop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"

namespace nullcline::tasks {
namespace {

FlipFlopOptions with_start(FlipFlopStart start) {
  FlipFlopOptions options;
  options.start = start;
  return options;
}

TEST(FlipFlop, HoldsTheLastPulse) {
  for (const FlipFlopStart start : {FlipFlopStart::zero, FlipFlopStart::pulse}) {
    const auto task = make_flip_flop(with_start(start));
    const TrialBatch batch = task->generate(20, 1, Purpose::tests, 0);
    ASSERT_EQ(batch.inputs.size(), 20u * 100 * 3);
    for (std::size_t trial = 0; trial < 20; ++trial)
      for (std::size_t bit = 0; bit < 3; ++bit) {
        double held = 0;
        for (std::size_t step = 0; step < 100; ++step) {
          const std::size_t at = (trial * 100 + step) * 3 + bit;
          if (batch.inputs[at] != 0) held = batch.inputs[at];
          EXPECT_EQ(batch.targets[at], held);
          EXPECT_EQ(batch.mask[at], 1);
          EXPECT_TRUE(batch.inputs[at] == 0 || std::abs(batch.inputs[at]) == 1);
          if (start == FlipFlopStart::pulse && step == 0) {
            EXPECT_NE(batch.inputs[at], 0);
          }
        }
      }
  }
}

// With a zero start the expected share of undefined targets is (1/T) sum (1-p)^t = 0.18887 at p =
// 0.05, T = 100.
TEST(FlipFlop, HasThePulseRateAndTheUndefinedShareOfTheory) {
  const auto task = make_flip_flop(with_start(FlipFlopStart::zero));
  const Index n_trials = 4000;
  const TrialBatch batch = task->generate(n_trials, 2, Purpose::tests, 0);
  double pulses = 0, positive = 0, undefined = 0;
  for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
    pulses += batch.inputs[i] != 0;
    positive += batch.inputs[i] > 0;
    undefined += batch.targets[i] == 0;
  }
  const double n = static_cast<double>(batch.inputs.size());
  EXPECT_NEAR(pulses / n, 0.05, 5 * std::sqrt(0.05 * 0.95 / n));
  EXPECT_NEAR(positive / pulses, 0.5, 5 * std::sqrt(0.25 / pulses));
  EXPECT_NEAR(undefined / n, 0.18887, 5 * 0.2 / std::sqrt(3.0 * n_trials));
}

TEST(FlipFlop, ATrialDoesNotDependOnHowBatchesAreSplit) {
  const auto task = make_flip_flop({});
  const TrialBatch all = task->generate(10, 3, Purpose::tests, 0);
  const TrialBatch tail = task->generate(4, 3, Purpose::tests, 6);
  EXPECT_TRUE(std::equal(tail.inputs.begin(), tail.inputs.end(), all.inputs.begin() + 6 * 300));
  EXPECT_NE(task->generate(10, 4, Purpose::tests, 0).inputs, all.inputs);
  EXPECT_NE(task->generate(10, 3, Purpose::validation_data, 0).inputs, all.inputs);
}

TEST(FlipFlop, AccuracyCountsDefinedBitsOnly) {
  FlipFlopOptions options = with_start(FlipFlopStart::zero);
  options.bits = 1;
  options.steps = 4;
  const auto task = make_flip_flop(options);
  TrialBatch batch = task->generate(1, 1, Purpose::tests, 0);
  batch.targets = {0, 1, 1, -1};
  EXPECT_DOUBLE_EQ(task->accuracy(batch, {5, 0.1, -0.1, -3}), 2.0 / 3);
  batch.targets = {0, 0, 0, 0};
  EXPECT_EQ(task->accuracy(batch, {1, 1, 1, 1}), 0);
}

TEST(FlipFlop, OptionsAreReadAndChecked) {
  FlipFlopOptions options;
  options.bits = 5;
  options.steps = 17;
  options.pulse_probability = 1;
  const auto task = make_flip_flop(options);
  EXPECT_EQ(task->name(), "flip-flop");
  EXPECT_EQ(task->n_inputs(), 5);
  EXPECT_EQ(task->n_outputs(), 5);
  EXPECT_EQ(task->n_steps(), 17);
  EXPECT_THAT(task->generate(1, 1, Purpose::tests, 0).inputs, ::testing::Each(::testing::Ne(0.0)));
  for (const double p : {-0.1, 1.1, std::nan("")}) {
    FlipFlopOptions bad;
    bad.pulse_probability = p;
    EXPECT_THROW(make_flip_flop(bad), InvalidInput);
  }
  for (const int bits : {0, 17}) {
    FlipFlopOptions bad;
    bad.bits = bits;
    EXPECT_THROW(make_flip_flop(bad), InvalidInput);
  }
  FlipFlopOptions bad;
  bad.steps = 0;
  EXPECT_THROW(make_flip_flop(bad), InvalidInput);
}

}  // namespace
}  // namespace nullcline::tasks
