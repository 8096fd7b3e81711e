// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/evolution/evolve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::evolution {
namespace {

// h' = tanh(w h + b): one point for w <= 1; for larger w a pitchfork at b = 0, a fold elsewhere.
models::Network unit(double w, double b) {
  models::Network net;
  net.recurrent_weights = Matrix::Constant(1, 1, w);
  net.input_weights = Matrix::Zero(1, 0);
  net.bias = Vector::Constant(1, b);
  net.readout_weights = Matrix::Zero(0, 1);
  net.readout_bias = Vector();
  net.initial_state = Vector::Zero(1);
  return net;
}

Training training(std::vector<double> steps, double w_first, double w_last, double b) {
  Training result;
  const double n = static_cast<double>(steps.size()) - 1;
  result.steps = std::move(steps);
  result.system_at = [=](double t) {
    return models::make_system(unit(w_first + (w_last - w_first) * t / n, b));
  };
  return result;
}

std::vector<std::size_t> counts(const Evolution& evolution) {
  std::vector<std::size_t> result;
  for (const Snapshot& snapshot : evolution.snapshots) result.push_back(snapshot.points.size());
  return result;
}

TEST(Evolve, APitchforkIsAChangeOfStabilityAndTwoBirths) {
  const Evolution found = evolve(training({0, 10, 20}, 0.5, 2.1, 0), Vector());
  EXPECT_THAT(counts(found), testing::ElementsAre(1, 3, 3));
  ASSERT_EQ(found.events.size(), 3U);
  const Event& change = found.events[0];
  EXPECT_EQ(change.type, EventType::stability);
  EXPECT_EQ(change.n_unstable_before, 0);
  EXPECT_EQ(change.n_unstable_after, 1);
  EXPECT_EQ(found.events[1].type, EventType::birth);
  EXPECT_EQ(found.events[1].partner, found.events[2].track);
  EXPECT_EQ(found.n_tracks, 3);
  EXPECT_EQ(found.snapshots[2].index_sum, 1);
}

// A fold of tanh: w (1 - h^2) = 1, so that h = -sqrt(1 - 1/w) and b = h_c - w h with h = tanh(h_c).
TEST(Evolve, AFoldIsABirthOfTwoAtTheRightStep) {
  const double w_fold = 1.5, h = -std::sqrt(1 - 1 / w_fold), b = std::atanh(h) - w_fold * h;
  const Evolution found = evolve(training({0, 100}, 1.0, 2.0, b), Vector());
  EXPECT_THAT(counts(found), testing::ElementsAre(1, 3));
  ASSERT_EQ(found.events.size(), 2U);
  for (const Event& event : found.events) {
    EXPECT_EQ(event.type, EventType::birth);
    EXPECT_NEAR(event.step, 50, 0.5);
  }
  EXPECT_EQ(found.events[0].partner, found.events[1].track);
  EXPECT_EQ(found.snapshots[1].completeness, fixed_points::Completeness::statistical);
}

TEST(Evolve, TheSameBackwardsIsTwoDeaths) {
  const double w_fold = 1.5, h = -std::sqrt(1 - 1 / w_fold), b = std::atanh(h) - w_fold * h;
  const Evolution found = evolve(training({0, 100}, 2.0, 1.0, b), Vector());
  EXPECT_THAT(counts(found), testing::ElementsAre(3, 1));
  ASSERT_EQ(found.events.size(), 2U);
  EXPECT_EQ(found.events[0].type, EventType::death);
  EXPECT_NEAR(found.events[0].step, 50, 0.5);
}

TEST(Evolve, NothingHappensWhereWeightsStay) {
  const Evolution found = evolve(training({0, 1, 2}, 2, 2, 0.1), Vector());
  EXPECT_TRUE(found.events.empty());
  EXPECT_EQ(found.n_tracks, 3);
}

// No search at all after the first: the points come from their neighbors.
TEST(Evolve, WarmStartsCarryThePoints) {
  EvolutionOptions options;
  options.starts = 0;
  options.visited = 0;
  Training only_last = training({0, 1}, 2, 2.2, 0);
  only_last.visited = [](std::size_t k) {
    return k == 0 ? Matrix(Matrix::Constant(1, 1, 0.9)) : Matrix(0, 1);
  };
  options.visited = 1;
  const Evolution found = evolve(only_last, Vector(), options);
  ASSERT_GE(found.snapshots[1].points.size(), found.snapshots[0].points.size());
}

TEST(Evolve, DoesNotDependOnTheNumberOfThreads) {
  set_n_threads(1);
  const NamedArrays one = to_arrays(evolve(training({0, 1, 2}, 0.5, 3, 0.05), Vector()));
  set_n_threads(2);
  const NamedArrays two = to_arrays(evolve(training({0, 1, 2}, 0.5, 3, 0.05), Vector()));
  set_n_threads(0);
  EXPECT_EQ(one.values("states"), two.values("states"));
  EXPECT_EQ(one.integers("track"), two.integers("track"));
}

TEST(Evolve, ArraysReadBack) {
  const Evolution found = evolve(training({0, 10}, 0.5, 2, 0), Vector());
  const Evolution again = evolution_from_arrays(to_arrays(found));
  EXPECT_EQ(again.n_tracks, found.n_tracks);
  ASSERT_EQ(again.events.size(), found.events.size());
  EXPECT_EQ(again.events[1].partner, found.events[1].partner);
  EXPECT_EQ(again.snapshots[1].points[2].state, found.snapshots[1].points[2].state);
  NamedArrays damaged = to_arrays(found);
  damaged.set_integers("track", {0}, "point", "too few");
  EXPECT_THROW(evolution_from_arrays(damaged), FormatError);
}

TEST(Evolve, RefusesWhatDoesNotFit) {
  EvolutionOptions options;
  options.iterations = 0;
  EXPECT_THROW(evolve(training({0, 1}, 1, 2, 0), Vector(), options), InvalidInput);
  EXPECT_THROW(evolve(training({1, 0}, 1, 2, 0), Vector()), InvalidInput);
  EXPECT_THROW(evolve(training({0, 1}, 1, 2, 0), Vector::Zero(1)), InvalidInput);
  EXPECT_THROW(evolve(Training(), Vector()), InvalidInput);
}

TEST(Evolve, StopsWhenAsked) {
  const Evolution found =
      evolve(training({0, 1}, 1, 2, 0), Vector(), {}, [](const ProgressUpdate&) { return false; });
  EXPECT_TRUE(found.interrupted);
}

}  // namespace
}  // namespace nullcline::evolution
