// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/force.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/tasks/pulse_flip_flop.hpp"

namespace nullcline::training {
namespace {

using models::EchoState;

// A run of 400 steps of 40 units that was computed beside the project, after Jang's programs.
struct Reference {
  NamedArrays arrays = io::read_npz(std::string(NULLCLINE_TEST_DATA) + "/force/force_N40_tanh.npz");
  Matrix matrix(const std::string& name) const { return arrays.matrix(name); }
  Vector vector(const std::string& name) const { return arrays.vector(name); }

  EchoState network() const {
    EchoState net;
    net.recurrent_weights = matrix("Wr");
    net.feedback_weights = matrix("Wfb");
    net.input_weights = matrix("B");
    net.readout_weights = matrix("Wo0");
    net.initial_state = vector("x0");
    net.tau = 10;
    return net;
  }
  Matrix inputs() const { return matrix("u").transpose(); }
  Matrix targets() const { return matrix("target").transpose(); }
};

ForceOptions reference_options() {
  ForceOptions options;
  options.units = 40;
  options.snapshot_every = 0;
  return options;
}

double distance(const Matrix& a, const Matrix& b) { return (a - b).cwiseAbs().maxCoeff(); }

TEST(Force, FollowsTheReferenceStepByStep) {
  const Reference reference;
  const ForceResult result = train_force(reference.network(), reference.inputs(),
                                         reference.targets(), reference_options());
  EXPECT_EQ(result.termination, Termination::max_iterations);
  EXPECT_EQ(result.steps, 400);
  EXPECT_LT(distance(result.outputs, reference.matrix("Z").transpose()), 1e-10);
  EXPECT_LT(distance(result.network.readout_weights, reference.matrix("Wo_T")), 1e-10);
  EXPECT_LT(distance(result.network.initial_state, reference.vector("x_T")), 1e-10);
  const Vector errors = reference.vector("mse");
  ASSERT_EQ(result.error.size(), static_cast<std::size_t>(errors.size()));
  for (std::size_t i = 0; i < result.error.size(); ++i) {
    EXPECT_NEAR(result.error[i], errors(static_cast<Index>(i)), 1e-10);
    EXPECT_EQ(result.update_steps[i], 2 * static_cast<int>(i) + 2);
  }
}

TEST(Force, HasTheReferencesStatesOnTheWay) {
  const Reference reference;
  for (const int step : {1, 2, 4, 10, 100, 400}) {
    const ForceResult result = train_force(reference.network(), reference.inputs().topRows(step),
                                           reference.targets().topRows(step), reference_options());
    const std::string name = "s" + std::to_string(step);
    EXPECT_LT(distance(result.network.initial_state, reference.vector(name + "_x")), 1e-10);
    EXPECT_LT(distance(result.network.readout_weights, reference.matrix(name + "_Wo")), 1e-10);
  }
}

TEST(Force, RunsTheClosedLoopAsTheReferenceDoes) {
  const Reference reference;
  EchoState net = reference.network();
  net.readout_weights = reference.matrix("Wo_T");
  const Matrix expected = reference.matrix("Z_test_same_input").transpose();
  // Its loop begins at the second step, and leaves the first output at 0.
  const Matrix found = run_echo_state(net, reference.inputs().bottomRows(399));
  EXPECT_LT(distance(found, expected.bottomRows(399)), 1e-10);
}

TEST(EchoState, FoldedFeedbackIsTheSameSystem) {
  const Reference reference;
  EchoState net = reference.network();
  net.readout_weights = reference.matrix("Wo_T");
  const models::Network folded = models::fold_feedback(net);
  const auto map = models::make_system(folded);
  const auto flow = models::make_system(folded, dynamics::Time::continuous);
  const Vector x = reference.vector("x_T"), none = Vector::Zero(3);
  // The reference has F = -x + W_c r(x), which is tau dx/dt.
  EXPECT_LT(distance(10 * dynamics::evaluate_at(*flow, x, none), reference.vector("F_at_xT")),
            1e-12);
  EXPECT_LT(distance(10 * dynamics::jacobian_at(*flow, x, none), reference.matrix("J_at_xT")),
            1e-12);
  EXPECT_LT(distance(10 * (dynamics::evaluate_at(*map, x, none) - x), reference.vector("F_at_xT")),
            1e-12);
  const Matrix inputs = reference.inputs();
  const Matrix states =
      dynamics::simulate(*map, {inputs.data(), static_cast<std::size_t>(inputs.size())}, 1,
                         inputs.rows(), Matrix(net.initial_state.transpose()));
  const Matrix outputs = run_echo_state(net, inputs);
  EXPECT_LT(distance(models::readout(folded, states).topRows(399), outputs.bottomRows(399)), 1e-10);
}

TEST(EchoState, LogisticRatesToo) {
  ForceOptions options;
  options.units = 12;
  options.activation = models::Activation::logistic;
  EchoState net = make_echo_state(options, 2, 1);
  Rng rng(3, Purpose::tests);
  for (double& w : net.readout_weights.reshaped()) w = rng.normal();
  const auto flow = models::make_system(models::fold_feedback(net), dynamics::Time::continuous);
  const Vector u{{0.3, -1}};
  const Vector x = net.initial_state;
  const Vector r = (1 / (1 + (-x.array()).exp())).matrix();
  const Vector expected =
      (-x + net.recurrent_weights * r + net.feedback_weights * (net.readout_weights * r) +
       net.input_weights * u) /
      net.tau;
  EXPECT_LT(distance(dynamics::evaluate_at(*flow, x, u), expected), 1e-13);
}

// The same recursion in plain matrices.
Matrix plain_readout(const Reference& reference, const ForceOptions& options) {
  EchoState net = reference.network();
  Matrix p = Matrix::Identity(40, 40) / options.regularization;
  Vector x = net.initial_state;
  for (Index t = 0; t < 400; ++t) {
    Vector r = x.array().tanh();
    Vector z = net.readout_weights * r;
    x += (-x + net.recurrent_weights * r + net.feedback_weights * z +
          net.input_weights * reference.inputs().row(t).transpose()) /
         net.tau;
    if ((t + 1) % options.learn_every != 0) continue;
    if (options.order == ForceOrder::sussillo_abbott) {
      r = x.array().tanh();
      z = net.readout_weights * r;
    }
    const Vector k = p * r;
    const double c = 1 / (options.forgetting + r.dot(k));
    p = ((p - c * k * k.transpose()) / options.forgetting).eval();
    net.readout_weights -= c * (z - reference.targets().row(t).transpose()) * k.transpose();
  }
  return net.readout_weights;
}

TEST(Force, EveryOptionOfTheRecursionDoesWhatItSays) {
  const Reference reference;
  const auto agrees = [&](const ForceOptions& options) {
    const ForceResult result =
        train_force(reference.network(), reference.inputs(), reference.targets(), options);
    EXPECT_LT(distance(result.network.readout_weights, plain_readout(reference, options)), 1e-9);
    return result.network.readout_weights.sum();
  };
  const ForceOptions base = reference_options();
  const double before = agrees(base);
  ForceOptions changed = base;
  changed.order = ForceOrder::sussillo_abbott;
  EXPECT_NE(agrees(changed), before);
  changed = base;
  changed.forgetting = 0.999;
  EXPECT_NE(agrees(changed), before);
  changed = base;
  changed.regularization = 7;
  EXPECT_NE(agrees(changed), before);
  changed = base;
  changed.learn_every = 3;
  EXPECT_NE(agrees(changed), before);
}

TEST(Force, WaitsAfterPulsesAndTakesSnapshots) {
  const Reference reference;
  ForceOptions options = reference_options();
  options.wait_after_pulse = 20;
  options.snapshot_every = 50;
  options.max_snapshots = 5;
  const ForceResult result =
      train_force(reference.network(), reference.inputs(), reference.targets(), options);
  EXPECT_LT(result.update_steps.size(), 200U);
  const Matrix inputs = reference.inputs();
  for (const int step : result.update_steps)
    for (int back = 0; back < 20 && step - 1 - back > 0; ++back) {
      const auto now = inputs.row(step - 1 - back), then = inputs.row(step - 2 - back);
      EXPECT_FALSE((now.array() != 0 && now.array() != then.array()).any());
    }
  EXPECT_THAT(result.snapshot_steps, testing::ElementsAre(0, 50, 100, 150, 200, 250));
  EXPECT_EQ(result.snapshots.size(), 6U);
  EXPECT_EQ(distance(result.snapshots[0], reference.network().readout_weights), 0);
  const ForceResult shorter = train_force(reference.network(), inputs.topRows(250),
                                          reference.targets().topRows(250), options);
  EXPECT_EQ(distance(result.snapshots[5], shorter.network.readout_weights), 0);
}

TEST(Force, DivergenceIsAnOutcomeWithItsStep) {
  const Reference reference;
  EchoState net = reference.network();
  net.activation = models::Activation::relu;
  net.recurrent_weights *= 20;
  const ForceResult result =
      train_force(net, reference.inputs(), reference.targets(), reference_options());
  EXPECT_EQ(result.termination, Termination::diverged);
  EXPECT_GT(result.steps, 10);
  EXPECT_LT(result.steps, 400);
  EXPECT_EQ(result.outputs.rows(), result.steps);
  EXPECT_TRUE(result.network.initial_state.allFinite());
}

TEST(Force, StopsWhenAsked) {
  const Reference reference;
  const ForceResult result =
      train_force(reference.network(), reference.inputs(), reference.targets(), reference_options(),
                  [](const ProgressUpdate&) { return false; });
  EXPECT_EQ(result.termination, Termination::interrupted);
  EXPECT_EQ(result.steps, 100);
}

TEST(Force, RefusesWhatDoesNotFit) {
  const Reference reference;
  const ForceOptions options = reference_options();
  const auto complaint = [&](auto change, auto change_options) {
    EchoState net = reference.network();
    ForceOptions changed = options;
    change(net);
    change_options(changed);
    try {
      train_force(net, reference.inputs(), reference.targets(), changed);
    } catch (const InvalidInput& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  const auto same = [](auto&) {};
  EXPECT_EQ(complaint([](EchoState& net) { net.tau = -1; }, same),
            "tau: found -1, expected at least one step");
  EXPECT_EQ(complaint([](EchoState& net) { net.readout_weights.conservativeResize(2, 40); }, same),
            "feedback_weights: found 40 x 3, expected 40 x 2");
  EXPECT_EQ(complaint([](EchoState& net) { net.input_weights.conservativeResize(40, 2); }, same),
            "inputs: found 3 channels, expected 2");
  EXPECT_EQ(complaint([](EchoState& net) { net.recurrent_weights(0, 0) = NAN; }, same),
            "recurrent_weights: found a value that is not finite");
  EXPECT_EQ(complaint(same, [](ForceOptions& o) { o.forgetting = 0; }),
            "forgetting: found 0, expected a value in (0, 1]");
  EXPECT_EQ(complaint(same, [](ForceOptions& o) { o.regularization = 0; }),
            "regularization: found 0, expected a finite value above 0");
  EXPECT_EQ(complaint(same, [](ForceOptions& o) { o.learn_every = 0; }),
            "learn_every: found 0, expected at least 1");
}

TEST(PulseFlipFlop, HasTheStatisticsOfItsDefinition) {
  tasks::PulseFlipFlopOptions options;
  options.steps = 30000;
  const auto task = tasks::make_pulse_flip_flop(options);
  const tasks::TrialBatch batch = task->generate(1, 5, Purpose::tests, 0);
  int n_onsets = 0;
  double held[3] = {};
  for (std::size_t t = 0; t < 30000; ++t)
    for (std::size_t k = 0; k < 3; ++k) {
      const double u = batch.inputs[3 * t + k];
      const double before = t == 0 ? 0 : batch.inputs[3 * (t - 1) + k];
      if (u != 0 && u != before) ++n_onsets;
      if (u != 0) held[k] = u;
      EXPECT_EQ(batch.targets[3 * t + k], held[k]);
    }
  // 600 pulses; some begin where one of the same channel and sign still lasts.
  EXPECT_GT(n_onsets, 480);
  EXPECT_LE(n_onsets, 600);
  const tasks::TrialBatch again = task->generate(1, 5, Purpose::tests, 0);
  EXPECT_EQ(again.inputs, batch.inputs);
  EXPECT_EQ(task->accuracy(batch, batch.targets), 1);
}

TEST(PulseFlipFlop, PulsesHaveTheirWidth) {
  tasks::PulseFlipFlopOptions options;
  options.bits = 1;
  options.steps = 100;
  options.pulses_per_step = 0.01;
  const auto task = tasks::make_pulse_flip_flop(options);
  for (std::uint64_t trial = 0; trial < 30; ++trial) {
    const tasks::TrialBatch batch = task->generate(1, 1, Purpose::tests, trial);
    const auto n =
        std::count_if(batch.inputs.begin(), batch.inputs.end(), [](double u) { return u != 0; });
    EXPECT_TRUE(n == 11 || n == 0);  // none if it would not end in time
  }
  options.bits = 17;
  EXPECT_THROW(tasks::make_pulse_flip_flop(options), InvalidInput);
  options.bits = 1;
  options.pulse_steps = 101;
  EXPECT_THROW(tasks::make_pulse_flip_flop(options), InvalidInput);
}

}  // namespace
}  // namespace nullcline::training
