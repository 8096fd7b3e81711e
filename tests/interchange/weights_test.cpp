// SPDX-License-Identifier: BSD-3-Clause
// Files and probe steps of tests/data/imports are PyTorch's and Keras's own.
#include "nullcline/interchange/weights.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/io/keras_file.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/io/weight_file.hpp"

namespace nullcline::interchange {
namespace {

using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string path_of(const std::string& name) {
  return std::string(NULLCLINE_TEST_DATA) + "/imports/" + name;
}

NamedArrays weights_of(const std::string& name) { return io::read_weights(path_of(name)); }
NamedArrays probe_of(const std::string& name) { return io::read_npz(path_of(name + ".probe.npz")); }

struct Import {
  const char* file;
  const char* probe;
  CellKind cell;
  Index n_outputs;
  double error;  ///< of float32 or float64 arithmetic
  WeightsOptions options{};
};

class FrameworkFile : public testing::TestWithParam<Import> {};

INSTANTIATE_TEST_SUITE_P(
    Pytorch, FrameworkFile,
    testing::Values(
        Import{"torch_gru.pt", "torch_gru", CellKind::gru, 3, 1e-12},
        Import{"torch_gru.npz", "torch_gru", CellKind::gru, 3, 1e-12},
        Import{"torch_gru.safetensors", "torch_gru", CellKind::gru, 3, 1e-12},
        Import{"torch_lstm.pth", "torch_lstm", CellKind::lstm, 3, 1e-6},
        Import{"torch_lstm_cell.pt", "torch_lstm_cell", CellKind::lstm, 0, 1e-12},
        Import{"torch_rnn_relu.pt",
               "torch_rnn_relu",
               CellKind::vanilla,
               3,
               1e-12,
               {.activation = Activation::relu}},
        Import{"torch_two.pt", "torch_two", CellKind::gru, 0, 1e-6, {.prefix = "decoder"}}));

INSTANTIATE_TEST_SUITE_P(
    Keras, FrameworkFile,
    testing::Values(Import{"keras_gru_after.keras", "keras_gru_after", CellKind::gru, 3, 1e-6},
                    Import{"keras_gru_after.h5", "keras_gru_after", CellKind::gru, 3, 1e-6},
                    Import{"keras_gru_after.weights.h5", "keras_gru_after", CellKind::gru, 0, 1e-6},
                    Import{"keras_gru_after.weights.h5",
                           "keras_gru_after",
                           CellKind::gru,
                           3,
                           1e-6,
                           {.readout = "dense"}},
                    Import{"keras_gru_before.keras", "keras_gru_before", CellKind::gru, 3, 1e-6},
                    Import{"keras_gru_no_bias.keras", "keras_gru_no_bias", CellKind::gru, 3, 1e-6},
                    Import{"keras_lstm.keras", "keras_lstm", CellKind::lstm, 3, 1e-6},
                    Import{"keras_lstm.h5", "keras_lstm", CellKind::lstm, 3, 1e-6},
                    Import{"keras_simple_rnn.keras", "keras_simple_rnn", CellKind::vanilla, 3,
                           1e-6},
                    Import{"keras_relu.keras", "keras_relu", CellKind::vanilla, 0, 1e-6},
                    Import{"keras_two.keras", "keras_two", CellKind::gru, 2, 1e-6}));

TEST_P(FrameworkFile, ReproducesItsFrameworksSteps) {
  const Import& import = GetParam();
  const NamedArrays weights = weights_of(import.file), probe = probe_of(import.probe);
  Network network = network_from_weights(weights, import.options);
  EXPECT_EQ(network.cell, import.cell);
  EXPECT_EQ(network.n_outputs(), import.n_outputs);
  EXPECT_FALSE(network.verified);
  EXPECT_LT(probe_error(network, probe), import.error);
  verify_weights(network, weights, import.options, probe);
  EXPECT_TRUE(network.verified);
}

TEST(Weights, TheReadoutIsTheFrameworks) {
  const NamedArrays weights = weights_of("torch_gru.pt");
  const Network network = network_from_weights(weights, {});
  EXPECT_EQ(network.readout_weights, weights.matrix("fc.weight"));
  EXPECT_EQ(network.readout_bias, weights.vector("fc.bias"));
  EXPECT_EQ(network_from_weights(weights, {.readout = "none"}).n_outputs(), 0);

  const NamedArrays keras = weights_of("keras_gru_after.keras");
  EXPECT_EQ(network_from_weights(keras, {}).readout_weights,
            Matrix(keras.matrix("layers/dense/vars/0").transpose()));
  EXPECT_EQ(network_from_weights(weights_of("keras_two.keras"), {.prefix = "second"}).n_outputs(),
            2);
}

std::string refusal(const NamedArrays& weights, const WeightsOptions& options = {}) {
  try {
    network_from_weights(weights, options);
  } catch (const FormatError& error) {
    return error.what();
  }
  ADD_FAILURE() << "was imported without complaint";
  return "";
}

TEST(Weights, SeveralModulesAreListed) {
  EXPECT_THAT(refusal(weights_of("torch_two.pt")),
              AllOf(HasSubstr("'decoder', 'encoder'"), HasSubstr("--prefix")));
  EXPECT_THAT(refusal(weights_of("torch_two.pt"), {.prefix = "middle"}),
              AllOf(HasSubstr("no recurrent module 'middle'"), HasSubstr("'encoder'")));
  EXPECT_THAT(refusal(weights_of("keras_two.keras"), {.prefix = "third"}),
              HasSubstr("no recurrent layer 'third'"));
}

TEST(Weights, RecurrentLayersOfASequentialModelAreOneStack) {
  const NamedArrays weights = weights_of("keras_two.keras");
  const Network network = network_from_weights(weights, {});
  EXPECT_EQ(network.n_layers(), 2);
  EXPECT_EQ(network.n_states(), 10);
  EXPECT_EQ(network.recurrent_weights,
            network_from_weights(weights, {.prefix = "first"}).recurrent_weights);
  EXPECT_EQ(network.upper[0].recurrent_weights,
            network_from_weights(weights, {.prefix = "second"}).recurrent_weights);

  // In any other model the list of layers does not say what feeds what.
  NamedArrays functional = weights;
  auto& text = std::get<std::string>(functional.attributes.at(io::kKerasConfiguration));
  const std::size_t place = text.find("Sequential");
  ASSERT_NE(place, std::string::npos);
  text.replace(place, 10, "Functional");
  EXPECT_THAT(refusal(functional), AllOf(HasSubstr("'first', 'second'"), HasSubstr("--prefix")));
  // And a layer between them that does something is no part of a stack.
  NamedArrays between = weights;
  auto& layers = std::get<std::string>(between.attributes.at(io::kKerasConfiguration));
  const std::size_t second = layers.rfind("{", layers.find("\"name\": \"second\""));
  const std::size_t entry = layers.rfind("{", second - 1);
  layers.insert(entry, R"({"class_name": "LayerNormalization", "config": {"name": "norm"}}, )");
  EXPECT_THAT(refusal(between), HasSubstr("--prefix"));
}

TEST(Weights, AReadoutThatMayBeSeveralLayersIsAskedFor) {
  NamedArrays weights = weights_of("torch_gru.pt");
  weights.set("value.weight", weights.at("fc.weight"));
  weights.set("value.bias", weights.at("fc.bias"));
  EXPECT_THAT(refusal(weights), AllOf(HasSubstr("fc, value"), HasSubstr("--readout")));
  EXPECT_EQ(network_from_weights(weights, {.readout = "value"}).n_outputs(), 3);
  EXPECT_THAT(refusal(weights, {.readout = "policy"}), HasSubstr("'policy.weight'"));
  EXPECT_THAT(refusal(weights, {.readout = "embed"}), HasSubstr("'embed.weight'"));
}

TEST(Weights, TheFirstLayerOfADeeperDecoderIsNoReadout) {
  NamedArrays weights = weights_of("torch_gru.pt");
  weights.set("head.weight", Matrix::Ones(2, 3), {}, "");
  weights.set_vector("head.bias", Vector::Ones(2), "output", "");
  EXPECT_THAT(refusal(weights), HasSubstr("fc, head"));
}

TEST(Weights, KerasSettingsThatNoCellHasAreNamed) {
  EXPECT_THAT(refusal(weights_of("keras_hard_sigmoid.keras")),
              HasSubstr("recurrent_activation 'hard_sigmoid'"));
  EXPECT_THAT(refusal(weights_of("keras_backwards.keras")), HasSubstr("go_backwards"));
  EXPECT_THAT(refusal(weights_of("keras_bidirectional.keras")), HasSubstr("Bidirectional"));
  EXPECT_THAT(refusal(weights_of("keras_softplus.keras")), HasSubstr("activation 'softplus'"));
  EXPECT_THAT(refusal(weights_of("keras_softmax.keras")),
              AllOf(HasSubstr("'softmax'"), HasSubstr("--readout none")));
  EXPECT_EQ(
      network_from_weights(weights_of("keras_softmax.keras"), {.readout = "none"}).n_outputs(), 0);
}

TEST(Weights, OptionsThatContradictTheFileAreRefused) {
  const NamedArrays keras = weights_of("keras_gru_after.keras");
  const auto refuses = [](const NamedArrays& weights, const WeightsOptions& options,
                          const std::string& words) {
    EXPECT_THAT([&] { network_from_weights(weights, options); },
                ThrowsMessage<InvalidInput>(HasSubstr(words)));
  };
  refuses(keras, {.cell = CellKind::lstm}, "cell: found lstm, but the file says gru");
  refuses(keras, {.activation = Activation::relu}, "activation: found relu");
  refuses(keras, {.reset = Reset::before}, "reset: found before");
  refuses(keras, {.alpha = 0.1}, "alpha: is the leak");
  refuses(weights_of("torch_gru.pt"), {.alpha = 0.1}, "alpha: is the leak");
}

/// The rows of every array of the recurrent layer, gate by gate, as a source with another order
/// stores them: block k of the result is our gate `order[k]`.
NamedArrays with_gates(const NamedArrays& weights, const std::vector<Index>& order) {
  NamedArrays result;
  for (const auto& [name, array] : weights.all()) {
    if (name.find("_ih") == name.npos && name.find("_hh") == name.npos) {
      result.set(name, array);
      continue;
    }
    const std::vector<double> values = weights.values(name);
    const std::size_t block = values.size() / order.size();
    std::vector<double> stored;
    for (const Index gate : order) {
      const auto start = values.begin() + gate * static_cast<std::ptrdiff_t>(block);
      stored.insert(stored.end(), start, start + static_cast<std::ptrdiff_t>(block));
    }
    result.set(name, {{}, array.shape, stored, {}});
  }
  return result;
}

/// Changes one gate's block of an array.
void change_block(NamedArrays& weights, const std::string& name, std::size_t gate,
                  std::size_t n_gates, const std::function<double(double)>& change) {
  std::vector<double> values = weights.values(name);
  const std::size_t block = values.size() / n_gates;
  for (std::size_t i = gate * block; i < (gate + 1) * block; ++i) values[i] = change(values[i]);
  weights.set(name, {{}, weights.at(name).shape, values, {}});
}

std::string hint(const NamedArrays& weights, const NamedArrays& probe,
                 const WeightsOptions& options = {}) {
  Network network = network_from_weights(weights, options);
  try {
    verify_weights(network, weights, options, probe);
  } catch (const FormatError& error) {
    EXPECT_FALSE(network.verified);
    return error.what();
  }
  ADD_FAILURE() << "was verified";
  return "";
}

TEST(Conventions, OfAGruAreToldApart) {
  const NamedArrays weights = weights_of("torch_gru.pt"), probe = probe_of("torch_gru");
  EXPECT_THAT(
      hint(with_gates(weights, {1, 0, 2}), probe),
      HasSubstr("this convention does (activation tanh, reset after, gates z, r, n (Keras"));

  NamedArrays negated = weights;
  for (const char* name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"})
    change_block(negated, std::string("rnn.") + name, 1, 3, [](double value) { return -value; });
  EXPECT_THAT(hint(negated, probe), HasSubstr("z replaces: h' = (1-z) h + z n (Haiku)"));
  EXPECT_THAT(
      hint(with_gates(negated, {1, 0, 2}), probe, {.activation = Activation::relu}),
      AllOf(HasSubstr("activation tanh, reset after, gates z, r, n"), HasSubstr("z replaces")));

  NamedArrays swapped = weights;
  swapped.set("rnn.bias_ih_l0", weights.at("rnn.bias_hh_l0"));
  swapped.set("rnn.bias_hh_l0", weights.at("rnn.bias_ih_l0"));
  EXPECT_THAT(hint(swapped, probe), HasSubstr("the two biases of n swapped"));

  EXPECT_THAT(hint(weights, probe, {.reset = Reset::before}),
              HasSubstr("this convention does (activation tanh, reset after: "));
  EXPECT_THAT(hint(weights, probe, {.activation = Activation::relu}),
              HasSubstr("this convention does (activation tanh, reset after: "));
}

Matrix logistic(const Matrix& values) { return 1 / (1 + (-values.array()).exp()); }

/// The steps of a GRU with reset after, all of n's bias outside the gate or inside.
Matrix steps_by_hand(const NamedArrays& weights, const NamedArrays& probe, bool is_inside) {
  const Index n = 5;
  const Matrix h = probe.matrix("h");
  const Vector b_ih = weights.vector("rnn.bias_ih_l0"), b_hh = weights.vector("rnn.bias_hh_l0");
  const Matrix a = (probe.matrix("x") * weights.matrix("rnn.weight_ih_l0").transpose()).rowwise() +
                   b_ih.transpose();
  const Matrix b =
      (h * weights.matrix("rnn.weight_hh_l0").transpose()).rowwise() + b_hh.transpose();
  const Matrix r = logistic(a.leftCols(n) + b.leftCols(n));
  const Matrix z = logistic(a.middleCols(n, n) + b.middleCols(n, n));
  Matrix outside = a.rightCols(n), inside = b.rightCols(n);
  if (is_inside) {
    outside.rowwise() -= b_ih.tail(n).transpose();
    inside.rowwise() += b_ih.tail(n).transpose();
  } else {
    outside.rowwise() += b_hh.tail(n).transpose();
    inside.rowwise() -= b_hh.tail(n).transpose();
  }
  const Matrix candidate = (outside.array() + r.array() * inside.array()).tanh();
  return z.array() * h.array() + (1 - z.array()) * candidate.array();
}

TEST(Conventions, WhereTheBiasOfNGoesIsToldApart) {
  const NamedArrays weights = weights_of("torch_gru.pt");
  NamedArrays probe = probe_of("torch_gru");
  for (const auto& [is_inside, words] :
       {std::pair{false, "all of n's bias outside the reset gate"},
        std::pair{true, "all of n's bias inside the reset gate"}}) {
    probe.set("h_next", steps_by_hand(weights, probe, is_inside), {}, "");
    EXPECT_THAT(hint(weights, probe), HasSubstr(words));
  }
}

TEST(Conventions, OfAnLstmAreToldApart) {
  const NamedArrays weights = weights_of("torch_lstm.pth");
  NamedArrays probe = probe_of("torch_lstm");
  const auto with_order = [&](const std::vector<Index>& order) {
    return with_gates(weights, order);
  };
  EXPECT_THAT(hint(with_order({0, 2, 1, 3}), probe),
              HasSubstr("gates i, g, f, o (Haiku, TensorFlow 1)"));
  EXPECT_THAT(hint(with_order({0, 3, 1, 2}), probe), HasSubstr("gates i, o, f, g (ONNX)"));
  EXPECT_THAT(hint(with_order({1, 0, 2, 3}), probe), HasSubstr("gates f, i, g, o: "));

  NamedArrays biased = weights;
  change_block(biased, "state_dict.rnn.bias_ih_l0", 1, 4, [](double value) { return value - 1; });
  EXPECT_THAT(hint(biased, probe), HasSubstr("forget bias +1 (Haiku, TensorFlow 1)"));
  EXPECT_THAT(hint(with_gates(biased, {0, 2, 1, 3}), probe),
              AllOf(HasSubstr("gates i, g, f, o"), HasSubstr("forget bias +1")));
  change_block(biased, "state_dict.rnn.bias_ih_l0", 1, 4, [](double value) { return value + 2; });
  EXPECT_THAT(hint(biased, probe), HasSubstr("forget bias -1"));

  for (const char* name : {"h", "h_next"}) {
    Matrix states = probe.matrix(name);
    const Matrix hidden = states.leftCols(4);
    states.leftCols(4) = states.rightCols(4).eval();
    states.rightCols(4) = hidden;
    probe.set(name, states, {}, "");
  }
  EXPECT_THAT(hint(weights, probe), HasSubstr("states [c; h]"));
}

TEST(Conventions, OfOneGateAreToldApart) {
  const NamedArrays weights = weights_of("torch_rnn_relu.pt"), probe = probe_of("torch_rnn_relu");
  NamedArrays transposed = weights;
  transposed.set("rnn.weight_hh_l0", Matrix(weights.matrix("rnn.weight_hh_l0").transpose()), {},
                 "");
  EXPECT_THAT(hint(transposed, probe, {.activation = Activation::relu}),
              HasSubstr("recurrent weights transposed"));
  EXPECT_THAT(hint(transposed, probe), HasSubstr("activation relu, recurrent weights transposed"));
}

TEST(Conventions, WeightsThatNoConventionFitsAreRefused) {
  NamedArrays weights = weights_of("keras_lstm.keras");
  Matrix kernel = weights.matrix("layers/lstm/cell/vars/1");
  kernel(0, 0) += 0.5;
  weights.set("layers/lstm/cell/vars/1", kernel, {}, "");
  EXPECT_THAT(hint(weights, probe_of("keras_lstm")), HasSubstr("nor does any other convention"));
}

NamedArrays rate_weights() {
  NamedArrays weights;
  Matrix recurrent(3, 3), input(3, 2), output(1, 3);
  recurrent << 0.5, -0.25, 1, 0.75, -1.5, 0.1, -0.3, 0.2, 0.4;
  input << 1, 0.5, -0.5, 2, 0.25, -1;
  output << 1, -2, 0.5;
  weights.set("W_rec", recurrent, {}, "");
  weights.set("W_in", input, {}, "");
  weights.set("W_out", output, {}, "");
  Vector bias(3);
  bias << 0.1, -0.2, 0.3;
  weights.set_vector("b_rec", bias, "unit", "");
  weights.set_vector("b_out", Vector::Constant(1, 0.7), "output", "");
  weights.set("init_state", Matrix::Constant(1, 3, 0.1), {}, "");
  return weights;
}

/// v' = (1-alpha) v + alpha (W phi(v) + A x + b), as PsychRNN's documentation has it.
NamedArrays rate_probe(const NamedArrays& weights, const Matrix& recurrent, double alpha) {
  Matrix x(4, 2), h(4, 3);
  x << 1, 0, 0, 1, -1, 0.5, 0.3, -0.7;
  h << 0.5, -0.5, 1, -1, 2, 0.25, 0.1, 0.2, -0.3, 0, 0, 0;
  const Matrix drive =
      h.cwiseMax(0.0) * recurrent.transpose() + x * weights.matrix("W_in").transpose();
  NamedArrays probe;
  probe.set("x", x, {}, "");
  probe.set("h", h, {}, "");
  probe.set(
      "h_next",
      Matrix((1 - alpha) * h + alpha * (drive.rowwise() + weights.vector("b_rec").transpose())), {},
      "");
  return probe;
}

TEST(Psychrnn, IsALeakyRateNetworkWithTheLeakOfTheOptions) {
  const NamedArrays weights = rate_weights();
  const WeightsOptions options{.alpha = 0.2};
  Network network = network_from_weights(weights, options);
  const NamedArrays probe = rate_probe(weights, weights.matrix("W_rec"), 0.2);
  EXPECT_EQ(network.cell, CellKind::leaky_outside);
  EXPECT_EQ(network.activation, Activation::relu);
  EXPECT_EQ(network.initial_state, Vector::Constant(3, 0.1));
  EXPECT_LT(probe_error(network, probe), 1e-15);
  verify_weights(network, weights, options, probe);
  EXPECT_TRUE(network.verified);
  EXPECT_THAT(hint(weights, probe, {.activation = Activation::tanh, .alpha = 0.2}),
              HasSubstr("this convention does (activation relu: "));
  EXPECT_THAT(hint(weights, probe, {.alpha = 0.3}), HasSubstr("nor does any other"));
}

TEST(Psychrnn, ConnectivityAndDalesSignsActOnTheWeights) {
  NamedArrays weights = rate_weights();
  Matrix mask = Matrix::Ones(3, 3), signs = Matrix::Zero(3, 3), out = Matrix::Zero(3, 3);
  mask(0, 1) = 0;
  signs.diagonal() << 1, 1, -1;
  out.diagonal() << 1, 1, 0;
  weights.set("rec_connectivity", mask, {}, "");
  weights.set("Dale_rec", signs, {}, "");
  weights.set("Dale_out", out, {}, "");
  const Network network = network_from_weights(weights, {.alpha = 0.2});
  Matrix expected(3, 3);
  expected << 0.5, 0, -1, 0.75, 1.5, -0.1, 0.3, 0.2, -0.4;
  EXPECT_EQ(network.recurrent_weights, expected);
  EXPECT_EQ(network.input_weights, Matrix(weights.matrix("W_in").cwiseAbs()));
  EXPECT_EQ(network.readout_weights, (Matrix(1, 3) << 1, 2, 0).finished());
  EXPECT_EQ(network.dale_signs, (Vector(3) << 1, 1, -1).finished());
  EXPECT_EQ(network.mask, mask);
}

TEST(Psychrnn, WhatIsMissingOrDoesNotFitIsNamed) {
  EXPECT_THAT([] { network_from_weights(rate_weights(), {}); },
              ThrowsMessage<InvalidInput>(HasSubstr("alpha: missing")));
  EXPECT_THAT([] { network_from_weights(rate_weights(), {.alpha = 1.5}); },
              ThrowsMessage<InvalidInput>(HasSubstr("alpha: found 1.5")));
  EXPECT_THAT([] { network_from_weights(rate_weights(), {.cell = CellKind::gru, .alpha = 0.5}); },
              ThrowsMessage<InvalidInput>(HasSubstr("cell: found gru")));
  NamedArrays weights = rate_weights();
  weights.set("Dale_rec", Matrix::Ones(3, 3), {}, "");
  EXPECT_THAT(refusal(weights, {.alpha = 0.5}), HasSubstr("'Dale_rec': is not diagonal"));
  weights = rate_weights();
  weights.set("W_in", Matrix::Ones(2, 2), {}, "");
  EXPECT_THAT(refusal(weights, {.alpha = 0.5}), HasSubstr("'W_in': is 2 x 2, expected 3 x 2"));
}

TEST(OwnNames, GiveARateNetwork) {
  NamedArrays weights;
  weights.set("recurrent_weights", rate_weights().matrix("W_rec"), {}, "");
  weights.set("input_weights", rate_weights().matrix("W_in"), {}, "");
  weights.set_vector("bias", rate_weights().vector("b_rec"), "unit", "");
  EXPECT_THAT([&] { network_from_weights(weights, {}); },
              ThrowsMessage<InvalidInput>(HasSubstr("cell: missing, expected vanilla | leaky")));
  const WeightsOptions options{
      .cell = CellKind::leaky_outside, .activation = Activation::relu, .alpha = 0.2};
  Network network = network_from_weights(weights, options);
  const NamedArrays probe = rate_probe(rate_weights(), rate_weights().matrix("W_rec"), 0.2);
  verify_weights(network, weights, options, probe);
  EXPECT_TRUE(network.verified);
  EXPECT_THAT(
      hint(weights, probe, {.cell = CellKind::leaky, .activation = Activation::relu, .alpha = 0.2}),
      HasSubstr("cell leaky-outside"));

  weights.set_vector("alpha", (Vector(3) << 0.1, 0.2, 0.3).finished(), "unit", "");
  EXPECT_EQ(network_from_weights(weights, {.cell = CellKind::leaky}).alpha(2), 0.3);
  EXPECT_THAT([&] { network_from_weights(weights, options); },
              ThrowsMessage<InvalidInput>(HasSubstr("the file holds an array 'alpha'")));
  EXPECT_THAT([&] { network_from_weights(weights, {.cell = CellKind::vanilla}); },
              ThrowsMessage<InvalidInput>(HasSubstr("cell vanilla has no leak")));
}

TEST(Weights, UnknownNamesAreListed) {
  NamedArrays weights;
  weights.set("kernel", Matrix::Ones(2, 2), {}, "");
  EXPECT_THAT(refusal(weights), AllOf(HasSubstr("weight_ih_l0"), HasSubstr("found kernel")));
}

}  // namespace
}  // namespace nullcline::interchange
