// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/testing/zoo.hpp"

namespace nullcline::models {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Network leaky() {
  Rng rng(1, Purpose::tests);
  return nullcline::testing::random_network(CellKind::leaky, Activation::tanh, Reset::after, 4, 2,
                                            1, rng);
}

void expect_refused(const Network& net, const std::string& part) {
  EXPECT_THAT([&] { validate(net); }, ThrowsMessage<InvalidInput>(HasSubstr(part)));
  EXPECT_THROW(make_system(net), InvalidInput);
}

TEST(Network, RefusesWhatDoesNotFit) {
  EXPECT_NO_THROW(validate(leaky()));
  Network net = leaky();
  net.bias.resize(3);
  net.bias.setZero();
  expect_refused(net, "bias is 3 x 1, expected 4 x 1");
  net = leaky();
  net.input_weights(1, 1) = std::numeric_limits<double>::quiet_NaN();
  expect_refused(net, "input_weights holds values that are not finite");
  net = leaky();
  net.alpha(2) = 1.5;
  expect_refused(net, "alpha holds 1.5, expected a value in (0, 1]");
  net = leaky();
  net.readout_bias.resize(1);
  net.readout_bias.setZero();
  expect_refused(net, "readout_bias is 1 x 1, expected 2 x 1");
  net = leaky();
  net.recurrent_weights.resize(0, 0);
  expect_refused(net, "found 0 units");
}

TEST(Network, ObeysItsMaskAndSigns) {
  Network net = leaky();
  net.mask = Matrix::Ones(4, 4);
  net.mask(2, 3) = 0;
  expect_refused(net, "recurrent_weights(2, 3)");
  net.recurrent_weights(2, 3) = 0;
  EXPECT_NO_THROW(validate(net));
  net.mask(0, 0) = 0.5;
  expect_refused(net, "mask holds 0.5, expected 0 or 1");

  net = leaky();
  net.dale_signs = Vector::Ones(4);
  expect_refused(net, "has a weight against its sign, expected none below 0");
  net.recurrent_weights = net.recurrent_weights.cwiseAbs();
  EXPECT_NO_THROW(validate(net));
  net.dale_signs(1) = 0;
  expect_refused(net, "dale_signs holds 0, expected 1 or -1");
}

TEST(Network, SurvivesTheRoundTripThroughArrays) {
  for (const auto& [cell, name] : EnumNames<CellKind>::values) {
    Rng rng(2, Purpose::tests);
    Network net =
        nullcline::testing::random_network(cell, Activation::relu, Reset::before, 3, 2, 1, rng);
    net.verified = true;
    const Network copy = network_from_arrays(to_arrays(net));
    EXPECT_EQ(copy.cell, cell);
    EXPECT_EQ(copy.activation, Activation::relu);
    EXPECT_EQ(copy.reset, Reset::before);
    EXPECT_EQ(copy.forget_bias, net.forget_bias);
    EXPECT_TRUE(copy.verified);
    EXPECT_EQ(copy.recurrent_weights, net.recurrent_weights);
    EXPECT_EQ(copy.input_weights, net.input_weights);
    EXPECT_EQ(copy.bias, net.bias);
    EXPECT_EQ(copy.alpha, net.alpha);
    EXPECT_EQ(copy.readout_weights, net.readout_weights);
  }
}

TEST(Network, AnArrayThatIsMissingOrWrongIsAFormatError) {
  NamedArrays arrays = to_arrays(leaky());
  arrays.attributes["cell"] = std::string("grue");
  EXPECT_THAT([&] { network_from_arrays(arrays); },
              ThrowsMessage<FormatError>(HasSubstr("found 'grue', expected vanilla | leaky")));
  EXPECT_THROW(network_from_arrays(NamedArrays()), FormatError);
}

// Worked by hand: one unit, v = 0.5, alpha = 0.25, W = 2, A = 3, b = -1, u = 0.1.
TEST(Network, LeakyCellsDifferInWhereTheCurrentIs) {
  Network net =
      nullcline::testing::tanh_network(Matrix::Constant(1, 1, 2), Matrix::Constant(1, 1, 3));
  net.bias(0) = -1;
  net.alpha = Vector::Constant(1, 0.25);
  const Vector state = Vector::Constant(1, 0.5), input = Vector::Constant(1, 0.1);
  net.cell = CellKind::leaky;  // 0.75 * 0.5 + 0.25 tanh(0.3 + 1 - 1)
  EXPECT_NEAR(dynamics::evaluate_at(*make_system(net), state, input)(0), 0.4478281531128977, 1e-15);
  net.cell = CellKind::leaky_outside;  // 0.75 * 0.5 + 0.25 (2 tanh 0.5 + 0.3 - 1)
  EXPECT_NEAR(dynamics::evaluate_at(*make_system(net), state, input)(0), 0.43105857863000485,
              1e-15);
}

}  // namespace
}  // namespace nullcline::models
