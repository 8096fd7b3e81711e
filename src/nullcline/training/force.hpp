// SPDX-License-Identifier: BSD-3-Clause
// FORCE: the readout of an echo-state network learns online, by recursive least squares, while its
// output is fed back.
#pragma once

#include <cstdint>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/core/termination.hpp"
#include "nullcline/models/echo_state.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::training {

/// Which rates the error and the update see: those before the step of the state (Jang 2015, whose
/// output has then not seen the input of the step), or those after it (Sussillo & Abbott 2009).
enum class ForceOrder { jang, sussillo_abbott };

struct ForceOptions {
  int units = 1000;
  models::Activation activation = models::Activation::tanh;
  double gain = 1.5;            ///< W_r ~ N(0, gain^2 / units)
  double input_gain = 1;        ///< B ~ U(-1, 1) times this
  double feedback_gain = 1;     ///< W_fb ~ U(-1, 1) times this
  double tau = 10;              ///< time constant, in steps
  double initial_spread = 0.5;  ///< x_0 ~ N(0, initial_spread^2)

  int train_steps = 30000;
  int learn_every = 2;        ///< steps between updates
  double regularization = 1;  ///< alpha: P_0 = I / alpha
  double forgetting = 1;      ///< lambda in (0, 1]: P <- (P - c k k^T) / lambda
  ForceOrder order = ForceOrder::jang;
  int wait_after_pulse = 0;  ///< steps after an input begins in which nothing is learned
  int snapshot_every = 50;   ///< steps between snapshots of the readout; 0: none
  int max_snapshots = 40;
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("units", self.units, "number of units");
    field("activation", self.activation, "nonlinearity of the rates");
    field("gain", self.gain, "recurrent weights have standard deviation gain / sqrt(units)");
    field("input_gain", self.input_gain, "input weights are uniform on +-input_gain");
    field("feedback_gain", self.feedback_gain, "feedback weights are uniform on +-feedback_gain");
    field("tau", self.tau, "time constant in steps");
    field("initial_spread", self.initial_spread, "standard deviation of the initial state");
    field("train_steps", self.train_steps, "steps of training");
    field("learn_every", self.learn_every, "steps between updates");
    field("regularization", self.regularization, "alpha in P_0 = I / alpha");
    field("forgetting", self.forgetting, "forgetting factor, in (0, 1]");
    field("order", self.order, "order of operations in a step");
    field("wait_after_pulse", self.wait_after_pulse,
          "steps after an input begins in which nothing is learned");
    field("snapshot_every", self.snapshot_every, "steps between snapshots of the readout; 0: none");
    field("max_snapshots", self.max_snapshots,
          "snapshots at most, besides that of step 0; 0: none");
    field("seed", self.seed, "seed of weights, states and data");
  }
};

struct ForceResult {
  models::EchoState network;  ///< with the last finite readout; initial_state is the last state
  Termination termination = Termination::not_run;  ///< completed, diverged or interrupted
  int steps = 0;                    ///< done; of a run that diverged: the step at which it did
  Matrix outputs;                   ///< z: (steps, n_outputs), before each update
  std::vector<int> update_steps;    ///< the steps (from 1) at which it learned
  std::vector<double> error;        ///< mean over outputs of (z - f)^2 there, before the update
  std::vector<double> weight_norm;  ///< |W_o|_F there, after it
  std::vector<int> snapshot_steps;  ///< 0, before training, and the multiples of snapshot_every
  std::vector<Matrix> snapshots;    ///< W_o
  double seconds = 0;
};

/// Random weights and initial state by the options; the readout is zero. The recurrent weights are
/// rounded to single precision as they are drawn: a step then reads half the memory, exactly.
/// @throws InvalidInput for an option out of range.
models::EchoState make_echo_state(const ForceOptions& options, Index n_inputs, Index n_outputs);

/// A network for more channels that begins with the weights of a trained one: columns of W_fb and B
/// for new outputs and inputs are uniform as in make_echo_state, rows of W_o for new outputs are
/// zero, and the initial state is new. Units, nonlinearity and tau are those of `trained`, whatever
/// the options say. Jang (2015), section 7.1.
/// @throws InvalidInput for an option out of range, or fewer channels than `trained` has.
models::EchoState transfer(const models::EchoState& trained, const ForceOptions& options,
                           Index n_inputs, Index n_outputs);

/// One step: r = phi(x), z = W_o r, x <- x + (-x + W_r r + W_fb z + B u) / tau. Every
/// learn_every-th step, with r and z from before that (order jang) or computed anew after it
/// (sussillo_abbott):
///
///     k = P r,  c = 1 / (lambda + r^T k),  P <- (P - c k k^T) / lambda,  W_o <- W_o - c (z - f)
///     k^T.
///
/// `inputs` (steps, n_inputs), `targets` (steps, n_outputs). P is held as its lower triangle and
/// passed over once for each update: the update of P waits for the next product.
/// Outputs or states that are not finite, or beyond 1e6, end the run: termination diverged.
/// @throws InvalidInput for an option out of range, or arrays that do not fit the network.
/// Jaeger & Haas (2004); Sussillo & Abbott (2009), doi:10.1016/j.neuron.2009.07.018; Jang (2015).
ForceResult train_force(models::EchoState network, ConstMatrixRef inputs, ConstMatrixRef targets,
                        const ForceOptions& options, const Progress& progress = {});

/// The same steps without learning, from the network's initial state: outputs (steps, n_outputs),
/// z(t) = W_o r(x_t) before the step, as in training.
Matrix run_echo_state(const models::EchoState& network, ConstMatrixRef inputs);

}  // namespace nullcline::training

template <>
struct nullcline::EnumNames<nullcline::training::ForceOrder> {
  static constexpr std::array values{
      std::pair{nullcline::training::ForceOrder::jang, "jang"},
      std::pair{nullcline::training::ForceOrder::sussillo_abbott, "sussillo-abbott"},
  };
};
