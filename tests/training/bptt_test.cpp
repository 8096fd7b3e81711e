// SPDX-License-Identifier: BSD-3-Clause
// Gradients against numbers from outside, then against differences of the loss for every cell and
// for sizes that fill the kernels' tiles, panels and blocks in every way.
#include "nullcline/training/bptt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/numerics/activations.hpp"
#include "nullcline/training/initialization.hpp"
#include "oracle.hpp"

namespace nullcline::training {
namespace {

using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;

/// All arrays as one vector.
Vector all_of(const Gradients& g) {
  std::vector<double> values;
  const auto append = [&](const auto& array) {
    values.insert(values.end(), array.data(), array.data() + array.size());
  };
  append(g.input_weights);
  append(g.recurrent_weights);
  append(g.bias);
  append(g.recurrent_bias);
  append(g.readout_weights);
  append(g.readout_bias);
  append(g.initial_state);
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

/// The trainable numbers of a network, in the order of all_of.
std::vector<double*> parameters_of(Network& network) {
  std::vector<double*> pointers;
  const auto append = [&](auto& array) {
    for (Index i = 0; i < array.size(); ++i) pointers.push_back(array.data() + i);
  };
  append(network.input_weights);
  append(network.recurrent_weights);
  append(network.bias);
  append(network.recurrent_bias);
  append(network.readout_weights);
  append(network.readout_bias);
  append(network.initial_state);
  return pointers;
}

double relative_distance(const Vector& a, const Vector& b) { return (a - b).norm() / b.norm(); }

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < b.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

class TrainingOracle : public ::testing::TestWithParam<Oracle> {
 protected:
  const NamedArrays data_ = read_oracle(GetParam());
  const Network network_ = oracle_network(GetParam(), data_);
  const tasks::TrialBatch batch_ = oracle_batch(data_, "Y");

  tasks::TrialBatch signs_batch() const {
    tasks::TrialBatch batch = oracle_batch(data_, "Ybin");
    for (double& label : batch.targets) label = 2 * label - 1;
    return batch;
  }
};

INSTANTIATE_TEST_SUITE_P(Cells, TrainingOracle, ::testing::ValuesIn(oracles()),
                         [](const auto& instance) { return instance.param.file; });

TEST_P(TrainingOracle, StatesAndOutputsAgree) {
  const Unrolled unrolled = unroll(network_, batch_);
  EXPECT_LT(largest_difference(unrolled.outputs, trials_first(data_, "Yhat")), 1e-12);
  const std::vector<double> h = trials_first(data_, "H");
  const bool lstm = GetParam().cell == CellKind::lstm;
  const std::vector<double> c = lstm ? trials_first(data_, "C") : std::vector<double>();
  const std::size_t width = lstm ? 10 : 5;
  ASSERT_EQ(unrolled.states.size(), h.size() / 5 * width);
  for (std::size_t row = 0; row < h.size() / 5; ++row)
    for (std::size_t unit = 0; unit < 5; ++unit) {
      EXPECT_NEAR(unrolled.states[row * width + unit], h[row * 5 + unit], 1e-12);
      if (lstm) {
        EXPECT_NEAR(unrolled.states[row * width + 5 + unit], c[row * 5 + unit], 1e-12);
      }
    }
  EXPECT_NEAR(unrolled.loss, data_.scalar("loss_mse"), 1e-12);
}

TEST_P(TrainingOracle, GradientsOfTheSquaredErrorAgree) {
  const Gradients found = loss_gradients(network_, batch_);
  EXPECT_NEAR(found.loss, data_.scalar("loss_mse"), 1e-12);
  const Vector expected = all_of(read_arrays(GetParam(), data_, "g_"));
  EXPECT_LT((all_of(found) - expected).cwiseAbs().maxCoeff(),
            1e-10 * expected.cwiseAbs().maxCoeff());
}

TEST_P(TrainingOracle, GradientsOfTheCrossEntropyAgree) {
  const Gradients found = loss_gradients(network_, signs_batch(), {Loss::bce});
  EXPECT_NEAR(found.loss, data_.scalar("loss_bce"), 1e-12);
  const Vector expected = all_of(read_arrays(GetParam(), data_, "gb_"));
  EXPECT_LT((all_of(found) - expected).cwiseAbs().maxCoeff(),
            1e-10 * expected.cwiseAbs().maxCoeff());
}

TEST_P(TrainingOracle, SinglePrecisionAgreesAsFarAsItCan) {
  const Gradients found = loss_gradients(network_, batch_, {}, Precision::float32);
  const Vector expected = all_of(read_arrays(GetParam(), data_, "g_"));
  EXPECT_LT(relative_distance(all_of(found), expected), 2e-6);
  EXPECT_GT(relative_distance(all_of(found), expected), 1e-12) << "not computed in float32";
}

TEST_P(TrainingOracle, HalfOfTheSquaredErrorHalvesTheGradient) {
  const Gradients whole = loss_gradients(network_, batch_);
  const Gradients half = loss_gradients(network_, batch_, {Loss::mse, true});
  EXPECT_NEAR(half.loss, 0.5 * whole.loss, 1e-15);
  EXPECT_LT(relative_distance(2 * all_of(half), all_of(whole)), 1e-14);
}

TEST(TrainingOracleControl, TheWrongResetIsNoticed) {
  const NamedArrays data = read_oracle(oracles()[3]);
  Network network = oracle_network(oracles()[3], data);
  network.reset = Reset::after;
  network.recurrent_bias = Vector::Zero(5);
  const Vector right = all_of(read_arrays(oracles()[3], data, "g_"));
  const Gradients found = loss_gradients(network, oracle_batch(data, "Y"));
  EXPECT_GT(
      (found.recurrent_weights - read_arrays(oracles()[3], data, "g_").recurrent_weights).norm(),
      1e-3 * right.norm());
}

struct Variant {
  CellKind cell;
  Activation activation;
  Reset reset;
};

std::vector<Variant> all_variants() {
  std::vector<Variant> variants;
  for (const Activation activation : {Activation::tanh, Activation::relu}) {
    for (const CellKind cell : {CellKind::vanilla, CellKind::leaky, CellKind::leaky_outside,
                                CellKind::ugrnn, CellKind::gru, CellKind::lstm})
      variants.push_back({cell, activation, Reset::after});
    variants.push_back({CellKind::gru, activation, Reset::before});
  }
  return variants;
}

std::string variant_name(const ::testing::TestParamInfo<Variant>& instance) {
  std::string name = std::string(name_of(instance.param.cell)) + "_" +
                     std::string(name_of(instance.param.activation)) + "_" +
                     std::string(name_of(instance.param.reset));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Network random_network(const Variant& variant, int units, Index n_inputs, Index n_outputs) {
  TrainOptions options;
  options.cell = variant.cell;
  options.activation = variant.activation;
  options.reset = variant.reset;
  options.units = units;
  options.seed = 11;
  Network network = make_initial_network(options, n_inputs, n_outputs);
  Rng rng(12, Purpose::tests);
  for (double& x : network.initial_state) x = 0.5 * rng.normal();
  for (double& x : network.alpha) x = rng.uniform(0.2, 1);
  return network;
}

tasks::TrialBatch random_batch(Index n_trials, Index n_steps, Index n_inputs, Index n_outputs) {
  tasks::TrialBatch batch{n_trials, n_steps, n_inputs, n_outputs, {}, {}, {}};
  Rng rng(13, Purpose::tests);
  for (Index i = 0; i < n_trials * n_steps * n_inputs; ++i) batch.inputs.push_back(rng.normal());
  for (Index i = 0; i < n_trials * n_steps * n_outputs; ++i) {
    batch.targets.push_back(rng.uniform(-1, 1));
    batch.mask.push_back(rng.below(4) == 0 ? 0.0 : rng.uniform(0.5, 2));
  }
  return batch;
}

class EveryCell : public ::testing::TestWithParam<Variant> {};

INSTANTIATE_TEST_SUITE_P(Cells, EveryCell, ::testing::ValuesIn(all_variants()), variant_name);

TEST_P(EveryCell, EachDerivativeIsACentralDifference) {
  Network network = random_network(GetParam(), 3, 2, 2);
  const tasks::TrialBatch batch = random_batch(2, 4, 2, 2);
  for (const LossOptions loss : {LossOptions{Loss::mse}, LossOptions{Loss::bce}}) {
    const Vector gradient = all_of(loss_gradients(network, batch, loss));
    const std::vector<double*> parameters = parameters_of(network);
    ASSERT_EQ(static_cast<std::size_t>(gradient.size()), parameters.size());
    const double step = 1e-5, scale = gradient.cwiseAbs().maxCoeff();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const double value = *parameters[i];
      *parameters[i] = value + step;
      const double above = unroll(network, batch, loss).loss;
      *parameters[i] = value - step;
      const double below = unroll(network, batch, loss).loss;
      *parameters[i] = value;
      EXPECT_NEAR(gradient[static_cast<Index>(i)], (above - below) / (2 * step), 1e-8 * scale)
          << "parameter " << i;
    }
  }
}

struct Sizes {
  int units;
  Index inputs, outputs, trials, steps;
};

// Units around multiples of the vector lengths, more trials than a slice, more steps than a block.
const std::vector<Sizes>& tricky_sizes() {
  static const std::vector<Sizes> sizes{{1, 1, 1, 1, 1},   {8, 3, 2, 16, 3},  {17, 2, 9, 19, 18},
                                        {33, 5, 1, 7, 40}, {70, 1, 3, 33, 4}, {140, 20, 2, 5, 3}};
  return sizes;
}

TEST_P(EveryCell, StatesAreThoseOfTheCellsDefinition) {
  for (const Sizes& s : tricky_sizes()) {
    const Network network = random_network(GetParam(), s.units, s.inputs, s.outputs);
    const tasks::TrialBatch batch = random_batch(s.trials, s.steps, s.inputs, s.outputs);
    const Unrolled unrolled = unroll(network, batch);
    const Matrix states = dynamics::simulate(*models::make_system(network), batch.inputs, s.trials,
                                             s.steps, Matrix(network.initial_state.transpose()));
    const Matrix outputs = models::readout(network, states);
    const Eigen::Map<const Matrix> found_states(unrolled.states.data(), states.rows(),
                                                states.cols());
    const Eigen::Map<const Matrix> found_outputs(unrolled.outputs.data(), outputs.rows(),
                                                 outputs.cols());
    EXPECT_LT((found_states - states).cwiseAbs().maxCoeff(), 1e-11) << s.units;
    EXPECT_LT((found_outputs - outputs).cwiseAbs().maxCoeff(), 1e-11) << s.units;
  }
}

TEST_P(EveryCell, DirectionalDerivativesAreCentralDifferencesAtEverySize) {
  for (const Sizes& s : tricky_sizes()) {
    Network network = random_network(GetParam(), s.units, s.inputs, s.outputs);
    const tasks::TrialBatch batch = random_batch(s.trials, s.steps, s.inputs, s.outputs);
    const Vector gradient = all_of(loss_gradients(network, batch));
    const std::vector<double*> parameters = parameters_of(network);
    // A direction near the gradient: random ones hardly change the loss. Small steps stay on one
    // side of relu's kinks.
    Rng rng(14, Purpose::tests);
    Vector direction = gradient / gradient.norm();
    for (double& x : direction)
      x += 0.5 * rng.normal() / std::sqrt(static_cast<double>(direction.size()));
    const auto loss_at = [&](double distance) {
      for (std::size_t i = 0; i < parameters.size(); ++i)
        *parameters[i] += distance * direction[static_cast<Index>(i)];
      const double loss = unroll(network, batch).loss;
      for (std::size_t i = 0; i < parameters.size(); ++i)
        *parameters[i] -= distance * direction[static_cast<Index>(i)];
      return loss;
    };
    const double step = 1e-6, expected = gradient.dot(direction);
    const double tolerance = GetParam().activation == Activation::relu ? 1e-6 : 1e-8;
    EXPECT_NEAR((loss_at(step) - loss_at(-step)) / (2 * step), expected,
                tolerance * gradient.norm() + 2e-10)
        << s.units << " units";
  }
}

TEST_P(EveryCell, SinglePrecisionFollowsDoublePrecision) {
  const Network network = random_network(GetParam(), 40, 3, 2);
  const tasks::TrialBatch batch = random_batch(20, 12, 3, 2);
  const Gradients exact = loss_gradients(network, batch);
  const Gradients found = loss_gradients(network, batch, {}, Precision::float32);
  EXPECT_NEAR(found.loss, exact.loss, 1e-5 * exact.loss);
  EXPECT_LT(relative_distance(all_of(found), all_of(exact)), 1e-5);
}

TEST_P(EveryCell, TheNumberOfThreadsDoesNotMatter) {
  const Network network = random_network(GetParam(), 20, 3, 2);
  const tasks::TrialBatch batch = random_batch(300, 5, 3, 2);
  set_n_threads(1);
  const Gradients one = loss_gradients(network, batch, {}, Precision::float32);
  set_n_threads(2);
  const Gradients two = loss_gradients(network, batch, {}, Precision::float32);
  set_n_threads(0);
  EXPECT_EQ(one.loss, two.loss);
  EXPECT_EQ(all_of(one), all_of(two));
}

/// Lowers NULLCLINE_SIMD for as long as it lives.
class WithSimd {
 public:
  explicit WithSimd(const char* name) { setenv("NULLCLINE_SIMD", name, 1); }
  ~WithSimd() { unsetenv("NULLCLINE_SIMD"); }
  WithSimd(const WithSimd&) = delete;
  WithSimd& operator=(const WithSimd&) = delete;
};

TEST_P(EveryCell, AllInstructionSetsAgree) {
  for (const Sizes& s : tricky_sizes()) {
    const Network network = random_network(GetParam(), s.units, s.inputs, s.outputs);
    const tasks::TrialBatch batch = random_batch(s.trials, s.steps, s.inputs, s.outputs);
    const Gradients best = loss_gradients(network, batch);
    for (const char* name : {"sse2", "avx2"}) {
      const WithSimd lowered(name);
      EXPECT_LT(relative_distance(all_of(loss_gradients(network, batch)), all_of(best)), 1e-12);
      EXPECT_LT(relative_distance(all_of(loss_gradients(network, batch, {}, Precision::float32)),
                                  all_of(best)),
                1e-5);
    }
  }
}

TEST(Bptt, ABatchThatDoesNotFitIsRefused) {
  const Network network = random_network({CellKind::gru, Activation::tanh, Reset::after}, 4, 2, 2);
  const tasks::TrialBatch good = random_batch(2, 3, 2, 2);
  EXPECT_NO_THROW(loss_gradients(network, good));
  EXPECT_THROW(loss_gradients(network, random_batch(2, 3, 3, 2)), InvalidInput);
  EXPECT_THROW(loss_gradients(network, random_batch(2, 3, 2, 1)), InvalidInput);
  EXPECT_THROW(unroll(network, random_batch(0, 3, 2, 2)), InvalidInput);
  tasks::TrialBatch bad = good;
  bad.inputs.pop_back();
  EXPECT_THROW(loss_gradients(network, bad), InvalidInput);
  bad = good;
  bad.mask.assign(bad.mask.size(), 0.0);
  EXPECT_THROW(loss_gradients(network, bad), InvalidInput);
  bad.mask[0] = std::nan("");
  EXPECT_THROW(loss_gradients(network, bad), InvalidInput);
  bad = good;
  bad.targets[0] = 1.5;
  EXPECT_NO_THROW(loss_gradients(network, bad));
  EXPECT_THROW(loss_gradients(network, bad, {Loss::bce}), InvalidInput);
}

TEST(Bptt, StacksAndProjectionsAreRefused) {
  const Network network = random_network({CellKind::lstm, Activation::tanh, Reset::after}, 4, 2, 2);
  Network stacked = network;
  Network above = network;
  above.input_weights = Matrix::Zero(16, 4);
  above.readout_weights.resize(0, 0);
  above.readout_bias.resize(0);
  above.initial_state.resize(0);
  stacked.upper.push_back(above);
  stacked.initial_state = Vector::Zero(stacked.n_states());
  EXPECT_NO_THROW(models::validate(stacked));
  EXPECT_THAT([&] { loss_gradients(stacked, random_batch(2, 3, 2, 2)); },
              ::testing::ThrowsMessage<InvalidInput>(::testing::HasSubstr("found 2 layers")));
  Network projected = network;
  projected.projection = Matrix::Identity(4, 4);
  EXPECT_NO_THROW(models::validate(projected));
  EXPECT_THAT([&] { unroll(projected, random_batch(2, 3, 2, 2)); },
              ::testing::ThrowsMessage<InvalidInput>(::testing::HasSubstr("output projection")));
}

TEST(Bptt, MaskedEntriesDoNotCount) {
  const Network network = random_network({CellKind::gru, Activation::tanh, Reset::after}, 4, 2, 2);
  tasks::TrialBatch batch = random_batch(3, 5, 2, 2);
  const Gradients before = loss_gradients(network, batch);
  for (std::size_t i = 0; i < batch.mask.size(); ++i)
    if (batch.mask[i] == 0) batch.targets[i] += 100;
  EXPECT_EQ(loss_gradients(network, batch).loss, before.loss);
  EXPECT_EQ(all_of(loss_gradients(network, batch)), all_of(before));
}

}  // namespace
}  // namespace nullcline::training
