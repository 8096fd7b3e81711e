// SPDX-License-Identifier: BSD-3-Clause
// Stacked and projected networks against PyTorch: steps, Jacobians, and what the probe refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/testing/zoo.hpp"

namespace nullcline::interchange {
namespace {

using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct Source {
  const char* file;
  CellKind cell;
  Activation activation;
  Index n_layers, n_states;
};

constexpr Source kSources[] = {
    {"rnn_tanh_2", CellKind::vanilla, Activation::tanh, 2, 8},
    {"rnn_relu_3", CellKind::vanilla, Activation::relu, 3, 12},
    {"gru_2", CellKind::gru, Activation::tanh, 2, 8},
    {"gru_3", CellKind::gru, Activation::tanh, 3, 9},
    {"lstm_2", CellKind::lstm, Activation::tanh, 2, 16},
    {"lstm_projected", CellKind::lstm, Activation::tanh, 1, 7},
    {"lstm_projected_2", CellKind::lstm, Activation::tanh, 2, 14},
};

NamedArrays read(const std::string& file) {
  return io::read_npz(std::string(NULLCLINE_TEST_DATA) + "/stacks/" + file + ".npz");
}

Network import(const Source& source, const NamedArrays& arrays) {
  return network_from_pytorch(arrays, {source.cell, source.activation, Reset::after});
}

class PytorchStack : public ::testing::TestWithParam<Source> {};

INSTANTIATE_TEST_SUITE_P(Import, PytorchStack, ::testing::ValuesIn(kSources),
                         [](const auto& instance) { return instance.param.file; });

TEST_P(PytorchStack, StepsAndJacobiansAgree) {
  const NamedArrays arrays = read(GetParam().file);
  Network network = import(GetParam(), arrays);
  EXPECT_EQ(network.n_layers(), GetParam().n_layers);
  EXPECT_EQ(network.n_states(), GetParam().n_states);
  EXPECT_LT(probe_error(network, arrays), 1e-12);
  verify_with_probe(network, arrays, probe_tolerance(arrays, arrays));
  EXPECT_TRUE(network.verified);

  const auto map = models::make_system(network);
  const Vector state = arrays.matrix("h").row(0).transpose();
  const Vector input = arrays.matrix("x").row(0).transpose();
  const Matrix jacobian = arrays.matrix("jacobian"), by_input = arrays.matrix("input_jacobian");
  ASSERT_EQ(jacobian.rows(), network.n_states());
  ASSERT_EQ(by_input.cols(), network.n_inputs());
  EXPECT_LT((dynamics::jacobian_at(*map, state, input) - jacobian).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_LT((dynamics::input_jacobian_at(*map, state, input) - by_input).cwiseAbs().maxCoeff(),
            1e-12);
}

TEST_P(PytorchStack, AnotherActivationIsRefusedAndTheRightOneNamed) {
  const NamedArrays arrays = read(GetParam().file);
  Source wrong = GetParam();
  wrong.activation = wrong.activation == Activation::tanh ? Activation::relu : Activation::tanh;
  Network network = import(wrong, arrays);
  const auto matches = ThrowsMessage<FormatError>(
      HasSubstr("this convention does (activation " + std::string(name_of(GetParam().activation))));
  EXPECT_THAT([&] { verify_with_probe(network, arrays, 1e-10); }, matches);
  EXPECT_THAT([&] { verify_with_probe(network, arrays, 1e-10, arrays); }, matches);
}

/// The arrays with those of two layers exchanged.
NamedArrays swapped(const NamedArrays& arrays, const std::string& a, const std::string& b) {
  NamedArrays result;
  for (const auto& [name, array] : arrays.all()) {
    std::string other = name;
    if (name.ends_with(a)) other = name.substr(0, name.size() - a.size()) + b;
    if (name.ends_with(b)) other = name.substr(0, name.size() - b.size()) + a;
    result.set(other, array);
  }
  return result;
}

TEST(MixedStack, OnlyItsLstmLayersHaveTwoPartsToExchange) {
  Rng rng(4, Purpose::tests);
  Network network = nullcline::testing::random_network(CellKind::lstm, Activation::tanh,
                                                       Reset::after, 4, 2, 1, rng);
  network.upper.push_back(nullcline::testing::random_network(CellKind::gru, Activation::tanh,
                                                             Reset::after, 3, 4, 1, rng));
  network.upper[0].readout_weights.resize(0, 0);
  network.upper[0].readout_bias.resize(0);
  network.readout_weights.resize(0, 0);
  network.readout_bias.resize(0);
  network.initial_state = Vector::Zero(11);
  network.upper[0].initial_state.resize(0);
  const auto map = models::make_system(network);
  Matrix x(5, 2), h(5, 11), h_next(5, 11);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = rng.normal();
  for (Index i = 0; i < h.size(); ++i) h.data()[i] = rng.normal();
  map->evaluate(h, x, h_next);
  const auto probe = [&](const Matrix& states, const Matrix& next) {
    NamedArrays arrays;
    arrays.set("x", x, {"step", "input"}, "input");
    arrays.set("h", states, {"step", "state"}, "state");
    arrays.set("h_next", next, {"step", "state"}, "state");
    return arrays;
  };
  const auto exchanged = [](const Matrix& states) {
    Matrix result = states;
    result.leftCols(4) = states.middleCols(4, 4);
    result.middleCols(4, 4) = states.leftCols(4);
    return result;
  };
  verify_with_probe(network, probe(h, h_next), 1e-12);
  EXPECT_TRUE(network.verified);
  network.verified = false;
  EXPECT_THAT([&] { verify_with_probe(network, probe(exchanged(h), exchanged(h_next)), 1e-12); },
              ThrowsMessage<FormatError>(HasSubstr("this convention does")));
  EXPECT_THAT([&] { verify_with_probe(network, probe(h, h), 1e-12); },
              ThrowsMessage<FormatError>(HasSubstr("nor does any other convention")));
}

TEST(PytorchStackControl, TheWrongOrderOfLayersIsRefusedByTheProbe) {
  for (const Source& source : {kSources[1], kSources[3]}) {
    const NamedArrays arrays = swapped(read(source.file), "_l1", "_l2");
    Network network = import(source, arrays);
    EXPECT_GT(probe_error(network, arrays), 1e-3);
    EXPECT_THAT([&] { verify_with_probe(network, arrays, 1e-10, arrays); },
                ThrowsMessage<FormatError>(HasSubstr("nor does any other convention")));
    EXPECT_FALSE(network.verified);
  }
}

TEST(PytorchStackControl, CellStatesBeforeHiddenStatesAreRefusedByTheProbe) {
  NamedArrays arrays = read("lstm_2");
  Matrix states = arrays.matrix("h");
  const Matrix h = states.leftCols(4);
  states.leftCols(4) = Matrix(states.middleCols(4, 4));
  states.middleCols(4, 4) = h;
  arrays.set("h", states, {"step", "state"}, "");
  EXPECT_GT(probe_error(import(kSources[4], arrays), arrays), 1e-3);
}

std::string refusal(const NamedArrays& arrays, CellKind cell) {
  try {
    network_from_pytorch(arrays, {.cell = cell});
  } catch (const FormatError& error) {
    return error.what();
  }
  ADD_FAILURE() << "was imported without complaint";
  return "";
}

NamedArrays without(const NamedArrays& arrays, const std::string& ending) {
  NamedArrays rest;
  for (const auto& [name, array] : arrays.all())
    if (!name.ends_with(ending)) rest.set(name, array);
  return rest;
}

TEST(PytorchStackControl, LayersThatDoNotFitAreRefused) {
  const NamedArrays stack = read("gru_3");
  EXPECT_THAT(refusal(without(stack, "_l1"), CellKind::gru),
              AllOf(HasSubstr("_l2'"), HasSubstr("expected 'weight_ih_l1'")));
  EXPECT_THAT(refusal(without(stack, "weight_hh_l2"), CellKind::gru), HasSubstr("'weight_hh_l2'"));
  NamedArrays wide = stack;
  wide.set("weight_ih_l1", Matrix::Zero(9, 4), {"row", "input"}, "");
  EXPECT_THAT(refusal(wide, CellKind::gru),
              HasSubstr("'weight_ih_l1': is 9 x 4, expected 3 columns"));
  NamedArrays backward = stack;
  backward.set("weight_ih_l1_reverse", Matrix::Zero(9, 3), {"row", "input"}, "");
  EXPECT_THAT(refusal(backward, CellKind::gru), HasSubstr("bidirectional"));
}

TEST(PytorchStackControl, ProjectionsThatDoNotFitAreRefused) {
  NamedArrays arrays = read("lstm_projected");
  arrays.set("weight_hr_l0", Matrix::Zero(3, 5), {"hidden", "unit"}, "");
  EXPECT_THAT(refusal(arrays, CellKind::lstm),
              HasSubstr("'weight_hr_l0': is 3 x 5, expected 2 rows"));
  EXPECT_THAT(refusal(without(read("lstm_projected"), "weight_hr_l0"), CellKind::lstm),
              HasSubstr("'weight_hh_l0': is 20 x 2"));
  NamedArrays gru = read("gru_2");
  gru.set("weight_hr_l1", Matrix::Zero(4, 4), {"hidden", "unit"}, "");
  EXPECT_THAT(refusal(gru, CellKind::gru), HasSubstr("the projection of an lstm, found cell gru"));
}

TEST(PytorchStackControl, TheReadoutReadsTheTopLayer) {
  NamedArrays arrays = read("lstm_projected_2");
  arrays.set("readout.weight", Matrix::Identity(2, 2), {"output", "unit"}, "");
  const Network network = import(kSources[6], arrays);
  const Matrix states = arrays.matrix("h");
  EXPECT_EQ(models::readout(network, states), Matrix(states.middleCols(7, 2)));
}

}  // namespace
}  // namespace nullcline::interchange
