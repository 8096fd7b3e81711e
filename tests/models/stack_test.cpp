// SPDX-License-Identifier: BSD-3-Clause
// Stacks of layers and projected LSTMs obey the laws, as maps and as flows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "nullcline/core/error.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/testing/system_laws.hpp"
#include "nullcline/testing/zoo.hpp"

namespace nullcline::models {
namespace {

using dynamics::System;
using dynamics::Time;
using nullcline::testing::Law;
using nullcline::testing::random_network;
using nullcline::testing::random_projected_lstm;
using nullcline::testing::random_stack;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr Index kInputs = 2;

struct Case {
  std::string name;
  std::function<Network(Rng&)> draw;
};

Network without_readout(Network network) {
  network.readout_weights.resize(0, 0);
  network.readout_bias.resize(0);
  return network;
}

double gain_of(Activation activation) { return activation == Activation::relu ? 0.2 : 1.2; }

Network projected_stack(Activation activation, Rng& rng) {
  const double gain = gain_of(activation);
  return stack({without_readout(random_projected_lstm(activation, 4, 2, kInputs, gain, rng)),
                random_projected_lstm(activation, 3, 2, 2, gain, rng)});
}

// Every kind of output below another layer: h, phi(v), the projected h.
Network mixed_stack(Rng& rng) {
  const auto layer = [&](CellKind cell, Index n_units, Index n_inputs) {
    return random_network(cell, Activation::tanh, Reset::before, n_units, n_inputs, 1.2, rng);
  };
  return stack({without_readout(layer(CellKind::leaky_outside, 3, kInputs)),
                without_readout(random_projected_lstm(Activation::tanh, 4, 2, 3, 1.2, rng)),
                layer(CellKind::gru, 3, 2)});
}

std::vector<Case> all_cases() {
  std::vector<Case> cases{{"mixed", mixed_stack}};
  for (const Activation activation : {Activation::tanh, Activation::relu}) {
    const std::string suffix = "_" + std::string(name_of(activation));
    const double gain = gain_of(activation);
    cases.push_back({"projected_lstm" + suffix, [=](Rng& rng) {
                       return random_projected_lstm(activation, 5, 3, kInputs, gain, rng);
                     }});
    cases.push_back(
        {"projected_lstm_2" + suffix, [=](Rng& rng) { return projected_stack(activation, rng); }});
    for (const auto& [cell, cell_name] : EnumNames<CellKind>::values)
      for (const Reset reset : {Reset::after, Reset::before}) {
        if (reset == Reset::before && cell != CellKind::gru) continue;
        std::string name = std::string(cell_name) + suffix + "_" + std::string(name_of(reset));
        std::replace(name.begin(), name.end(), '-', '_');
        for (const std::vector<Index>& sizes :
             {std::vector<Index>{3, 4}, std::vector<Index>{2, 4, 3}})
          cases.push_back({name + "_" + std::to_string(sizes.size()), [=, kind = cell](Rng& rng) {
                             return random_stack(kind, activation, reset, sizes, kInputs, gain,
                                                 rng);
                           }});
      }
  }
  return cases;
}

Vector random_vector(Index n, double scale, Rng& rng) {
  Vector v(n);
  for (double& x : v) x = scale * rng.normal();
  return v;
}

class StackLaws : public ::testing::TestWithParam<std::tuple<Case, Time>> {
 protected:
  // A network, and a state whose distance from every kink is larger than the differences' steps.
  void SetUp() override {
    const auto& [which, time] = GetParam();
    for (std::uint64_t attempt = 0; attempt < 1000; ++attempt) {
      Rng rng(21, Purpose::tests, attempt);
      network = which.draw(rng);
      system = make_system(network, time);
      state = random_vector(system->n_states(), 0.6, rng);
      input = random_vector(kInputs, 1, rng);
      if (system->reduced() != nullptr)
        point = system->restrict_states(state.transpose()).row(0).transpose();
      const bool is_near =
          system->kink_distance(state, input) < 0.01 ||
          (system->reduced() != nullptr && system->reduced()->kink_distance(point, input) < 0.01);
      if (!is_near) return;
    }
    FAIL() << "no state away from kinks";
  }

  Network network;
  std::unique_ptr<System> system;
  Vector state, point, input;
};

INSTANTIATE_TEST_SUITE_P(Stacks, StackLaws,
                         ::testing::Combine(::testing::ValuesIn(all_cases()),
                                            ::testing::Values(Time::discrete, Time::continuous)),
                         [](const auto& instance) {
                           return std::get<0>(instance.param).name + "_" +
                                  std::string(name_of(std::get<1>(instance.param)));
                         });

#define EXPECT_LAW(expression)             \
  do {                                     \
    const Law law = expression;            \
    EXPECT_TRUE(law.holds) << law.message; \
  } while (false)

TEST_P(StackLaws, JacobiansAreTheDerivatives) {
  EXPECT_LAW(testing::jacobian_is_the_derivative_at(*system, state, input, 1e-8));
  EXPECT_LAW(testing::input_jacobian_is_the_derivative_at(*system, state, input, 1e-8));
  ASSERT_NE(system->reduced(), nullptr);
  EXPECT_LAW(testing::jacobian_is_the_derivative_at(*system->reduced(), point, input, 1e-8));
  EXPECT_LAW(testing::input_jacobian_is_the_derivative_at(*system->reduced(), point, input, 1e-8));
}

TEST_P(StackLaws, BatchesAgreeWithSingleStates) {
  Rng rng(22, Purpose::tests);
  const auto spread = [&](const System& of) {
    Matrix states(150, of.n_states());
    for (double& x : states.reshaped()) x = rng.normal();
    return states;
  };
  EXPECT_LAW(testing::batches_agree_with_single_states(*system, spread(*system), input, 1e-13));
  const System& reduced = *system->reduced();
  EXPECT_LAW(testing::batches_agree_with_single_states(reduced, spread(reduced), input, 1e-13));
}

TEST_P(StackLaws, ArraysWithGapsBetweenTheirRowsAreWritten) {
  const Index n = system->n_states();
  const Matrix states = state.transpose().replicate(3, 1), inputs = input.transpose();
  Matrix next = Matrix::Constant(3, n + 2, 7), jacobians = Matrix::Constant(3 * n, n + 2, 7),
         by_input = Matrix::Constant(3 * n, kInputs + 2, 7);
  system->evaluate(states, inputs, next.leftCols(n));
  system->jacobian(states, inputs, jacobians.leftCols(n));
  system->input_jacobian(states, inputs, by_input.leftCols(kInputs));
  const Matrix jacobian = dynamics::jacobian_at(*system, state, input),
               by_input_alone = dynamics::input_jacobian_at(*system, state, input);
  for (Index b = 0; b < 3; ++b) {
    const Vector difference =
        next.row(b).head(n).transpose() - dynamics::evaluate_at(*system, state, input);
    EXPECT_LT(difference.cwiseAbs().maxCoeff(), 1e-14);
    EXPECT_LT((jacobians.block(b * n, 0, n, n) - jacobian).cwiseAbs().maxCoeff(), 1e-14);
    EXPECT_LT((by_input.block(b * n, 0, n, kInputs) - by_input_alone).cwiseAbs().maxCoeff(), 1e-14);
  }
  EXPECT_TRUE((next.rightCols(2).array() == 7).all());
  EXPECT_TRUE((jacobians.rightCols(2).array() == 7).all());
  EXPECT_TRUE((by_input.rightCols(2).array() == 7).all());
}

TEST_P(StackLaws, IntervalsEncloseWhatTheyMust) {
  Rng rng(23, Purpose::tests);
  for (const double radius : {0.0, 1e-6, 1e-2, 0.3}) {
    EXPECT_LAW(testing::intervals_enclose_points_near(*system, state, input, radius, rng));
    EXPECT_LAW(
        testing::intervals_enclose_points_near(*system->reduced(), point, input, radius, rng));
  }
}

// An enclosure that is always the whole line would pass the law.
TEST_P(StackLaws, IntervalsOverAPointAreTight) {
  using numerics::Interval;
  if (system->has_kinks()) return;
  const Index n = system->n_states();
  const std::vector<Interval> box(state.begin(), state.end());
  std::vector<Interval> value(box.size()), slope(box.size() * box.size());
  system->intervals()->evaluate(box, input, value);
  system->intervals()->jacobian(box, input, slope);
  const Matrix jacobian = dynamics::jacobian_at(*system, state, input);
  for (const Interval& bounds : value) EXPECT_LT(bounds.width(), 1e-12);
  for (Index i = 0; i < n * n; ++i)
    EXPECT_LT(slope[static_cast<std::size_t>(i)].width(),
              1e-12 * (1 + std::abs(jacobian.data()[i])));
}

TEST_P(StackLaws, DirectionalDerivativesAgree) {
  Rng rng(24, Purpose::tests);
  const Vector direction = random_vector(system->n_states(), 0.1, rng);
  const double reach = 0.1 / (1 + direction.cwiseAbs().maxCoeff());
  if (system->kink_distance(state, input) < reach)
    EXPECT_TRUE(system->directional_derivatives(state, input, direction).has_value());
  else
    EXPECT_LAW(testing::directional_derivatives_agree_at(*system, state, input, direction, 1e-7));
}

TEST_P(StackLaws, TanhLayersHaveATrappingBoxAndReluLayersSayWhyNot) {
  Rng rng(25, Purpose::tests);
  const System& reduced = *system->reduced();
  if (network.activation == Activation::tanh) {
    EXPECT_LAW(testing::trapping_box_traps(reduced, input, rng));
    if (system->trapping_box()) {
      EXPECT_LAW(testing::trapping_box_traps(*system, input, rng));
    } else {
      EXPECT_THAT(system->no_trapping_box_reason(),
                  HasSubstr("the box belongs to the reduced map"));
    }
  } else {
    EXPECT_FALSE(reduced.trapping_box().has_value());
    EXPECT_THAT(reduced.no_trapping_box_reason(), HasSubstr("relu"));
  }
}

// Newton steps to a zero of n(k) - k; damped ones are halved until the residual falls.
Vector solve(const System& reduced, Vector at, const Vector& input, bool damped, double& residual) {
  const auto box = reduced.trapping_box();
  const auto error = [&](const Vector& k) {
    return (dynamics::evaluate_at(reduced, k, input) - k).cwiseAbs().maxCoeff();
  };
  residual = error(at);
  for (int step = 0; step < 100 && residual > 1e-13; ++step) {
    Matrix a = dynamics::jacobian_at(reduced, at, input);
    a.diagonal().array() -= 1;
    const Vector change = numerics::inverse(a) * (dynamics::evaluate_at(reduced, at, input) - at);
    double length = 1;
    if (damped)
      while (length > 1e-3 && !(error(at - length * change) < residual)) length /= 2;
    at -= length * change;
    if (box) at = at.cwiseMax(box->lower).cwiseMin(box->upper);
    residual = error(at);
  }
  return at;
}

TEST_P(StackLaws, FixedPointsOfTheReducedMapLift) {
  const System& reduced = *system->reduced();
  Rng rng(26, Purpose::tests);
  int checked = 0;
  for (int start = 0; start < 60 && checked < 3; ++start) {
    double residual = 0;
    const bool damped = start % 2 == 1;  // kinks stop either kind of step, each at other places
    const Vector first = random_vector(reduced.n_states(), 0.5, rng);
    const Vector at = solve(reduced, first, input, damped, residual);
    // An inactive candidate leaves c = 0 on the kink of the relu LSTM's output: a kink by nature.
    const bool kinked = reduced.kink_distance(at, input) < 1e-6;
    if (!(residual < 1e-12) || (kinked && network.cell != CellKind::lstm)) continue;
    ++checked;
    EXPECT_LAW(testing::reduction_agrees_at(*system, at, input, 1e-10));
  }
  EXPECT_GT(checked, 0);
}

TEST_P(StackLaws, GainScalesTheRecurrentWeightsOfEveryLayer) {
  Network doubled = network;
  doubled.recurrent_weights *= 2;
  for (Network& layer : doubled.upper) layer.recurrent_weights *= 2;
  const auto expected = make_system(doubled, std::get<Time>(GetParam()));
  const auto varied = system->with_parameter("gain", 2);
  EXPECT_EQ(varied->parameter("gain"), 2);
  EXPECT_EQ(dynamics::evaluate_at(*varied, state, input),
            dynamics::evaluate_at(*expected, state, input));
  EXPECT_NE(dynamics::evaluate_at(*varied, state, input),
            dynamics::evaluate_at(*system, state, input));
}

TEST_P(StackLaws, SurviveTheRoundTripThroughArrays) {
  network.verified = true;
  const Network copy = network_from_arrays(to_arrays(network));
  EXPECT_TRUE(copy.verified);
  EXPECT_EQ(copy.n_layers(), network.n_layers());
  EXPECT_EQ(copy.readout_weights, network.readout_weights);
  EXPECT_EQ(readout(copy, state.transpose()), readout(network, state.transpose()));
  EXPECT_EQ(dynamics::evaluate_at(*make_system(copy, std::get<Time>(GetParam())), state, input),
            dynamics::evaluate_at(*system, state, input));
}

// Two tanh units on top of each other, h = 0.1 and 0.2, u = 0.3, worked by hand:
// h_0' = tanh(2 * 0.1 + 1 * 0.3), h_1' = tanh(0.5 * 0.2 + 3 h_0').
TEST(Stack, EachLayerIsDrivenByTheUpdatedLayerBelow) {
  const auto one = [](double w, double a) {
    return nullcline::testing::tanh_network(Matrix::Constant(1, 1, w), Matrix::Constant(1, 1, a));
  };
  const Network network = stack({without_readout(one(2, 1)), one(0.5, 3)});
  const auto system = make_system(network);
  const Vector state = Vector{{0.1, 0.2}}, input = Vector{{0.3}};
  const double bottom = std::tanh(0.5), top = std::tanh(0.1 + 3 * bottom);
  const Vector next = dynamics::evaluate_at(*system, state, input);
  EXPECT_NEAR(next(0), bottom, 1e-15);
  EXPECT_NEAR(next(1), top, 1e-15);
  const double bottom_slope = 2 * (1 - bottom * bottom), top_slope = 1 - top * top;
  const Matrix expected{{bottom_slope, 0}, {3 * top_slope * bottom_slope, 0.5 * top_slope}};
  EXPECT_LT((dynamics::jacobian_at(*system, state, input) - expected).cwiseAbs().maxCoeff(), 1e-15);
}

// h' = P (o * tanh(c')): one unit, two outputs.
TEST(Stack, AProjectionMapsTheRates) {
  Network network;
  network.cell = CellKind::lstm;
  network.recurrent_weights = Matrix{{0.1, 0.2}, {0.3, -0.1}, {0.5, 0.4}, {-0.2, 0.6}};
  network.input_weights = Matrix(4, 0);
  network.bias = Vector{{0.1, 0.2, 0.3, 0.4}};
  network.projection = Matrix{{2}, {-3}};
  network.readout_bias = Vector(0);
  network.initial_state = Vector::Zero(3);
  EXPECT_EQ(network.n_units(), 1);
  EXPECT_EQ(network.n_hidden(), 2);
  EXPECT_EQ(network.n_states(), 3);
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const Vector state = Vector{{0.5, -1, 0.7}};
  const double c =
      sigmoid(0.2 + 0.15 + 0.1) * 0.7 + sigmoid(0.1 + 0.05 - 0.2) * std::tanh(0.3 + 0.25 - 0.4);
  const double rate = sigmoid(0.4 - 0.1 - 0.6) * std::tanh(c);
  const Vector next = dynamics::evaluate_at(*make_system(network), state, Vector(0));
  EXPECT_LT((next - Vector{{2 * rate, -3 * rate, c}}).cwiseAbs().maxCoeff(), 1e-15);
  const auto box = make_system(network)->reduced()->trapping_box();
  ASSERT_TRUE(box.has_value());
  EXPECT_NEAR(box->upper(0), 2, 1e-12);
  EXPECT_NEAR(box->upper(1), 3, 1e-12);
  EXPECT_GE(box->upper(1), 3);
}

Network two_layers() {
  Rng rng(27, Purpose::tests);
  return random_stack(CellKind::gru, Activation::tanh, Reset::after, {3, 4}, kInputs, 1, rng);
}

TEST(Stack, LayersThatDoNotFitAreRefused) {
  const auto refused = [](const Network& network, const std::string& part) {
    EXPECT_THAT([&] { validate(network); }, ThrowsMessage<InvalidInput>(HasSubstr(part)));
    EXPECT_THROW(make_system(network), InvalidInput);
  };
  Network net = two_layers();
  net.upper[0].input_weights = Matrix::Zero(12, 5);
  refused(net, "upper[0]: input_weights is 12 x 5, expected 12 x 3");
  net = two_layers();
  net.upper[0].bias(1) = NAN;
  refused(net, "upper[0]: bias holds values that are not finite");
  net = two_layers();
  net.readout_weights = Matrix::Zero(2, 3);
  refused(net, "readout_weights is 2 x 3, expected 2 x 4");
  net = two_layers();
  net.initial_state = Vector::Zero(4);
  refused(net, "initial_state is 4 x 1, expected 7 x 1");
  net = two_layers();
  net.upper[0].initial_state = Vector::Zero(4);
  refused(net, "upper[0]: initial_state has 4 entries, expected none");
  net = two_layers();
  net.upper[0].upper.push_back(net.upper[0]);
  refused(net, "upper[0]: upper has 1 entries, expected none");
  net = two_layers();
  net.projection = Matrix::Zero(3, 3);
  refused(net, "projection: found one in a gru");
}

TEST(Stack, PutsCompleteLayersTogether) {
  Rng rng(28, Purpose::tests);
  const auto layer = [&](Index n_units, Index n_inputs) {
    Network net =
        random_network(CellKind::lstm, Activation::tanh, Reset::after, n_units, n_inputs, 1, rng);
    net.initial_state = random_vector(net.n_states(), 1, rng);
    return net;
  };
  const Network below = without_readout(layer(2, 1)), above = layer(3, 2);
  const Network both = stack({below, above});
  EXPECT_EQ(both.n_states(), 10);
  EXPECT_EQ(both.initial_state.head(4), below.initial_state);
  EXPECT_EQ(both.initial_state.tail(6), above.initial_state);
  EXPECT_EQ(both.n_outputs(), 2);
  EXPECT_EQ(both.top().n_units(), 3);
  EXPECT_THROW(stack({}), InvalidInput);
  EXPECT_THROW(stack({above, below}), InvalidInput);  // a readout below
  EXPECT_THROW(stack({below, below}), InvalidInput);  // 2 outputs, 1 input
}

}  // namespace
}  // namespace nullcline::models
