// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/model_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/interchange/model_file.hpp"

namespace nullcline::interchange {
namespace {

using dynamics::Time;
using models::Activation;
using models::CellKind;
using models::Network;
using models::Reset;
using ::testing::HasSubstr;

// Numbers of all sizes, with the ones that texts tend to lose in front.
void fill(Eigen::Ref<Vector> values, Rng& rng) {
  constexpr std::array kDelicate{-0.0, 1.0 / 3, 5e-324, -1.7976931348623157e308, 9007199254740994.0,
                                 1e22, -2.0};
  for (Index i = 0; i < values.size(); ++i)
    values(i) = i < 7 ? kDelicate[static_cast<std::size_t>(i)]
                      : rng.normal() * std::pow(10.0, 20 * (2 * rng.uniform() - 1));
}

void fill(Matrix& values, Rng& rng) {
  Vector flat(values.size());
  fill(flat, rng);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] = flat(i);
}

Network network_of(CellKind cell, Reset reset, Index n, Index n_inputs) {
  Rng rng(7, Purpose::tests);
  Network network;
  network.cell = cell;
  network.reset = reset;
  const Index rows = models::n_gates(cell) * n;
  network.input_weights = Matrix(rows, n_inputs);
  network.recurrent_weights = Matrix(rows, n);
  network.bias = Vector(rows);
  fill(network.input_weights, rng);
  fill(network.recurrent_weights, rng);
  fill(network.bias, rng);
  if (cell == CellKind::gru && reset == Reset::after) {
    network.recurrent_bias = Vector(n);
    fill(network.recurrent_bias, rng);
  }
  if (cell == CellKind::leaky || cell == CellKind::leaky_outside)
    network.alpha = Vector::LinSpaced(n, 0.1, 1.0 / 3);
  network.readout_weights = Matrix::Zero(0, n);
  network.readout_bias = Vector(0);
  network.initial_state = Vector::Zero(network.n_states());
  return network;
}

template <class Values>
void expect_same_bits(const Values& a, const Values& b, const char* what) {
  ASSERT_EQ(a.rows(), b.rows()) << what;
  ASSERT_EQ(a.cols(), b.cols()) << what;
  for (Index i = 0; i < a.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(a.data()[i]), std::bit_cast<std::uint64_t>(b.data()[i]))
        << what << " " << i << ": " << a.data()[i] << " and " << b.data()[i];
}

void expect_same(const Network& a, const Network& b) {
  EXPECT_EQ(a.cell, b.cell);
  EXPECT_EQ(a.activation, b.activation);
  expect_same_bits(a.input_weights, b.input_weights, "input weights");
  expect_same_bits(a.recurrent_weights, b.recurrent_weights, "recurrent weights");
  expect_same_bits(a.bias, b.bias, "bias");
  expect_same_bits(a.recurrent_bias, b.recurrent_bias, "recurrent bias");
  expect_same_bits(a.alpha, b.alpha, "alpha");
}

TEST(ModelText, EveryCellReadsBackToTheSameBits) {
  for (const auto& [cell, name] : EnumNames<CellKind>::values)
    for (const Reset reset : {Reset::before, Reset::after})
      for (const Index n : {1, 3})
        for (const Index n_inputs : {0, 1, 2}) {
          SCOPED_TRACE(std::string(name) + " " + std::to_string(n) + " " +
                       std::to_string(n_inputs));
          Network network = network_of(cell, reset, n, n_inputs);
          network.activation = n == 1 ? Activation::relu : Activation::logistic;
          const Model model = Model::parse(model_text(network, Time::continuous), "text");
          EXPECT_EQ(model.time(), Time::continuous);
          expect_same(network, *model.network());
          if (cell == CellKind::gru) {
            EXPECT_EQ(model.network()->reset, reset);
          }
        }
}

TEST(ModelText, AForgetBiasIsAddedToItsGate) {
  const std::array gates{std::pair{CellKind::ugrnn, 0}, std::pair{CellKind::gru, 1},
                         std::pair{CellKind::lstm, 1}};
  for (const auto& [cell, gate] : gates) {
    Network network = network_of(cell, Reset::before, 2, 1);
    network.bias = Vector::LinSpaced(network.bias.size(), -0.7, 0.9);
    network.forget_bias = 1.25;
    const Network read = *Model::parse(model_text(network, Time::discrete), "text").network();
    network.bias.segment(2 * gate, 2).array() += 1.25;
    expect_same(network, read);
    EXPECT_EQ(read.forget_bias, 0);
  }
}

TEST(ModelText, RefusesWhatAModelFileCannotSay) {
  const auto refusal = [](const Network& network) -> std::string {
    try {
      return model_text(network, Time::discrete);
    } catch (const InvalidInput& error) {
      return error.what();
    }
  };
  Network stack = network_of(CellKind::vanilla, Reset::before, 1, 1);
  stack.upper = {stack};
  EXPECT_THAT(refusal(stack), HasSubstr("found 2 layers, expected one"));
  Network projected = network_of(CellKind::lstm, Reset::before, 2, 1);
  projected.projection = Matrix::Ones(1, 2);
  EXPECT_THAT(refusal(projected), HasSubstr("found a projected LSTM"));
}

}  // namespace
}  // namespace nullcline::interchange
