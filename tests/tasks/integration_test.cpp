// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/integration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::tasks {
namespace {

IntegrationOptions options_of(int channels, double discount, DiscountReading reading) {
  IntegrationOptions options;
  options.channels = channels;
  options.steps = 40;
  options.discount = discount;
  options.reading = reading;
  return options;
}

// The sum at each step, computed anew from all inputs before it.
double sum_until(const TrialBatch& batch, Index trial, Index channel, Index last, double discount,
                 DiscountReading reading) {
  double sum = 0;
  for (Index t = 0; t <= last; ++t) {
    const auto at =
        static_cast<std::size_t>((trial * batch.n_steps + t) * batch.n_inputs + channel);
    const auto power = static_cast<double>(reading == DiscountReading::printed ? t : last - t);
    sum += std::pow(discount, power) * batch.inputs[at];
  }
  return sum;
}

TEST(Integration, TheTargetIsTheSignOfTheSumInBothReadings) {
  for (const DiscountReading reading : {DiscountReading::printed, DiscountReading::leaky})
    for (const double discount : {1.0, 0.8})
      for (const int channels : {1, 3}) {
        const auto task = make_integration(options_of(channels, discount, reading));
        const TrialBatch batch = task->generate(6, 1, Purpose::tests, 0);
        ASSERT_EQ(batch.targets.size(), 6u * 40 * static_cast<std::size_t>(channels));
        for (Index trial = 0; trial < 6; ++trial)
          for (Index step = 0; step < 40; ++step)
            for (Index k = 0; k < channels; ++k) {
              const auto at = static_cast<std::size_t>((trial * 40 + step) * channels + k);
              const double sum = sum_until(batch, trial, k, step, discount, reading);
              EXPECT_EQ(batch.targets[at], sum > 0 ? 1 : -1);
              EXPECT_EQ(batch.mask[at], 1);
            }
      }
}

TEST(Integration, TheReadingsDifferBelowADiscountOfOneAlone) {
  const auto targets = [](double discount, DiscountReading reading) {
    return make_integration(options_of(1, discount, reading))
        ->generate(20, 2, Purpose::tests, 0)
        .targets;
  };
  EXPECT_EQ(targets(1, DiscountReading::printed), targets(1, DiscountReading::leaky));
  EXPECT_NE(targets(0.8, DiscountReading::printed), targets(0.8, DiscountReading::leaky));
}

TEST(Integration, TheNoiseIsStandardNormal) {
  const TrialBatch batch = make_integration(options_of(3, 1, DiscountReading::printed))
                               ->generate(500, 3, Purpose::tests, 0);
  double mean = 0, square = 0;
  const auto n = static_cast<double>(batch.inputs.size());
  for (const double x : batch.inputs) {
    mean += x / n;
    square += x * x / n;
  }
  EXPECT_NEAR(mean, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(square, 1, 5 * std::sqrt(2 / n));
}

TEST(Integration, ATrialDoesNotDependOnHowBatchesAreSplit) {
  const auto task = make_integration(options_of(2, 1, DiscountReading::printed));
  const TrialBatch all = task->generate(10, 3, Purpose::tests, 0);
  const TrialBatch tail = task->generate(4, 3, Purpose::tests, 6);
  EXPECT_TRUE(std::equal(tail.inputs.begin(), tail.inputs.end(), all.inputs.begin() + 6 * 80));
  EXPECT_NE(task->generate(10, 4, Purpose::tests, 0).inputs, all.inputs);
}

TEST(Integration, AccuracyIsTheShareOfRightSigns) {
  const auto task = make_integration(options_of(1, 1, DiscountReading::printed));
  const TrialBatch batch = task->generate(1, 4, Purpose::tests, 0);
  std::vector<double> outputs = batch.targets;
  EXPECT_EQ(task->accuracy(batch, outputs), 1);
  for (std::size_t i = 0; i < 10; ++i) outputs[i] *= -1;
  EXPECT_EQ(task->accuracy(batch, outputs), 0.75);
  EXPECT_EQ(task->n_training_trials(), 0);
}

TEST(Integration, RefusesWhatIsOutOfRange) {
  const auto refused = [](const IntegrationOptions& options, const char* part) {
    try {
      make_integration(options);
      ADD_FAILURE() << part;
    } catch (const InvalidInput& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(part));
    }
  };
  refused(options_of(0, 1, DiscountReading::printed), "channels: found 0");
  refused(options_of(17, 1, DiscountReading::printed), "channels: found 17, expected 1 to 16");
  refused(options_of(1, 1.5, DiscountReading::leaky), "discount: found 1.5");
  refused(options_of(1, std::nan(""), DiscountReading::leaky), "discount: found nan");
  IntegrationOptions none;
  none.steps = 0;
  refused(none, "steps: found 0");
}

}  // namespace
}  // namespace nullcline::tasks
