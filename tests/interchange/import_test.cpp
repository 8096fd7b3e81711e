// SPDX-License-Identifier: BSD-3-Clause
// The networks of tests/data/flip-flop were trained with PyTorch, which also gave their probe
// steps.
#include "nullcline/interchange/import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::interchange {
namespace {

using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t kUnits = 2, kInputs = 1;

NamedArrays flip_flop(const std::string& name, const std::string& part) {
  return io::read_npz(std::string(NULLCLINE_TEST_DATA) + "/flip-flop/" + name + "." + part +
                      ".npz");
}

CellKind cell_of(const std::string& name) {
  if (name.starts_with("gru")) return CellKind::gru;
  return name.starts_with("lstm") ? CellKind::lstm : CellKind::vanilla;
}

/// Arrays filled with 1, 2, 3, ... in turn, so that every number has one place.
NamedArrays counting_weights(std::size_t gates, const std::string& prefix = "",
                             const std::string& suffix = "_l0") {
  double next = 1;
  const auto counted = [&](std::vector<std::size_t> shape) {
    NamedArray array;
    array.shape = std::move(shape);
    std::vector<double> values(array.size());
    for (double& value : values) value = next++;
    array.data = std::move(values);
    return array;
  };
  NamedArrays weights;
  weights.set(prefix + "weight_ih" + suffix, counted({gates * kUnits, kInputs}));
  weights.set(prefix + "weight_hh" + suffix, counted({gates * kUnits, kUnits}));
  weights.set(prefix + "bias_ih" + suffix, counted({gates * kUnits}));
  weights.set(prefix + "bias_hh" + suffix, counted({gates * kUnits}));
  return weights;
}

NamedArrays without(const NamedArrays& arrays, const std::string& name) {
  NamedArrays rest;
  for (const auto& [key, array] : arrays.all())
    if (key != name) rest.set(key, array);
  return rest;
}

std::string refusal(const NamedArrays& weights, const ImportOptions& options = {}) {
  try {
    network_from_pytorch(weights, options);
  } catch (const FormatError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  ADD_FAILURE() << "was imported without complaint";
  return "";
}

class TrainedNetwork : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Import, TrainedNetwork,
                         testing::Values("gru8_proven27", "gru16_seed0", "gru16_seed1",
                                         "gru64_seed2", "lstm16_seed0", "lstm64_seed0",
                                         "vanilla16_seed0", "vanilla16_seed1", "vanilla64_seed1",
                                         "vanilla64_4bit"));

TEST_P(TrainedNetwork, ReproducesPytorchsSteps) {
  const NamedArrays weights = flip_flop(GetParam(), "weights");
  const NamedArrays probe = flip_flop(GetParam(), "probe");
  Network network = network_from_pytorch(weights, {.cell = cell_of(GetParam())});
  EXPECT_FALSE(network.verified);
  EXPECT_LT(probe_error(network, probe), 1e-13);
  verify_with_probe(network, probe, probe_tolerance(weights, probe));
  EXPECT_TRUE(network.verified);
  EXPECT_EQ(network.n_outputs(), GetParam() == "vanilla64_4bit" ? 4 : 3);
}

TEST_P(TrainedNetwork, IsRefusedWithTheWrongActivationAndToldTheRightOne) {
  const NamedArrays weights = flip_flop(GetParam(), "weights");
  const NamedArrays probe = flip_flop(GetParam(), "probe");
  Network network =
      network_from_pytorch(weights, {.cell = cell_of(GetParam()), .activation = Activation::relu});
  const auto matches = ThrowsMessage<FormatError>(
      AllOf(HasSubstr("activation relu"), HasSubstr("does not reproduce the probe"),
            HasSubstr("this convention does (activation tanh")));
  EXPECT_THAT([&] { verify_with_probe(network, probe, 1e-10); }, matches);
  EXPECT_THAT([&] { verify_with_probe(network, probe, 1e-10, weights); }, matches);
  EXPECT_FALSE(network.verified);
}

class TrainedGru : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Import, TrainedGru,
                         testing::Values("gru8_proven27", "gru16_seed0", "gru16_seed1",
                                         "gru64_seed2"));

TEST_P(TrainedGru, IsRefusedWithResetBeforeAndToldTheRightConvention) {
  const NamedArrays weights = flip_flop(GetParam(), "weights");
  const NamedArrays probe = flip_flop(GetParam(), "probe");
  for (const Activation activation : {Activation::tanh, Activation::relu}) {
    Network network = network_from_pytorch(
        weights, {.cell = CellKind::gru, .activation = activation, .reset = Reset::before});
    EXPECT_THAT([&] { verify_with_probe(network, probe, 1e-10, weights); },
                ThrowsMessage<FormatError>(
                    AllOf(HasSubstr("reset before"),
                          HasSubstr("this convention does (activation tanh, reset after"))));
  }
}

TEST(Import, ANetworkThatNoConventionFitsIsRefusedWithAllErrors) {
  NamedArrays weights = flip_flop("gru16_seed0", "weights");
  Matrix recurrent = weights.matrix("weight_hh_l0");
  recurrent(0, 0) += 0.5;
  weights.set("weight_hh_l0", recurrent, {"row", "unit"}, "");
  Network network = network_from_pytorch(weights, {});
  EXPECT_THAT(
      [&] { verify_with_probe(network, flip_flop("gru16_seed0", "probe"), 1e-10, weights); },
      ThrowsMessage<FormatError>(
          AllOf(HasSubstr("nor does any other convention (activation relu, reset after: "),
                HasSubstr("activation tanh, reset before: "),
                HasSubstr("activation relu, reset before: "))));
}

/// Steps of `network` itself from spread-out states.
NamedArrays probe_of(const Network& network) {
  constexpr Index kSteps = 5;
  const auto spread = [&](Index columns, double frequency) {
    Matrix values(kSteps, columns);
    for (Index i = 0; i < values.size(); ++i)
      values.data()[i] = std::sin(frequency * static_cast<double>(i + 1));
    return values;
  };
  const Matrix inputs = spread(network.n_inputs(), 1.1), states = spread(network.n_states(), 0.7);
  Matrix next(kSteps, network.n_states());
  models::make_system(network)->evaluate(states, inputs, next);
  NamedArrays probe;
  probe.set("x", inputs, {"step", "input"}, "");
  probe.set("h", states, {"step", "unit"}, "");
  probe.set("h_next", next, {"step", "unit"}, "");
  return probe;
}

TEST(Import, WithoutItsWeightsANetworkIsStillToldWhatCanBeKnown) {
  NamedArrays weights = flip_flop("gru16_seed0", "weights");
  const auto hint = [&](double bias_inside_the_gate) {
    weights.set_vector("bias_hh_l0", Vector::Constant(48, bias_inside_the_gate), "row", "");
    const NamedArrays probe = probe_of(network_from_pytorch(weights, {.reset = Reset::after}));
    Network before = network_from_pytorch(weights, {.reset = Reset::before});
    try {
      verify_with_probe(before, probe, 1e-10);
    } catch (const FormatError& error) {
      return std::string(error.what());
    }
    return std::string("verified");
  };
  EXPECT_THAT(hint(0), HasSubstr("this convention does (activation tanh, reset after"));
  // A network read with reset before has summed the two biases, and cannot take them apart again.
  EXPECT_THAT(hint(0.5), HasSubstr("nor does any other convention"));
}

TEST(Import, GruBiasesAreSummedButForTheOneInsideTheGate) {
  // Rows r, z, n of two units; bias_ih counts 19 to 24, bias_hh 25 to 30.
  const Network after = network_from_pytorch(counting_weights(3), {.reset = Reset::after});
  EXPECT_THAT(after.bias, testing::ElementsAre(44, 46, 48, 50, 23, 24));
  EXPECT_THAT(after.recurrent_bias, testing::ElementsAre(29, 30));
  const Network before = network_from_pytorch(counting_weights(3), {.reset = Reset::before});
  EXPECT_THAT(before.bias, testing::ElementsAre(44, 46, 48, 50, 52, 54));
  EXPECT_EQ(before.recurrent_bias.size(), 0);
}

TEST(Import, RowsOfEveryCellStayInOrder) {
  for (const auto& [cell, gates] : {std::pair{CellKind::vanilla, 1}, std::pair{CellKind::ugrnn, 2},
                                    std::pair{CellKind::gru, 3}, std::pair{CellKind::lstm, 4}}) {
    const Network network =
        network_from_pytorch(counting_weights(static_cast<std::size_t>(gates)), {.cell = cell});
    EXPECT_EQ(network.input_weights(0, 0), 1);
    EXPECT_EQ(network.recurrent_weights(0, 1), 2 * gates + 2) << name_of(cell);
    EXPECT_EQ(network.recurrent_weights(2 * gates - 1, 1), 6 * gates) << name_of(cell);
    EXPECT_EQ(network.initial_state.size(), network.n_states());
    EXPECT_NO_THROW(models::validate(network)) << name_of(cell);
  }
}

TEST(Import, PrefixesAndCellNamesAreFound) {
  const Network plain = network_from_pytorch(counting_weights(3), {});
  for (const std::string prefix : {"rnn.", "model.encoder.gru."})
    for (const std::string suffix : {"", "_l0"}) {
      const Network network = network_from_pytorch(counting_weights(3, prefix, suffix), {});
      EXPECT_EQ(network.recurrent_weights, plain.recurrent_weights) << prefix << suffix;
    }
}

TEST(Import, AbsentBiasesAreZero) {
  const NamedArrays weights = without(without(counting_weights(3), "bias_ih_l0"), "bias_hh_l0");
  const Network network = network_from_pytorch(weights, {});
  EXPECT_EQ(network.bias, Vector::Zero(6));
  EXPECT_EQ(network.recurrent_bias, Vector::Zero(2));
  EXPECT_THAT(refusal(without(counting_weights(3), "bias_hh_l0")), HasSubstr("only one of"));
}

TEST(Import, TheReadoutIsOptionalAndMayHaveAPrefix) {
  NamedArrays weights = counting_weights(3, "rnn.");
  EXPECT_EQ(network_from_pytorch(weights, {}).n_outputs(), 0);
  weights.set("net.readout.weight", Matrix::Constant(3, 2, 7), {"output", "unit"}, "");
  EXPECT_EQ(network_from_pytorch(weights, {}).readout_bias, Vector::Zero(3));
  weights.set_vector("net.readout.bias", Vector::Constant(3, 9), "output", "");
  const Network network = network_from_pytorch(weights, {});
  EXPECT_EQ(network.readout_weights(2, 1), 7);
  EXPECT_EQ(network.readout_bias(0), 9);
  weights.set("readout.weight", Matrix::Constant(3, 2, 7), {"output", "unit"}, "");
  EXPECT_THAT(refusal(weights), HasSubstr("several readouts"));
}

TEST(Import, AWrongNumberOfGatesNamesTheCellThatFits) {
  EXPECT_THAT(refusal(counting_weights(3), {.cell = CellKind::lstm}),
              AllOf(HasSubstr("'weight_hh_l0': is 6 x 2"), HasSubstr("3 gates mean cell gru"),
                    HasSubstr("found cell lstm"), HasSubstr("needs 8 x 2")));
  EXPECT_THAT(refusal(counting_weights(1), {.cell = CellKind::gru}),
              HasSubstr("1 gate mean cell vanilla"));
  NamedArrays odd = counting_weights(3);
  odd.set("weight_hh_l0", Matrix::Zero(7, 2), {"row", "unit"}, "");
  EXPECT_THAT(refusal(odd), HasSubstr("a gru of 2 units needs 6 x 2"));
}

TEST(Import, ShapesThatDoNotFitEachOtherAreRefused) {
  const auto refused = [](const std::string& name, const Matrix& values) {
    NamedArrays weights = counting_weights(3);
    weights.set(name, values, {"row", "column"}, "");
    return refusal(weights);
  };
  EXPECT_THAT(refused("weight_ih_l0", Matrix::Zero(4, 1)), HasSubstr("'weight_ih_l0': is 4 x 1"));
  EXPECT_THAT(refused("weight_hh_l0", Matrix::Zero(0, 0)), HasSubstr("0 x 0"));
  EXPECT_THAT(refused("readout.weight", Matrix::Zero(3, 5)),
              HasSubstr("'readout.weight': is 3 x 5"));
  EXPECT_THAT(refused("bias_ih_l0", Matrix::Zero(6, 1)), HasSubstr("'bias_ih_l0'"));
  NamedArrays long_bias = counting_weights(3);
  long_bias.set_vector("bias_hh_l0", Vector::Zero(7), "row", "");
  EXPECT_THAT(refusal(long_bias), HasSubstr("'bias_hh_l0': has 7 entries, expected 6"));
}

TEST(Import, NumbersThatAreNoneAreRefused) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    for (const std::string name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}) {
      NamedArrays weights = counting_weights(3);
      NamedArray array = weights.at(name);
      std::get<std::vector<double>>(array.data).back() = bad;
      weights.set(name, array);
      EXPECT_THAT(refusal(weights), AllOf(HasSubstr(name), HasSubstr("NaN or infinity")));
    }
}

TEST(Import, NetworksThatAreNoSingleMapAreRefusedWithTheReason) {
  const auto refused_with = [](const std::string& name) {
    NamedArrays weights = counting_weights(3, "rnn.");
    weights.set("rnn." + name, Matrix::Zero(6, 2), {"row", "unit"}, "");
    return refusal(weights);
  };
  EXPECT_THAT(refused_with("weight_ih_l0_reverse"), HasSubstr("bidirectional"));
  EXPECT_THAT(refused_with("weight_ih_l2"), HasSubstr("expected 'rnn.weight_ih_l1'"));
  EXPECT_THAT(refused_with("weight_hr_l0"), HasSubstr("projection"));
  // Equinox's GRUCell: silence would lose its biases.
  EXPECT_THAT(refused_with("bias_n"), HasSubstr("none of weight_ih"));
}

TEST(Import, AFileWithoutOrWithSeveralRecurrentLayersIsRefused) {
  NamedArrays keras;
  keras.set("recurrent_kernel", Matrix::Zero(2, 6), {"unit", "column"}, "");
  EXPECT_THAT(refusal(keras), AllOf(HasSubstr("weight_ih_l0"), HasSubstr("recurrent_kernel")));
  EXPECT_THAT(refusal({}), HasSubstr("no arrays"));
  NamedArrays two = counting_weights(3, "encoder.");
  const NamedArrays decoder = counting_weights(3, "decoder.");
  for (const auto& [name, array] : decoder.all()) two.set(name, array);
  EXPECT_THAT(refusal(two), HasSubstr("several recurrent networks"));
  EXPECT_THAT(refusal(without(counting_weights(3), "weight_hh_l0")), HasSubstr("'weight_hh_l0'"));
}

TEST(Import, LeakyCellsAreRefusedSinceTheirLeakIsUnknown) {
  for (const CellKind cell : {CellKind::leaky, CellKind::leaky_outside})
    EXPECT_THAT([&] { network_from_pytorch(counting_weights(1), {.cell = cell}); },
                ThrowsMessage<InvalidInput>(HasSubstr("alpha")));
}

TEST(Probe, MissingOrMisshapenArraysAreRefused) {
  const Network network = network_from_pytorch(flip_flop("gru16_seed0", "weights"), {});
  const NamedArrays probe = flip_flop("gru16_seed0", "probe");
  for (const std::string name : {"x", "h", "h_next"})
    EXPECT_THAT([&] { probe_error(network, without(probe, name)); },
                ThrowsMessage<FormatError>(HasSubstr("no array '" + name + "'")));
  const auto replaced = [&](const std::string& name, const Matrix& values) {
    NamedArrays changed = probe;
    changed.set(name, values, {"step", "unit"}, "");
    return changed;
  };
  EXPECT_THAT([&] { probe_error(network, replaced("x", Matrix::Zero(16, 4))); },
              ThrowsMessage<FormatError>(HasSubstr("'x': is 16 x 4, the network needs 16 x 3")));
  EXPECT_THROW(probe_error(network, replaced("h", Matrix::Zero(15, 16))), FormatError);
  EXPECT_THROW(probe_error(network, replaced("h", Matrix::Zero(0, 16))), FormatError);
  EXPECT_THROW(probe_error(network, replaced("h_next", Matrix::Constant(16, 16, NAN))),
               FormatError);
}

TEST(Probe, TheErrorIsTheLargestDifference) {
  const Network network = network_from_pytorch(flip_flop("gru16_seed0", "weights"), {});
  NamedArrays probe = flip_flop("gru16_seed0", "probe");
  Matrix next = probe.matrix("h_next");
  next(7, 3) += 0.25;
  next(8, 4) -= 0.125;
  probe.set("h_next", next, {"step", "unit"}, "");
  EXPECT_NEAR(probe_error(network, probe), 0.25, 1e-12);
}

TEST(Probe, StepsThatAnyWeightsReproduceProveNothing) {
  const Network trained = network_from_pytorch(flip_flop("gru16_seed0", "weights"), {});
  const auto refusal = [&](double inputs, double states) {
    Network network = trained;
    NamedArrays probe;
    const Matrix x = inputs * Matrix::Random(5, 3), h = states * Matrix::Random(5, 16);
    Matrix next(5, 16);
    models::make_system(network)->evaluate(h, x, next);
    probe.set("x", x, {"step", "input"}, "");
    probe.set("h", h, {"step", "unit"}, "");
    probe.set("h_next", next, {"step", "unit"}, "");
    try {
      verify_with_probe(network, probe, 1e-10);
    } catch (const FormatError& error) {
      EXPECT_FALSE(network.verified);
      return std::string(error.what());
    }
    EXPECT_TRUE(network.verified);
    return std::string();
  };
  EXPECT_EQ(refusal(1, 1), "");
  EXPECT_THAT(refusal(1, 0), HasSubstr("proves nothing about recurrent_weights"));
  EXPECT_THAT(refusal(0, 1), HasSubstr("proves nothing about input_weights"));
}

TEST(Probe, SinglePrecisionSourcesAreAllowedSinglePrecisionErrors) {
  NamedArrays wide, narrow;
  wide.set("a", {{}, {1}, std::vector<double>{1}, {}});
  narrow.set("a", {{}, {1}, std::vector<float>{1}, {}});
  EXPECT_EQ(probe_tolerance(wide, wide), 1e-10);
  EXPECT_EQ(probe_tolerance(narrow, wide), 1e-5);
  EXPECT_EQ(probe_tolerance(wide, narrow), 1e-5);
}

}  // namespace
}  // namespace nullcline::interchange
