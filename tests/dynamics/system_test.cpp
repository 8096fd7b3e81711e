// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/system.hpp"

#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/testing/system_laws.hpp"
#include "nullcline/testing/zoo.hpp"

namespace nullcline::dynamics {
namespace {

TEST(System, APlaneFlowNeedsNoneOfTheExtras) {
  const testing::FitzHughNagumo flow;
  const Vector state = Vector{{0.3, -0.2}}, input = Vector{{0.7}};
  EXPECT_TRUE(testing::jacobian_is_the_derivative_at(flow, state, input, 1e-10));
  EXPECT_TRUE(testing::input_jacobian_is_the_derivative_at(flow, state, input, 1e-10));
  EXPECT_EQ(flow.reduced(), nullptr);
  EXPECT_EQ(flow.intervals(), nullptr);
  EXPECT_FALSE(flow.trapping_box().has_value());
  EXPECT_FALSE(flow.no_trapping_box_reason().empty());
  EXPECT_FALSE(flow.directional_derivatives(state, input, state).has_value());
  EXPECT_TRUE(flow.parameter_names().empty());
  EXPECT_THROW(flow.parameter("tau"), InvalidInput);
  EXPECT_THROW(flow.with_parameter("tau", 1), InvalidInput);
}

// A wrong Jacobian must be noticed, or the law proves nothing.
class WrongJacobian : public testing::FitzHughNagumo {
 public:
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    FitzHughNagumo::jacobian(states, inputs, out);
    out(0, 1) *= 1.001;
  }
};

TEST(SystemLaws, NoticeAWrongJacobian) {
  const Vector state = Vector{{0.3, -0.2}}, input = Vector{{0.7}};
  const testing::Law law =
      testing::jacobian_is_the_derivative_at(WrongJacobian(), state, input, 1e-6);
  EXPECT_FALSE(law);
  EXPECT_NE(law.message.find("jacobian"), std::string::npos);
}

// By hand: det(I - J) of [[2, 0], [0, 0.5]] is -0.5; of its flow, det(-J) = 1.
TEST(FixedPointIndex, IsTheSignOfTheDeterminant) {
  const Matrix j = Matrix{{2.0, 0.0}, {0.0, 0.5}};
  EXPECT_EQ(fixed_point_index(Time::discrete, j), -1);
  EXPECT_EQ(fixed_point_index(Time::continuous, j), 1);
  EXPECT_EQ(fixed_point_index(Time::continuous, Matrix(-j)), 1);
  EXPECT_EQ(fixed_point_index(Time::discrete, Matrix::Identity(2, 2)), 0);
}

// The ideal flip-flop has sum (+1)(8) - 12 + 6 - 1 = 1.
TEST(FixedPointIndex, SumsToOneOverTheIdealFlipFlop) {
  const auto map = models::make_system(testing::ideal_flip_flop());
  int sum = 0;
  for (int code = 0; code < 27; ++code) {
    Vector h(3);
    for (int k = 0, rest = code; k < 3; ++k, rest /= 3)
      h(k) = testing::kIdealFlipFlopState * (rest % 3 - 1);
    EXPECT_LT((evaluate_at(*map, h, Vector::Zero(3)) - h).norm(), 1e-15);
    sum += fixed_point_index(Time::discrete, jacobian_at(*map, h, Vector::Zero(3)));
  }
  EXPECT_EQ(sum, 1);
}

}  // namespace
}  // namespace nullcline::dynamics
