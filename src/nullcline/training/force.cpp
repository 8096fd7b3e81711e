// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/force.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <string_view>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/models/cell_tools.hpp"
#include "nullcline/numerics/compact_matrix.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/training/internal/recursive_least_squares.hpp"

namespace nullcline::training {

namespace {

// An output beyond this has left the range of any task.
constexpr double kDiverged = 1e6;
constexpr std::uint64_t kTransferStream = 16;  // of random numbers, and the two after it

template <class Value>
void require(bool ok, std::string_view name, Value found, std::string_view expected) {
  if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
}

void check(const ForceOptions& options) {
  constexpr int kMost = 100000000;
  const auto is_positive = [](double x) { return x > 0 && std::isfinite(x); };
  const auto is_not_negative = [](double x) { return x >= 0 && std::isfinite(x); };
  require(options.units >= 1 && options.units <= 100000, "units", options.units, "1 to 100000");
  require(is_not_negative(options.gain), "gain", options.gain, "a finite value of at least 0");
  require(is_not_negative(options.input_gain), "input_gain", options.input_gain,
          "a finite value of at least 0");
  require(is_not_negative(options.feedback_gain), "feedback_gain", options.feedback_gain,
          "a finite value of at least 0");
  require(options.tau >= 1 && std::isfinite(options.tau), "tau", options.tau, "at least one step");
  require(is_not_negative(options.initial_spread), "initial_spread", options.initial_spread,
          "a finite value of at least 0");
  require(options.train_steps >= 1 && options.train_steps <= kMost, "train_steps",
          options.train_steps, "1 to 100000000");
  require(options.learn_every >= 1, "learn_every", options.learn_every, "at least 1");
  require(is_positive(options.regularization), "regularization", options.regularization,
          "a finite value above 0");
  require(options.forgetting > 0 && options.forgetting <= 1, "forgetting", options.forgetting,
          "a value in (0, 1]");
  require(options.wait_after_pulse >= 0, "wait_after_pulse", options.wait_after_pulse,
          "at least 0");
  require(options.snapshot_every >= 0, "snapshot_every", options.snapshot_every, "at least 0");
  require(options.max_snapshots >= 0, "max_snapshots", options.max_snapshots, "at least 0");
}

Matrix uniform_matrix(Index rows, Index cols, double largest, Rng rng) {
  Matrix result(rows, cols);
  for (double& x : result.reshaped<Eigen::RowMajor>()) x = largest * rng.uniform(-1, 1);
  return result;
}

// The network in motion. Nothing is allocated in a step.
class Loop {
 public:
  explicit Loop(const models::EchoState& network)
      : network_(network),
        weights_(network.recurrent_weights),
        state_(network.initial_state),
        rates_(network.n_units()),
        slopes_(network.n_units()),
        output_(network.n_outputs()),
        recurrent_(network.n_units()),
        driven_(network.n_units()) {}

  const Vector& state() const { return state_; }
  const Vector& rates() const { return rates_; }    // r, as of the last look
  const Vector& output() const { return output_; }  // z

  // r and z of the state.
  void look() {
    rates_ = state_;
    models::internal::apply_phi(network_.activation,
                                {rates_.data(), static_cast<std::size_t>(rates_.size())},
                                slopes_.data());
    numerics::multiply_vector(network_.readout_weights, rates_, output_);
  }

  void step(ConstVectorRef input) {
    weights_.multiply_vector(rates_, recurrent_);
    driven_.noalias() = network_.feedback_weights * output_;
    driven_.noalias() += network_.input_weights * input;
    state_ += (recurrent_ + driven_ - state_) / network_.tau;
  }

  bool is_sound() const {
    return state_.allFinite() && output_.allFinite() &&
           (output_.size() == 0 || output_.cwiseAbs().maxCoeff() < kDiverged);
  }

 private:
  const models::EchoState& network_;
  const numerics::CompactMatrix weights_;  // they do not learn
  Vector state_, rates_, slopes_, output_, recurrent_, driven_;
};

// Steps since an input channel last became non-zero.
class PulseClock {
 public:
  explicit PulseClock(ConstMatrixRef inputs) : inputs_(inputs) {}
  int since_onset(Index step) {
    for (Index k = 0; k < inputs_.cols(); ++k)
      if (inputs_(step, k) != 0 && (step == 0 || inputs_(step - 1, k) != inputs_(step, k)))
        since_ = -1;
    return ++since_;
  }

 private:
  ConstMatrixRef inputs_;
  int since_ = 1 << 30;
};

void check_streams(const models::EchoState& network, ConstMatrixRef inputs) {
  if (inputs.cols() != network.n_inputs())
    throw InvalidInput(
        fmt::format("inputs: found {} channels, expected {}", inputs.cols(), network.n_inputs()));
  if (!inputs.allFinite()) throw InvalidInput("inputs: found a value that is not finite");
}

}  // namespace

models::EchoState make_echo_state(const ForceOptions& options, Index n_inputs, Index n_outputs) {
  check(options);
  const Index n = options.units;
  const auto stream = [&](std::uint64_t index) {
    return Rng(options.seed, Purpose::initialization, index);
  };
  models::EchoState network;
  network.activation = options.activation;
  network.tau = options.tau;
  network.recurrent_weights.resize(n, n);
  Rng recurrent = stream(0);
  const double spread = options.gain / std::sqrt(static_cast<double>(n));
  for (double& x : network.recurrent_weights.reshaped<Eigen::RowMajor>())
    x = static_cast<float>(spread * recurrent.normal());
  network.feedback_weights = uniform_matrix(n, n_outputs, options.feedback_gain, stream(1));
  network.input_weights = uniform_matrix(n, n_inputs, options.input_gain, stream(2));
  network.readout_weights = Matrix::Zero(n_outputs, n);
  network.initial_state.resize(n);
  Rng initial = stream(3);
  for (double& x : network.initial_state) x = options.initial_spread * initial.normal();
  return network;
}

models::EchoState transfer(const models::EchoState& trained, const ForceOptions& options,
                           Index n_inputs, Index n_outputs) {
  check(options);
  validate(trained);
  if (n_inputs < trained.n_inputs() || n_outputs < trained.n_outputs())
    throw InvalidInput(fmt::format(
        "transfer: found a network with {} inputs and {} outputs, expected at most {} and {}",
        trained.n_inputs(), trained.n_outputs(), n_inputs, n_outputs));
  const Index n = trained.n_units();
  const auto widened = [&](const Matrix& old, Index cols, double gain, std::uint64_t index) {
    Matrix wide = uniform_matrix(n, cols, gain, Rng(options.seed, Purpose::initialization, index));
    wide.leftCols(old.cols()) = old;
    return wide;
  };
  models::EchoState network = trained;
  network.feedback_weights =
      widened(trained.feedback_weights, n_outputs, options.feedback_gain, kTransferStream);
  network.input_weights =
      widened(trained.input_weights, n_inputs, options.input_gain, kTransferStream + 1);
  network.readout_weights = Matrix::Zero(n_outputs, n);
  network.readout_weights.topRows(trained.n_outputs()) = trained.readout_weights;
  Rng initial(options.seed, Purpose::initialization, kTransferStream + 2);
  for (double& x : network.initial_state) x = options.initial_spread * initial.normal();
  return network;
}

ForceResult train_force(models::EchoState network, ConstMatrixRef inputs, ConstMatrixRef targets,
                        const ForceOptions& options, const Progress& progress) {
  check(options);
  validate(network);
  check_streams(network, inputs);
  if (targets.cols() != network.n_outputs() || targets.rows() != inputs.rows())
    throw InvalidInput(fmt::format("targets: found {} x {}, expected {} x {}", targets.rows(),
                                   targets.cols(), inputs.rows(), network.n_outputs()));
  if (!targets.allFinite()) throw InvalidInput("targets: found a value that is not finite");

  const auto start = std::chrono::steady_clock::now();
  const auto n_steps = static_cast<int>(inputs.rows());
  ForceResult result;
  result.termination = Termination::max_iterations;
  result.outputs.resize(n_steps, network.n_outputs());
  Loop loop(network);
  internal::RecursiveLeastSquares least_squares(network.n_units(), options.regularization,
                                                options.forgetting);
  PulseClock clock(inputs);
  Vector error(network.n_outputs());
  const auto take_snapshot = [&](int step) {
    if (options.snapshot_every == 0 || step % options.snapshot_every != 0 ||
        static_cast<int>(result.snapshots.size()) > options.max_snapshots)
      return;
    result.snapshot_steps.push_back(step);
    result.snapshots.push_back(network.readout_weights);
  };
  if (options.max_snapshots > 0) take_snapshot(0);
  for (int step = 1; step <= n_steps; ++step) {
    loop.look();
    result.outputs.row(step - 1) = loop.output().transpose();
    if (!loop.is_sound()) {
      result.termination = Termination::diverged;
      break;
    }
    const int waited = clock.since_onset(step - 1);
    const bool learns = step % options.learn_every == 0 && waited >= options.wait_after_pulse;
    if (learns && options.order == ForceOrder::jang) least_squares.look(loop.rates());
    if (options.order == ForceOrder::jang)
      error = loop.output() - targets.row(step - 1).transpose();
    loop.step(inputs.row(step - 1).transpose());
    if (learns) {
      if (options.order == ForceOrder::sussillo_abbott) {
        loop.look();
        error = loop.output() - targets.row(step - 1).transpose();
        least_squares.look(loop.rates());
      }
      least_squares.learn(error, network.readout_weights);
      result.update_steps.push_back(step);
      result.error.push_back(error.squaredNorm() / static_cast<double>(error.size()));
      result.weight_norm.push_back(network.readout_weights.norm());
    }
    result.steps = step;
    if (options.max_snapshots > 0) take_snapshot(step);
    if (step % 100 == 0 &&
        !report_progress(
            progress, {static_cast<double>(step), static_cast<double>(n_steps),
                       result.error.empty() ? std::string()
                                            : fmt::format("error {:.3g}", result.error.back())})) {
      result.termination = Termination::interrupted;
      break;
    }
  }
  result.outputs.conservativeResize(result.steps, Eigen::NoChange);
  if (loop.state().allFinite()) network.initial_state = loop.state();
  result.network = std::move(network);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Matrix run_echo_state(const models::EchoState& network, ConstMatrixRef inputs) {
  validate(network);
  check_streams(network, inputs);
  Matrix outputs(inputs.rows(), network.n_outputs());
  Loop loop(network);
  for (Index step = 0; step < inputs.rows(); ++step) {
    loop.look();
    outputs.row(step) = loop.output().transpose();
    loop.step(inputs.row(step).transpose());
  }
  return outputs;
}

}  // namespace nullcline::training
