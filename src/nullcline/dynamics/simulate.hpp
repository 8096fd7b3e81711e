// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::dynamics {

/// Runs a map on time-varying inputs. `inputs` is n_trials x n_steps x n_inputs, row-major;
/// `initial_states` has one row per trial, or one row for all. Returns the states after each step,
/// n_trials x n_steps x n_states, as a (n_trials * n_steps, n_states) matrix.
/// @throws InvalidInput if the sizes do not fit or the system is a flow.
Matrix simulate(const System& map, std::span<const double> inputs, Index n_trials, Index n_steps,
                ConstMatrixRef initial_states);

/// The same for a flow: each row of inputs is held for a time `dt`, and the states are those at its
/// end, by the method of Dormand and Prince with an error of 1e-10 per step. Rows after the flow
/// has ceased to be finite, or left the ball of radius 1e6, are NaN.
/// @throws InvalidInput if the sizes do not fit, the system is a map or dt is not above 0.
Matrix simulate_flow(const System& flow, std::span<const double> inputs, Index n_trials,
                     Index n_steps, ConstMatrixRef initial_states, double dt);

}  // namespace nullcline::dynamics
