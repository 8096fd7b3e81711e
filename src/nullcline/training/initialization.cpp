// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/initialization.hpp"

#include <Eigen/QR>
#include <cmath>
#include <numeric>
#include <vector>

#include "nullcline/core/rng.hpp"

namespace nullcline::training {

namespace {

/// One stream of random numbers per array, so that no array depends on the size of another.
enum class Array : std::uint64_t {
  input_weights,
  recurrent_weights,
  bias,
  recurrent_bias,
  readout_weights,
  readout_bias,
  initial_state,
  mask,
};

class Initializer {
 public:
  Initializer(const TrainOptions& options, Index n_inputs, Index n_outputs)
      : options_(options),
        n_(options.units),
        n_gates_(models::n_gates(options.cell)),
        n_inputs_(n_inputs),
        n_outputs_(n_outputs) {}

  models::Network make() {
    set_shapes();
    switch (options_.initialization) {
      case Initialization::renn:
        renn();
        break;
      case Initialization::ctd:
        ctd();
        break;
      case Initialization::tf1:
        tf1();
        break;
      case Initialization::keras:
        keras();
        break;
      case Initialization::torch:
        torch();
        break;
      case Initialization::rotation_blocks:
        torch();
        rotation_blocks();
        break;
    }
    constrain();
    return std::move(network_);
  }

 private:
  Rng stream(Array array) const {
    return {options_.seed, Purpose::initialization, static_cast<std::uint64_t>(array)};
  }

  template <class Values>
  void fill_normal(Values& values, Array array, double deviation) const {
    Rng rng = stream(array);
    for (Index i = 0; i < values.size(); ++i) values.data()[i] = deviation * rng.normal();
  }
  template <class Values>
  void fill_uniform(Values& values, Array array, double bound) const {
    Rng rng = stream(array);
    for (Index i = 0; i < values.size(); ++i) values.data()[i] = rng.uniform(-bound, bound);
  }
  template <class Values>
  void add_uniform(Values& values, Array array, double bound) const {
    Values more = values;
    fill_uniform(more, array, bound);
    values += more;
  }

  bool is(models::CellKind cell) const { return options_.cell == cell; }
  bool is_gated() const {
    return is(models::CellKind::ugrnn) || is(models::CellKind::gru) || is(models::CellKind::lstm);
  }

  void set_shapes();
  void renn();
  void ctd();
  void tf1();
  void keras();
  void torch();
  void rotation_blocks();
  void constrain();
  void glorot_readout();

  const TrainOptions& options_;
  const Index n_, n_gates_, n_inputs_, n_outputs_;
  models::Network network_;
};

void Initializer::set_shapes() {
  network_.cell = options_.cell;
  network_.activation = options_.activation;
  network_.reset = options_.reset;
  network_.forget_bias = is_gated() ? options_.forget_bias : 0;
  network_.input_weights = Matrix::Zero(n_gates_ * n_, n_inputs_);
  network_.recurrent_weights = Matrix::Zero(n_gates_ * n_, n_);
  network_.bias = Vector::Zero(n_gates_ * n_);
  const bool reset_after = is(models::CellKind::gru) && options_.reset == models::Reset::after;
  network_.recurrent_bias = Vector::Zero(reset_after ? n_ : 0);
  if (is(models::CellKind::leaky) || is(models::CellKind::leaky_outside))
    network_.alpha = Vector::Constant(n_, options_.alpha);
  network_.readout_weights = Matrix::Zero(n_outputs_, n_);
  network_.readout_bias = Vector::Zero(n_outputs_);
  network_.initial_state = Vector::Zero(network_.n_states());
  network_.verified = true;
}

void Initializer::renn() {
  const double deviation = 1 / std::sqrt(static_cast<double>(n_));
  fill_normal(network_.input_weights, Array::input_weights, deviation);
  fill_normal(network_.recurrent_weights, Array::recurrent_weights, deviation);
  fill_normal(network_.readout_weights, Array::readout_weights,
              std::sqrt(2.0 / static_cast<double>(n_ + n_outputs_)));
  fill_normal(network_.readout_bias, Array::readout_bias, 0.01);
}

void Initializer::ctd() {
  const double deviation = 1 / std::sqrt(static_cast<double>(n_));
  fill_normal(network_.input_weights, Array::input_weights,
              1 / std::sqrt(static_cast<double>(n_inputs_)));
  fill_normal(network_.recurrent_weights, Array::recurrent_weights,
              (is_gated() ? 1.0 : 0.85) * deviation);
  fill_normal(network_.readout_weights, Array::readout_weights, deviation);
  fill_normal(network_.initial_state, Array::initial_state, 0.1);
}

void Initializer::tf1() {
  const auto fill_kernel = [&](Index first_gate, Index n_gates) {
    const double fans = static_cast<double>(n_inputs_ + n_ + n_gates * n_);
    const double bound = std::sqrt(6 / fans);
    Matrix input(n_gates_ * n_, n_inputs_), recurrent(n_gates_ * n_, n_);
    fill_uniform(input, Array::input_weights, bound);
    fill_uniform(recurrent, Array::recurrent_weights, bound);
    network_.input_weights.middleRows(first_gate * n_, n_gates * n_) =
        input.middleRows(first_gate * n_, n_gates * n_);
    network_.recurrent_weights.middleRows(first_gate * n_, n_gates * n_) =
        recurrent.middleRows(first_gate * n_, n_gates * n_);
  };
  if (is(models::CellKind::gru)) {
    fill_kernel(0, 2);
    fill_kernel(2, 1);
    network_.bias.head(n_).setConstant(1);
    network_.bias.segment(n_, n_).setConstant(1 - network_.forget_bias);
  } else {
    fill_kernel(0, n_gates_);
  }
  glorot_readout();
}

void Initializer::keras() {
  fill_uniform(network_.input_weights, Array::input_weights,
               std::sqrt(6 / static_cast<double>(n_inputs_ + n_gates_ * n_)));
  Matrix gaussian(n_gates_ * n_, n_);
  fill_normal(gaussian, Array::recurrent_weights, 1);
  const Eigen::HouseholderQR<Matrix> qr(gaussian);
  network_.recurrent_weights = qr.householderQ() * Matrix::Identity(n_gates_ * n_, n_);
  // The sign makes the orthogonal matrix uniformly distributed.
  for (Index j = 0; j < n_; ++j)
    if (qr.matrixQR()(j, j) < 0) network_.recurrent_weights.col(j) *= -1;
  if (is(models::CellKind::lstm))
    network_.bias.segment(n_, n_).setConstant(1 - network_.forget_bias);
  glorot_readout();
}

void Initializer::glorot_readout() {
  fill_uniform(network_.readout_weights, Array::readout_weights,
               std::sqrt(6 / static_cast<double>(n_ + n_outputs_)));
}

void Initializer::torch() {
  const double bound = 1 / std::sqrt(static_cast<double>(n_));
  fill_uniform(network_.input_weights, Array::input_weights, bound);
  fill_uniform(network_.recurrent_weights, Array::recurrent_weights, bound);
  fill_uniform(network_.bias, Array::bias, bound);
  Vector second(n_gates_ * n_);
  fill_uniform(second, Array::recurrent_bias, bound);
  if (network_.recurrent_bias.size() > 0) {
    network_.recurrent_bias = second.tail(n_);
    second.tail(n_).setZero();
  }
  network_.bias += second;
  fill_uniform(network_.readout_weights, Array::readout_weights, bound);
  fill_uniform(network_.readout_bias, Array::readout_bias, bound);
}

void Initializer::rotation_blocks() {
  const Index candidate = is(models::CellKind::lstm) ? 2 : n_gates_ - 1;
  auto block = network_.recurrent_weights.middleRows(candidate * n_, n_);
  const double cosine = options_.rotation_gain * std::cos(options_.rotation_angle);
  const double sine = options_.rotation_gain * std::sin(options_.rotation_angle);
  block.setZero();
  for (Index i = 0; i + 1 < n_; i += 2) {
    block(i, i) = block(i + 1, i + 1) = cosine;
    block(i, i + 1) = -sine;
    block(i + 1, i) = sine;
  }
  if (n_ % 2 == 1) block(n_ - 1, n_ - 1) = options_.rotation_gain;
}

void Initializer::constrain() {
  if (options_.connectivity < 1) {
    const auto size = static_cast<std::size_t>(n_ * n_);
    const auto kept =
        static_cast<std::size_t>(std::llround(options_.connectivity * static_cast<double>(size)));
    std::vector<Index> order(size);
    std::iota(order.begin(), order.end(), Index{0});
    Rng rng = stream(Array::mask);
    network_.mask = Matrix::Zero(n_, n_);
    for (std::size_t i = 0; i < kept; ++i) {
      std::swap(order[i], order[i + rng.below(size - i)]);
      network_.mask.data()[order[i]] = 1;
    }
    for (Index gate = 0; gate < n_gates_; ++gate)
      network_.recurrent_weights.middleRows(gate * n_, n_).array() *= network_.mask.array();
  }
  if (options_.excitatory_fraction > 0) {
    const auto excitatory = std::llround(options_.excitatory_fraction * static_cast<double>(n_));
    network_.dale_signs = Vector::Constant(n_, -1);
    network_.dale_signs.head(excitatory).setConstant(1);
    network_.recurrent_weights =
        network_.recurrent_weights.cwiseAbs() * network_.dale_signs.asDiagonal();
  }
}

}  // namespace

models::Network make_initial_network(const TrainOptions& options, Index n_inputs, Index n_outputs) {
  check_options(options);
  return Initializer(options, n_inputs, n_outputs).make();
}

}  // namespace nullcline::training
