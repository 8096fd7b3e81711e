// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/state_machine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"

namespace nullcline::portrait {
namespace {

StateMachine machine_of(const std::string& text, const StateMachineOptions& options) {
  const auto system = interchange::Model::parse(text, "test").make_system();
  return make_state_machine(*system, Vector::Zero(system->n_inputs()),
                            Matrix(0, system->n_states()), options);
}

// One unit with a threshold: dh/dt = (tanh(3 h + u) - h) / 2.
const char* const kSwitch = R"(
[system]
cell = "gru"
time = "continuous"
units = 1
inputs = 1
[weights]
U_h = 6
W_h = [1]
)";

TEST(StateMachine, APulseIsHeldForExactlyItsDuration) {
  // Under u = 4 the state leaves -0.9949 at a rate near (1 - h) / 2 and crosses 0 after a time that
  // a classical integration gives; a pulse just shorter falls back, one just longer does not.
  double h = -0.99490152845262893852, time = 0;
  const double step = 1e-4;
  while (h < 0) {
    const double middle = h + step / 2 * (std::tanh(3 * h + 4) - h) / 2;
    h += step * (std::tanh(3 * middle + 4) - middle) / 2;
    time += step;
  }
  StateMachineOptions options;
  options.pulse = {{4}};
  for (const double offset : {-1e-3, 1e-3}) {
    options.duration = time + offset;
    const StateMachine machine = machine_of(kSwitch, options);
    ASSERT_EQ(machine.nodes.size(), 2U);
    const std::size_t low = machine.nodes[0].center(0) < 0 ? 0 : 1;
    EXPECT_EQ(machine.target(low, 0), static_cast<std::int64_t>(offset < 0 ? low : 1 - low));
    EXPECT_EQ(machine.target(1 - low, 0), static_cast<std::int64_t>(1 - low));
  }
}

TEST(StateMachine, WhatLeavesIsAway) {
  StateMachineOptions options;
  options.pulse = {{1}, {10}};
  const StateMachine machine = machine_of(
      "[system]\node = { x = \"-x + x^2/2 + u\" }\ninputs = [\"u\"]\n[box]\nx = [-1, 3]\n",
      options);
  ASSERT_EQ(machine.nodes.size(), 1U);
  EXPECT_EQ(machine.target(0, 0), 0);
  EXPECT_EQ(machine.target(0, 1), -2);
}

TEST(StateMachine, PulsesMayBeLeftToTheInputs) {
  const StateMachine machine = machine_of(kSwitch, {});
  ASSERT_EQ(machine.pulses.rows(), 2);
  EXPECT_EQ(machine.pulses(0, 0), 1);
  EXPECT_EQ(machine.pulses(1, 0), -1);
  EXPECT_THROW(machine_of("[system]\node = { x = \"-x\" }\n[box]\nx = [-1, 1]\n", {}),
               InvalidInput);
}

}  // namespace
}  // namespace nullcline::portrait
