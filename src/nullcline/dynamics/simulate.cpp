// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/simulate.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/dynamics/flow.hpp"

namespace nullcline::dynamics {

namespace {

constexpr Index kTrialsPerBlock = 32;

void check_sizes(const System& map, std::span<const double> inputs, Index n_trials, Index n_steps,
                 ConstMatrixRef initial_states) {
  if (n_trials < 0 || n_steps < 0 ||
      static_cast<Index>(inputs.size()) != n_trials * n_steps * map.n_inputs())
    throw InvalidInput(
        fmt::format("simulate: found {} input values, expected {} trials x {} steps x {}",
                    inputs.size(), n_trials, n_steps, map.n_inputs()));
  if (initial_states.cols() != map.n_states() ||
      (initial_states.rows() != 1 && initial_states.rows() != n_trials))
    throw InvalidInput(fmt::format(
        "simulate: initial states are {} x {}, expected 1 x {} or {} x {}", initial_states.rows(),
        initial_states.cols(), map.n_states(), n_trials, map.n_states()));
}

}  // namespace

Matrix simulate(const System& map, std::span<const double> inputs, Index n_trials, Index n_steps,
                ConstMatrixRef initial_states) {
  if (map.time() != Time::discrete)
    throw InvalidInput("simulate: found a flow, expected a map (time = discrete)");
  check_sizes(map, inputs, n_trials, n_steps, initial_states);
  const Index n_inputs = map.n_inputs();
  Matrix states(n_trials * n_steps, map.n_states());
  const Index n_blocks = (n_trials + kTrialsPerBlock - 1) / kTrialsPerBlock;
  parallel_for(static_cast<std::size_t>(n_blocks), [&](std::size_t block) {
    const Index first = static_cast<Index>(block) * kTrialsPerBlock;
    const Index count = std::min(kTrialsPerBlock, n_trials - first);
    Matrix current(count, map.n_states()), next(count, map.n_states()), x(count, n_inputs);
    for (Index trial = 0; trial < count; ++trial)
      current.row(trial) = initial_states.row(initial_states.rows() == 1 ? 0 : first + trial);
    for (Index step = 0; step < n_steps; ++step) {
      for (Index trial = 0; trial < count; ++trial)
        x.row(trial) = Eigen::Map<const Eigen::RowVectorXd>(
            inputs.data() + ((first + trial) * n_steps + step) * n_inputs, n_inputs);
      map.evaluate(current, x, next);
      for (Index trial = 0; trial < count; ++trial)
        states.row((first + trial) * n_steps + step) = next.row(trial);
      current.swap(next);
    }
  });
  return states;
}

Matrix simulate_flow(const System& flow, std::span<const double> inputs, Index n_trials,
                     Index n_steps, ConstMatrixRef initial_states, double dt) {
  if (flow.time() != Time::continuous)
    throw InvalidInput("simulate: found a map, expected a flow (time = continuous)");
  if (!(dt > 0 && std::isfinite(dt)))
    throw InvalidInput(fmt::format("dt: found {}, expected a time above 0", dt));
  check_sizes(flow, inputs, n_trials, n_steps, initial_states);
  const Index n_inputs = flow.n_inputs();
  Matrix states = Matrix::Constant(n_trials * n_steps, flow.n_states(),
                                   std::numeric_limits<double>::quiet_NaN());
  parallel_for(static_cast<std::size_t>(n_trials), [&](std::size_t number) {
    const auto trial = static_cast<Index>(number);
    Vector current = initial_states.row(initial_states.rows() == 1 ? 0 : trial).transpose();
    for (Index step = 0; step < n_steps; ++step) {
      const Index row = trial * n_steps + step;
      const Vector held = Eigen::Map<const Vector>(inputs.data() + row * n_inputs, n_inputs);
      current = integrate(flow, held, current, Vector{{dt}}).row(0).transpose();
      if (!current.allFinite()) return;
      states.row(row) = current.transpose();
    }
  });
  return states;
}

}  // namespace nullcline::dynamics
