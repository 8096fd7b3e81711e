// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/context_integration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::tasks {
namespace {

std::size_t context_of(const TrialBatch& batch, std::size_t trial) {
  const auto width = static_cast<std::size_t>(batch.n_inputs);
  const double* inputs =
      batch.inputs.data() + trial * static_cast<std::size_t>(batch.n_steps) * width + width / 2;
  return static_cast<std::size_t>(std::max_element(inputs, inputs + width / 2) - inputs);
}

TEST(ContextIntegration, TheTargetIsTheSumOfTheStreamThatTheContextNames) {
  for (const int streams : {1, 2, 3}) {
    ContextIntegrationOptions options;
    options.streams = streams;
    const TrialBatch batch = make_context_integration(options)->generate(12, 1, Purpose::tests, 0);
    const auto k = static_cast<std::size_t>(streams);
    ASSERT_EQ(batch.inputs.size(), 12u * 30 * 2 * k);
    ASSERT_EQ(batch.targets.size(), 12u * 30);
    for (std::size_t trial = 0; trial < 12; ++trial) {
      const std::size_t context = context_of(batch, trial);
      double sum = 0;
      for (std::size_t step = 0; step < 30; ++step) {
        const double* inputs = batch.inputs.data() + (trial * 30 + step) * 2 * k;
        for (std::size_t cue = 0; cue < k; ++cue)
          EXPECT_EQ(inputs[k + cue], cue == context ? 1 : 0) << "one-hot at every step";
        sum += inputs[context];
        EXPECT_DOUBLE_EQ(batch.targets[trial * 30 + step], sum);
      }
    }
  }
}

// After t steps the target is t mu + noise, so that Var = t^2 / 3 + t: 4/3 at t = 1, 330 at t = 30,
// with mean 0; averaged over the 30 steps, 120.6. Fourth moments (uniform and normal) give the
// standard error of the sample variance at t = 30.
TEST(ContextIntegration, TheVarianceOfTheTargetIsThatOfTheory) {
  const std::size_t n = 20000;
  const TrialBatch batch = make_context_integration({})->generate(n, 2, Purpose::tests, 0);
  const auto variance_after = [&](std::size_t t) {
    double square = 0;
    for (std::size_t i = 0; i < n; ++i)
      square += batch.targets[i * 30 + t - 1] * batch.targets[i * 30 + t - 1] / n;
    return square;
  };
  EXPECT_NEAR(variance_after(1), 4.0 / 3, 5 * 1.8 / std::sqrt(n));
  const double fourth = std::pow(30, 4) / 5 + 6 * 300 * 30 + 3 * 900;
  EXPECT_NEAR(variance_after(30), 330, 5 * std::sqrt((fourth - 330 * 330) / n));
  double mean = 0;
  for (std::size_t t = 1; t <= 30; ++t) mean += variance_after(t) / 30;
  EXPECT_NEAR(mean, 120.5556, 5);
}

TEST(ContextIntegration, ContextsAreEquallyLikelyAndStreamsIndependent) {
  const std::size_t n = 10000;
  const TrialBatch batch = make_context_integration({})->generate(n, 3, Purpose::tests, 0);
  double first = 0, product = 0;
  for (std::size_t trial = 0; trial < n; ++trial) {
    first += context_of(batch, trial) == 0;
    product += batch.inputs[trial * 120] * batch.inputs[trial * 120 + 1] / n;
  }
  EXPECT_NEAR(first / n, 0.5, 5 * 0.5 / std::sqrt(n));
  EXPECT_NEAR(product, 0, 5 * (4.0 / 3) / std::sqrt(n));
}

TEST(ContextIntegration, MeanRangeAndNoiseAreWhatTheySay) {
  ContextIntegrationOptions options;
  options.noise = 0;
  options.mean_range = 0.5;
  options.steps = 4;
  const TrialBatch batch = make_context_integration(options)->generate(50, 1, Purpose::tests, 0);
  double largest = 0;
  for (std::size_t trial = 0; trial < 50; ++trial) {
    EXPECT_DOUBLE_EQ(batch.targets[4 * trial + 3], 4 * batch.targets[4 * trial]);
    largest = std::max(largest, std::abs(batch.targets[4 * trial]));
  }
  EXPECT_LE(largest, 0.5);
  EXPECT_GT(largest, 0.4);
}

TEST(ContextIntegration, ProbesGradeTheRelevantStreamInEveryContext) {
  ContextIntegrationOptions options;
  options.noise = 0;
  options.mean_range = 2;
  options.steps = 1;
  const auto task = make_context_integration(options);
  const TrialBatch batch = task->probe(10, 7);
  EXPECT_THAT(batch.targets, testing::ElementsAre(-2, -2, -1, -1, 0, 0, 1, 1, 2, 2));
  for (std::size_t trial = 0; trial < 10; ++trial) EXPECT_EQ(context_of(batch, trial), trial % 2);
  EXPECT_EQ(task->probe(10, 7).inputs, batch.inputs);
  EXPECT_NE(task->probe(10, 8).inputs, batch.inputs) << "the irrelevant stream is drawn";
  EXPECT_THAT(task->probe(2, 7).targets, testing::ElementsAre(0, 0));
  EXPECT_THAT(task->probe(3, 7).targets, testing::ElementsAre(-2, 0, 2));
}

TEST(ContextIntegration, AContextIsAnalysedAtItsCueWithoutNoise) {
  Matrix expected(2, 4);
  expected << 0, 0, 1, 0, 0, 0, 0, 1;
  EXPECT_EQ(context_inputs({}), expected);
}

TEST(ContextIntegration, TrialsDependOnTheirOwnStreamAlone) {
  const auto task = make_context_integration({});
  const TrialBatch all = task->generate(10, 3, Purpose::tests, 0);
  const TrialBatch tail = task->generate(4, 3, Purpose::tests, 6);
  EXPECT_TRUE(std::equal(tail.inputs.begin(), tail.inputs.end(), all.inputs.begin() + 6 * 120));
  EXPECT_NE(task->generate(10, 4, Purpose::tests, 0).inputs, all.inputs);
  EXPECT_NE(task->generate(10, 3, Purpose::validation_data, 0).inputs, all.inputs);
}

TEST(ContextIntegration, AccuracyIsTheExplainedVariance) {
  const auto task = make_context_integration({});
  TrialBatch batch = task->generate(1, 1, Purpose::tests, 0);
  std::fill(batch.targets.begin(), batch.targets.end(), 0.0);
  batch.targets[0] = 30;  // mean 1, sum of squares about it 900 - 30 = 870
  std::vector<double> outputs = batch.targets;
  EXPECT_EQ(task->accuracy(batch, outputs), 1);
  outputs[1] = 87;
  EXPECT_EQ(task->accuracy(batch, outputs), 0);
  outputs[1] = std::sqrt(87);
  EXPECT_NEAR(task->accuracy(batch, outputs), 0.9, 1e-12);
}

TEST(ContextIntegration, RefusesWhatIsOutOfRange) {
  const auto refused = [](auto change, const char* part) {
    ContextIntegrationOptions options;
    change(options);
    EXPECT_THAT([&] { make_context_integration(options); },
                testing::ThrowsMessage<InvalidInput>(testing::HasSubstr(part)));
  };
  refused([](auto& o) { o.streams = 0; }, "streams: found 0");
  refused([](auto& o) { o.streams = 17; }, "streams: found 17, expected 1 to 16");
  refused([](auto& o) { o.steps = 0; }, "steps: found 0");
  refused([](auto& o) { o.mean_range = -1; }, "mean_range: found -1");
  refused([](auto& o) { o.noise = std::nan(""); }, "noise: found nan");
}

}  // namespace
}  // namespace nullcline::tasks
