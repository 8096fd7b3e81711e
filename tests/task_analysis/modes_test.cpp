// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/modes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::task_analysis {
namespace {

Vector vector_of(const nlohmann::json& values) {
  Vector result(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), result.begin());
  return result;
}

// Relu units far above their kinks, whose map is affine: dF/dh = W, dF/dx = A.
models::Network affine(const Matrix& w, const Matrix& a, const Matrix& c) {
  models::Network network;
  network.activation = models::Activation::relu;
  network.recurrent_weights = w;
  network.input_weights = a;
  network.bias = Vector::Constant(w.rows(), 1e3);
  network.readout_weights = c;
  network.readout_bias = Vector::Ones(c.rows());
  network.initial_state = Vector::Zero(w.rows());
  return network;
}

fixed_points::FixedPoint linearized(const models::Network& network) {
  fixed_points::FixedPoint point;
  point.state = Vector::Zero(network.n_states());
  fixed_points::linearize(*models::make_system(network), Vector::Zero(network.n_inputs()), point);
  return point;
}

class Modes : public ::testing::Test {
 protected:
  Modes() {
    std::ifstream file(NULLCLINE_TEST_DATA "/task_analysis/linear_modes.json");
    truth_ = nlohmann::json::parse(file);
    b_ = vector_of(truth_["b"]);
    c_ = vector_of(truth_["c"]);
    Matrix w(b_.size(), b_.size());
    for (Index i = 0; i < w.rows(); ++i)
      w.row(i) = vector_of(truth_["J"][static_cast<std::size_t>(i)]).transpose();
    network_ = affine(w, b_, c_.transpose());
    point_ = linearized(network_);
  }

  nlohmann::json truth_;
  Vector b_, c_;
  models::Network network_;
  fixed_points::FixedPoint point_;
};

TEST_F(Modes, InputSelectionIsThatOfNumPy) {
  const Matrix found = input_selection(point_, b_);
  const Vector expected = vector_of(truth_["input_projection_abs"]);
  ASSERT_EQ(found.cols(), 1);
  EXPECT_LT((found.col(0) - expected).cwiseAbs().maxCoeff(), 1e-10);
  EXPECT_GT(expected.maxCoeff(), 1);
}

TEST_F(Modes, ResponsesOfTheLeadingModesAreThoseOfNumPy) {
  const std::vector<int> steps = truth_["response_times"];
  const Matrix found = mode_responses(point_, b_, c_, steps);
  ASSERT_EQ(found.rows(), 5);
  ASSERT_EQ(found.cols(), 9);
  EXPECT_EQ(found.col(0), Vector::Zero(5));
  int n_compared = 0;
  for (const auto& [k, values] : truth_["response_topk"].items()) {
    const Vector expected = vector_of(values);
    EXPECT_LT((found.col(std::stoi(k)) - expected).cwiseAbs().maxCoeff(), 1e-9) << k;
    ++n_compared;
  }
  EXPECT_EQ(n_compared, 7);
  EXPECT_EQ(found.col(3), found.col(4)) << "modes 3 and 4 are a conjugate pair";
  EXPECT_NE(found.col(4), found.col(5));
  const Vector full = vector_of(truth_["response_full_check"]);
  EXPECT_LT((found.col(8) - full).cwiseAbs().maxCoeff(), 1e-9);
}

TEST_F(Modes, AllModesTogetherAreThePowersOfTheJacobian) {
  const Matrix found = mode_responses(point_, b_, c_, {1, 2, 3});
  const Matrix& j = network_.recurrent_weights;
  EXPECT_NEAR(found(0, 8), c_.dot(b_), 1e-10);
  EXPECT_NEAR(found(1, 8), c_.dot(j * b_), 1e-10);
  EXPECT_NEAR(found(2, 8), c_.dot(j * (j * b_)), 1e-10);
  EXPECT_THROW(mode_responses(point_, b_, c_, {0}), InvalidInput);
}

// J = diag(1, 0): the second mode answers at the first step alone.
TEST(ModesByHand, AModeWithoutMemoryAnswersOnce) {
  const Matrix j{{1.0, 0.0}, {0.0, 0.0}}, a{{2.0, 0.5}, {3.0, 0.0}}, c{{1.0, 10.0}};
  const models::Network network = affine(j, a, c);
  const fixed_points::FixedPoint point = linearized(network);
  const Matrix expected{{0.0, 2.0, 32.0}, {0.0, 2.0, 2.0}};
  EXPECT_EQ(mode_responses(point, a.col(0), c.row(0).transpose(), {1, 2}), expected);
  EXPECT_EQ(input_selection(point, a), a);
}

TEST(ReadoutJacobian, IsCForCellsThatAreReadOutAsTheyAre) {
  const Matrix c{{0.25, -3.0}, {1.0, 0.5}};
  const models::Network network = affine(Matrix::Identity(2, 2), Matrix::Ones(2, 1), c);
  EXPECT_EQ(readout_jacobian(network, Vector::Ones(2)), c);
  models::Network lstm = network;
  lstm.cell = models::CellKind::lstm;
  lstm.recurrent_weights = Matrix::Ones(8, 2);
  lstm.input_weights = Matrix::Ones(8, 1);
  lstm.bias = Vector::Zero(8);
  lstm.initial_state = Vector::Zero(4);
  Matrix expected = Matrix::Zero(2, 4);
  expected.leftCols(2) = c;
  EXPECT_EQ(readout_jacobian(lstm, Vector::Ones(4)), expected) << "the memory is not read out";
}

// y = c tanh(v): dy/dv = c (1 - tanh(v)^2).
TEST(ReadoutJacobian, OfLeakyOutsideCellsHasTheSlopeOfTheActivation) {
  models::Network network = affine(Matrix::Identity(2, 2), Matrix::Ones(2, 1), Matrix{{2.0, 3.0}});
  network.cell = models::CellKind::leaky_outside;
  network.activation = models::Activation::tanh;
  network.alpha = Vector::Ones(2);
  const Matrix found = readout_jacobian(network, Vector{{0.5, -1.0}});
  EXPECT_NEAR(found(0, 0), 2 * (1 - std::pow(std::tanh(0.5), 2)), 1e-9);
  EXPECT_NEAR(found(0, 1), 3 * (1 - std::pow(std::tanh(1.0), 2)), 1e-9);
}

}  // namespace
}  // namespace nullcline::task_analysis
