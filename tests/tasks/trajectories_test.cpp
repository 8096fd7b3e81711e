// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/tasks/trajectories.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/tasks/task_choice.hpp"

namespace nullcline::tasks {
namespace {

std::unique_ptr<Task> task_of(const char* model, const TrajectoryOptions& options) {
  return make_trajectories("test", interchange::Model::parse(model, "test").make_system(), options);
}

const PlanarSystem& planar(const std::string& name) {
  for (const PlanarSystem& system : planar_systems())
    if (system.name == name) return system;
  throw InvalidInput(name);
}

TrajectoryOptions noiseless(const std::string& name) {
  TrajectoryOptions options = planar(name).options;
  options.observation_noise = 0;
  options.input_noise.clear();
  return options;
}

constexpr const char* kDecay = "[system.ode]\nx = \"-x\"\ny = \"-2*y\"\n";

TrajectoryOptions small_box() {
  TrajectoryOptions options;
  options.start_box = {{-1, 1}, {2, 3}};
  return options;
}

double value(const std::vector<double>& array, const TrialBatch& batch, Index trial, Index step,
             Index k) {
  return array[static_cast<std::size_t>((trial * batch.n_steps + step) * batch.n_inputs + k)];
}

TEST(Trajectories, OneObservationIsTheOnlyInputAndLaterOnesAreTheTargets) {
  const auto task = task_of(kDecay, small_box());
  const TrialBatch batch = task->generate(5, 1, Purpose::tests, 0);
  ASSERT_EQ(batch.n_steps, 29);
  for (Index trial = 0; trial < 5; ++trial) {
    const double x = value(batch.inputs, batch, trial, 0, 0);
    const double y = value(batch.inputs, batch, trial, 0, 1);
    EXPECT_TRUE(x >= -1 && x <= 1 && y >= 2 && y <= 3);
    for (Index step = 0; step < 29; ++step) {
      const double time = 0.1 * static_cast<double>(step + 1);
      EXPECT_NEAR(value(batch.targets, batch, trial, step, 0), x * std::exp(-time), 1e-9);
      EXPECT_NEAR(value(batch.targets, batch, trial, step, 1), y * std::exp(-2 * time), 1e-8);
      if (step == 0) continue;
      EXPECT_EQ(value(batch.inputs, batch, trial, step, 0), 0);
      EXPECT_EQ(value(batch.inputs, batch, trial, step, 1), 0);
    }
  }
}

// The ring in polar coordinates: r' = (1 - r^2) r, so r^-2 - 1 decays as exp(-2 t); the angle
// stays.
TEST(Trajectories, TheRingAttractorFollowsItsExactSolution) {
  const auto task = task_of(planar("ring-attractor").model.c_str(), noiseless("ring-attractor"));
  const TrialBatch batch = task->generate(20, 2, Purpose::tests, 0);
  for (Index trial = 0; trial < 20; ++trial) {
    const double x = value(batch.inputs, batch, trial, 0, 0);
    const double y = value(batch.inputs, batch, trial, 0, 1);
    const double start = x * x + y * y;
    const double r = 1 / std::sqrt(1 + (1 / start - 1) * std::exp(-2 * 2.9)) / std::sqrt(start);
    EXPECT_NEAR(value(batch.targets, batch, trial, 28, 0), r * x, 1e-6);
    EXPECT_NEAR(value(batch.targets, batch, trial, 28, 1), r * y, 1e-6);
  }
}

TEST(Trajectories, TheLineAttractorKeepsItsSecondCoordinate) {
  const auto task = task_of(planar("line-attractor").model.c_str(), noiseless("line-attractor"));
  const TrialBatch batch = task->generate(10, 3, Purpose::tests, 0);
  for (Index trial = 0; trial < 10; ++trial)
    EXPECT_EQ(value(batch.targets, batch, trial, 28, 1), value(batch.inputs, batch, trial, 0, 1));
}

// Computed with SciPy 1.10 (DOP853, rtol 1e-12) from (1, 0.5) at I = 0.7.
TEST(Trajectories, FitzHughAndNagumoAgreeWithAnotherIntegrator) {
  TrajectoryOptions options = noiseless("fitzhugh-nagumo");
  options.start_box = {{1, 1}, {0.5, 0.5}};
  options.substeps = 100;
  const auto task = task_of(planar("fitzhugh-nagumo").model.c_str(), options);
  const TrialBatch batch = task->generate(1, 1, Purpose::tests, 0);
  EXPECT_NEAR(value(batch.targets, batch, 0, 0, 0), 1.676151158488, 1e-8);
  EXPECT_NEAR(value(batch.targets, batch, 0, 0, 1), 0.672854152049, 1e-8);
  EXPECT_NEAR(value(batch.targets, batch, 0, 28, 0), 1.821634717916, 1e-6);
  EXPECT_NEAR(value(batch.targets, batch, 0, 28, 1), 0.575493622904, 1e-6);
}

TEST(Trajectories, ObservationNoiseHasItsVarianceAndProcessNoiseAccumulates) {
  TrajectoryOptions options = small_box();
  options.start_box = {{0, 0}, {0, 0}};
  options.observation_noise = 0.5;
  const TrialBatch seen = task_of(kDecay, options)->generate(2000, 1, Purpose::tests, 0);
  double square = 0;
  for (const double target : seen.targets) square += target * target;
  EXPECT_NEAR(square / static_cast<double>(seen.targets.size()), 0.25, 0.01);

  options.observation_noise = 0;
  options.process_noise = 0.5;
  options.steps = 60;
  const TrialBatch moved = task_of(kDecay, options)->generate(4000, 1, Purpose::tests, 0);
  double late = 0;
  for (Index trial = 0; trial < 4000; ++trial) {
    const double x = value(moved.targets, moved, trial, 59, 0);
    late += x * x / 4000;
  }
  EXPECT_NEAR(late, 0.125, 0.015);  // of the Ornstein-Uhlenbeck process: 0.5^2 / 2
  EXPECT_EQ(value(moved.inputs, moved, 0, 0, 0), 0);
}

TEST(Trajectories, TheHeldInputIsDrawnOnceForEachTrajectory) {
  TrajectoryOptions options;
  options.start_box = {{0, 0}};
  options.input_mean = {2};
  options.input_noise = {0.1};
  options.steps = 100;
  const auto task = task_of("[system]\ninputs = [\"I\"]\n[system.ode]\nx = \"I - x\"\n", options);
  const TrialBatch batch = task->generate(500, 1, Purpose::tests, 0);
  double mean = 0, square = 0;
  for (Index trial = 0; trial < 500; ++trial) {
    const double end = value(batch.targets, batch, trial, 99, 0) / (1 - std::exp(-10.0));
    mean += end / 500;
    square += (end - 2) * (end - 2) / 500;
  }
  EXPECT_NEAR(mean, 2, 0.03);
  EXPECT_NEAR(square, 0.01, 0.003);
}

TEST(Trajectories, OfAMapTheIntervalCountsSteps) {
  TrajectoryOptions options;
  options.start_box = {{1, 1}};
  options.interval = 3;
  options.steps = 2;
  const char* const halving = "[system]\nmap = {x = \"x/2\"}\n[box]\nx = [-1, 1]\n";
  const TrialBatch batch = task_of(halving, options)->generate(1, 1, Purpose::tests, 0);
  EXPECT_EQ(batch.targets, (std::vector<double>{0.125, 0.015625}));
  options.interval = 0.5;
  EXPECT_THROW(task_of(halving, options), InvalidInput);
}

TEST(Trajectories, TheBoxOfTheModelIsTheDefault) {
  const auto task = task_of("[system]\nmap = {x = \"x/2\"}\n[box]\nx = [5, 6]\n", [] {
    TrajectoryOptions options;
    options.interval = 1;
    return options;
  }());
  EXPECT_GE(task->generate(1, 1, Purpose::tests, 0).inputs[0], 5);
  EXPECT_THROW(task_of(kDecay, {}), InvalidInput);  // it has none
}

TEST(Trajectories, AccuracyIsTheShareOfVarianceThatIsExplained) {
  const auto task = task_of(kDecay, small_box());
  const TrialBatch batch = task->generate(50, 1, Purpose::tests, 0);
  EXPECT_EQ(task->accuracy(batch, batch.targets), 1);
  EXPECT_EQ(task->accuracy(batch, std::vector<double>(batch.targets.size(), 100.0)), 0);
  std::vector<double> outputs = batch.targets;
  for (double& output : outputs) output += 0.1;
  const double accuracy = task->accuracy(batch, outputs);
  EXPECT_GT(accuracy, 0.9);
  EXPECT_LT(accuracy, 1);
}

void expect_refusal(const std::function<void()>& call, const std::string& part) {
  try {
    call();
    ADD_FAILURE() << part;
  } catch (const InvalidInput& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(part));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
  }
}

TEST(Trajectories, AnEquationThatBlowsUpIsOneLine) {
  TrajectoryOptions options;
  options.start_box = {{1, 1}};
  const auto task = task_of("[system.ode]\nx = \"x^2\"\n", options);
  expect_refusal([&] { task->generate(1, 1, Purpose::tests, 0); },
                 "test: the trajectory from (1) leaves 1e+06 by observation 1");
}

TEST(Trajectories, RefusesOptionsThatDoNotFit) {
  const auto with = [](auto change) {
    TrajectoryOptions options = small_box();
    change(options);
    return [options] { task_of(kDecay, options); };
  };
  expect_refusal(with([](auto& o) { o.steps = 0; }), "steps: found 0");
  expect_refusal(with([](auto& o) { o.trajectories = 0; }), "trajectories: found 0");
  expect_refusal(with([](auto& o) { o.interval = 0; }), "interval: found 0");
  expect_refusal(with([](auto& o) { o.substeps = 0; }), "substeps: found 0");
  expect_refusal(with([](auto& o) { o.observation_noise = -1; }), "observation_noise: found -1");
  expect_refusal(with([](auto& o) { o.process_noise = -1; }), "process_noise: found -1");
  expect_refusal(with([](auto& o) { o.start_box = {{0, 1}}; }), "start_box: found 1");
  expect_refusal(with([](auto& o) { o.start_box = {{1, 0}, {0, 1}}; }), "start_box: found 1,0");
  expect_refusal(with([](auto& o) { o.input_mean = {1}; }), "input_mean: found 1");
  expect_refusal([] { make_model_trajectories({}); }, "model: found none");
}

TEST(Trajectories, TheNamedSystemsAreTasks) {
  for (const PlanarSystem& system : planar_systems()) {
    const auto task = choose_task(system.name).make();
    EXPECT_EQ(task->name(), system.name);
    EXPECT_EQ(task->n_training_trials(), 667);
    EXPECT_EQ(task->generate(3, 1, Purpose::tests, 0).targets.size(), 3u * 29 * 2);
  }
}

}  // namespace
}  // namespace nullcline::tasks
