// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/sine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::tasks {
namespace {

std::vector<double> targets_of(const TrialBatch& batch, Index trial) {
  const auto first = batch.targets.begin() + trial * batch.n_steps;
  return {first, first + batch.n_steps};
}

int rising_zeros(const std::vector<double>& y) {
  int n = 0;
  for (std::size_t t = 1; t < y.size(); ++t) n += y[t - 1] < -1e-9 && y[t] >= -1e-9;
  return n;
}

// Command 0 has a period of 100 steps, command 1 one of 20.
TEST(Sine, TheLowestAndHighestCommandsHaveTheirPeriods) {
  const TrialBatch batch = make_sine({})->probe(2, 0);
  ASSERT_EQ(batch.n_steps, 500);
  const std::vector<double> slow = targets_of(batch, 0), fast = targets_of(batch, 1);
  EXPECT_EQ(batch.inputs.front(), 0);
  EXPECT_EQ(batch.inputs.back(), 1);
  EXPECT_EQ(slow[0], 0) << "the phase starts at 0";
  EXPECT_NEAR(slow[25], 1, 1e-12);
  EXPECT_NEAR(slow[50], 0, 1e-12);
  EXPECT_NEAR(slow[75], -1, 1e-12);
  EXPECT_NEAR(slow[425], 1, 1e-12);
  EXPECT_NEAR(fast[5], 1, 1e-12);
  EXPECT_NEAR(fast[15], -1, 1e-12);
  EXPECT_EQ(rising_zeros(slow), 4) << "five cycles, the last of which ends after the trial";
  EXPECT_EQ(rising_zeros(fast), 24);
}

TEST(Sine, TheFrequencyRisesLinearlyWithTheCommand) {
  EXPECT_DOUBLE_EQ(frequency_of_command({}, 0.5), 0.03);
  SineOptions options;
  options.lowest_frequency = 0.1;
  options.highest_frequency = 0.2;
  options.steps = 11;
  EXPECT_DOUBLE_EQ(frequency_of_command(options, 0.25), 0.125);
  const TrialBatch batch = make_sine(options)->probe(5, 3);
  EXPECT_THAT(targets_of(batch, 1)[2], testing::DoubleNear(1, 1e-12)) << "sin(2 pi 0.125 2)";
  EXPECT_EQ(batch.n_steps, 11);
}

TEST(Sine, CommandsAreUniformAndHeldThroughTheTrial) {
  SineOptions options;
  options.steps = 3;
  const Index n_trials = 4000;
  const TrialBatch batch = make_sine(options)->generate(n_trials, 1, Purpose::tests, 0);
  double mean = 0, square = 0;
  for (std::size_t trial = 0; trial < 4000; ++trial) {
    const double command = batch.inputs[3 * trial];
    ASSERT_TRUE(command >= 0 && command < 1);
    EXPECT_EQ(batch.inputs[3 * trial + 2], command);
    mean += command / 4000;
    square += command * command / 4000;
  }
  EXPECT_NEAR(mean, 1.0 / 2, 5 * std::sqrt(1.0 / 12 / n_trials));
  EXPECT_NEAR(square, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / n_trials));
  EXPECT_THAT(batch.mask, testing::Each(1.0));
}

TEST(Sine, TrialsDependOnTheirOwnStreamAlone) {
  const auto task = make_sine({});
  const TrialBatch all = task->generate(10, 3, Purpose::tests, 0);
  const TrialBatch tail = task->generate(4, 3, Purpose::tests, 6);
  EXPECT_TRUE(std::equal(tail.inputs.begin(), tail.inputs.end(), all.inputs.begin() + 6 * 500));
  EXPECT_NE(task->generate(10, 4, Purpose::tests, 0).inputs, all.inputs);
  EXPECT_NE(task->generate(10, 3, Purpose::validation_data, 0).inputs, all.inputs);
}

TEST(Sine, ProbesAreEvenlySpacedCommandsWhateverTheSeed) {
  SineOptions options;
  options.steps = 1;
  const auto task = make_sine(options);
  EXPECT_THAT(task->probe(5, 1).inputs, testing::ElementsAre(0, 0.25, 0.5, 0.75, 1));
  EXPECT_EQ(task->probe(5, 2).inputs, task->probe(5, 1).inputs);
  EXPECT_THAT(task->probe(1, 1).inputs, testing::ElementsAre(0.5));
}

// A sine of amplitude a explains 1 - (1 - a)^2 of a sine; silence and opposite phase explain
// nothing.
TEST(Sine, AccuracyIsTheExplainedVariance) {
  const auto task = make_sine({});
  const TrialBatch batch = task->probe(2, 0);
  std::vector<double> outputs = batch.targets;
  EXPECT_EQ(task->accuracy(batch, outputs), 1);
  for (double& y : outputs) y *= 0.9;
  EXPECT_NEAR(task->accuracy(batch, outputs), 0.99, 1e-12);
  for (double& y : outputs) y *= -1;
  EXPECT_EQ(task->accuracy(batch, outputs), 0);
}

TEST(Sine, RefusesWhatIsOutOfRange) {
  const auto refused = [](auto change, const char* part) {
    SineOptions options;
    change(options);
    EXPECT_THAT([&] { make_sine(options); },
                testing::ThrowsMessage<InvalidInput>(testing::HasSubstr(part)));
  };
  refused([](auto& o) { o.steps = 0; }, "steps: found 0");
  refused([](auto& o) { o.lowest_frequency = 0; }, "lowest_frequency: found 0");
  refused([](auto& o) { o.lowest_frequency = std::nan(""); }, "lowest_frequency: found nan");
  refused([](auto& o) { o.highest_frequency = 0.001; }, "highest_frequency: found 0.001");
  refused([](auto& o) { o.highest_frequency = 0.6; }, "highest_frequency: found 0.6");
}

}  // namespace
}  // namespace nullcline::tasks
