// SPDX-License-Identifier: BSD-3-Clause
// Every cell obeys the laws, as a map and as a flow.
#include <gtest/gtest.h>

#include <tuple>

#include "nullcline/models/gru.hpp"
#include "nullcline/models/lstm.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/models/ugrnn.hpp"
#include "nullcline/models/vanilla.hpp"
#include "nullcline/testing/system_laws.hpp"
#include "nullcline/testing/zoo.hpp"

namespace nullcline::models {
namespace {

using dynamics::System;
using dynamics::Time;
using nullcline::testing::Law;
using numerics::Dual;
using numerics::Interval;

struct Case {
  CellKind cell;
  Activation activation;
  Reset reset;
};

std::vector<Case> all_cells() {
  std::vector<Case> cases;
  for (const auto& [cell, name] : EnumNames<CellKind>::values)
    for (const Activation activation : {Activation::tanh, Activation::relu, Activation::logistic}) {
      cases.push_back({cell, activation, Reset::after});
      if (cell == CellKind::gru) cases.push_back({cell, activation, Reset::before});
    }
  return cases;
}

std::string case_name(const ::testing::TestParamInfo<std::tuple<Case, Time>>& info) {
  const auto& [which, time] = info.param;
  std::string name = std::string(name_of(which.cell)) + "_" +
                     std::string(name_of(which.activation)) +
                     (which.cell == CellKind::gru ? "_" + std::string(name_of(which.reset)) : "") +
                     "_" + std::string(name_of(time));
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

class CellLaws : public ::testing::TestWithParam<std::tuple<Case, Time>> {
 protected:
  static constexpr Index kUnits = 5, kInputs = 2;

  // A network, and a state at least 0.01 away from every kink.
  void SetUp() override {
    const auto& [which, time] = GetParam();
    for (std::uint64_t attempt = 0; attempt < 100; ++attempt) {
      Rng rng(7, Purpose::tests, attempt);
      const double gain = which.activation == Activation::relu ? 0.2 : 1.2;
      network = nullcline::testing::random_network(which.cell, which.activation, which.reset,
                                                   kUnits, kInputs, gain, rng);
      system = make_system(network, time);
      state = random_vector(system->n_states(), 0.6, rng);
      input = random_vector(kInputs, 1, rng);
      if (system->kink_distance(state, input) > 0.01) return;
    }
    FAIL() << "no state away from kinks";
  }

  static Vector random_vector(Index n, double scale, Rng& rng) {
    Vector v(n);
    for (double& x : v) x = scale * rng.normal();
    return v;
  }

  Network network;
  std::unique_ptr<System> system;
  Vector state, input;
};

INSTANTIATE_TEST_SUITE_P(Cells, CellLaws,
                         ::testing::Combine(::testing::ValuesIn(all_cells()),
                                            ::testing::Values(Time::discrete, Time::continuous)),
                         case_name);

#define EXPECT_LAW(expression)             \
  do {                                     \
    const Law law = expression;            \
    EXPECT_TRUE(law.holds) << law.message; \
  } while (false)

TEST_P(CellLaws, JacobiansAreTheDerivatives) {
  EXPECT_LAW(testing::jacobian_is_the_derivative_at(*system, state, input, 1e-9));
  EXPECT_LAW(testing::input_jacobian_is_the_derivative_at(*system, state, input, 1e-9));
  if (const System* reduced = system->reduced()) {
    const Vector point = system->restrict_states(state.transpose()).row(0).transpose();
    EXPECT_LAW(testing::jacobian_is_the_derivative_at(*reduced, point, input, 1e-8));
    EXPECT_LAW(testing::input_jacobian_is_the_derivative_at(*reduced, point, input, 1e-8));
  }
}

TEST_P(CellLaws, BatchesAgreeWithSingleStates) {
  Rng rng(8, Purpose::tests);
  Matrix states(300, system->n_states());
  for (double& x : states.reshaped()) x = rng.normal();
  EXPECT_LAW(testing::batches_agree_with_single_states(*system, states, input, 1e-14));
}

// Those that are solved as sums of weights with scaled rows: all but the GRU with reset before.
TEST_P(CellLaws, ScaledRowsMakeTheJacobian) {
  Rng rng(12, Purpose::tests);
  const System& solved = system->reduced() != nullptr ? *system->reduced() : *system;
  Matrix states(7, solved.n_states());
  for (double& x : states.reshaped()) x = 0.6 * rng.normal();
  if (network.cell == CellKind::gru && network.reset == Reset::before)
    EXPECT_EQ(solved.row_scaled_jacobian(), nullptr);
  else
    EXPECT_LAW(testing::scaled_rows_make_the_jacobian(solved, states, input, 1e-13));
  if (network.cell == CellKind::vanilla)
    EXPECT_LAW(testing::scaled_rows_make_the_jacobian(*system, states, input, 1e-13));
}

TEST_P(CellLaws, IntervalsEncloseWhatTheyMust) {
  Rng rng(9, Purpose::tests);
  for (const double radius : {0.0, 1e-6, 1e-2, 1.0}) {
    EXPECT_LAW(testing::intervals_enclose_points_near(*system, state, input, radius, rng));
    if (const System* reduced = system->reduced()) {
      const Vector point = system->restrict_states(state.transpose()).row(0).transpose();
      EXPECT_LAW(testing::intervals_enclose_points_near(*reduced, point, input, radius, rng));
      if (reduced->row_scaled_jacobian() != nullptr)
        EXPECT_LAW(testing::scaled_rows_are_enclosed_near(*reduced, point, input, radius, rng));
    }
    if (system->row_scaled_jacobian() != nullptr)
      EXPECT_LAW(testing::scaled_rows_are_enclosed_near(*system, state, input, radius, rng));
  }
}

// Enough units for whole SIMD lanes and some behind them.
TEST_P(CellLaws, IntervalsOfManyUnitsEncloseWhatTheyMust) {
  const auto& [which, time] = GetParam();
  Rng rng(19, Purpose::tests);
  const double gain = which.activation == Activation::relu ? 0.2 : 1.2;
  const auto large = make_system(nullcline::testing::random_network(which.cell, which.activation,
                                                                    which.reset, 19, 2, gain, rng),
                                 time);
  const System& solved = large->reduced() != nullptr ? *large->reduced() : *large;
  const Vector point = random_vector(solved.n_states(), 0.6, rng);
  for (const double radius : {0.0, 1e-6, 1e-2, 1.0}) {
    EXPECT_LAW(testing::intervals_enclose_points_near(solved, point, input, radius, rng));
    if (solved.row_scaled_jacobian() != nullptr)
      EXPECT_LAW(testing::scaled_rows_are_enclosed_near(solved, point, input, radius, rng));
  }
}

TEST_P(CellLaws, DirectionalDerivativesAgree) {
  Rng rng(10, Purpose::tests);
  const Vector direction = random_vector(system->n_states(), 0.3, rng);
  if (system->has_kinks() && system->kink_distance(state, input) < 0.05)
    EXPECT_TRUE(system->directional_derivatives(state, input, direction).has_value());
  else
    EXPECT_LAW(testing::directional_derivatives_agree_at(*system, state, input, direction, 1e-7));
}

TEST_P(CellLaws, BoundedCellsHaveATrappingBoxAndReluCellsSayWhyNot) {
  Rng rng(11, Purpose::tests);
  const System& solved = system->reduced() != nullptr ? *system->reduced() : *system;
  if (network.activation != Activation::relu) {
    EXPECT_LAW(testing::trapping_box_traps(solved, input, rng));
  } else {
    EXPECT_FALSE(solved.trapping_box().has_value());
    EXPECT_NE(solved.no_trapping_box_reason().find("relu"), std::string::npos);
  }
}

// Iterates the reduced map's Newton steps to a fixed point and checks its lift there.
TEST_P(CellLaws, FixedPointsOfTheReducedMapLift) {
  const System* reduced = system->reduced();
  if (reduced == nullptr) {
    EXPECT_EQ(network.cell, CellKind::vanilla);  // it is its own reduced map
    return;
  }
  Rng rng(12, Purpose::tests);
  int checked = 0;
  for (int start = 0; start < 40 && checked < 3; ++start) {
    Vector point = random_vector(reduced->n_states(), 0.5, rng);
    double residual = 1;
    for (int step = 0; step < 50 && residual > 1e-13; ++step) {
      const Vector r = dynamics::evaluate_at(*reduced, point, input) - point;
      Matrix a = dynamics::jacobian_at(*reduced, point, input);
      a.diagonal().array() -= 1;
      point -= numerics::inverse(a) * r;
      if (network.activation != Activation::relu) point = point.cwiseMax(-1).cwiseMin(1);
      residual = (dynamics::evaluate_at(*reduced, point, input) - point).cwiseAbs().maxCoeff();
    }
    // An inactive candidate leaves c = 0 on the kink of the relu LSTM's output: a kink by nature.
    const bool kinked = reduced->kink_distance(point, input) < 1e-6;
    if (!(residual < 1e-12) || (kinked && network.cell != CellKind::lstm)) continue;
    ++checked;
    EXPECT_LAW(testing::reduction_agrees_at(*system, point, input, 1e-10));
  }
  EXPECT_GT(checked, 0);
}

TEST_P(CellLaws, GatesAndLeaksPullTowardsTheCandidate) {
  const bool has_candidate =
      network.cell == CellKind::gru || network.cell == CellKind::ugrnn ||
      network.cell == CellKind::leaky ||
      (network.cell == CellKind::vanilla && system->time() == Time::continuous);
  ASSERT_EQ(system->candidate() != nullptr, has_candidate);
  if (has_candidate) EXPECT_LAW(testing::candidate_points_the_same_way_at(*system, state, input));
}

TEST_P(CellLaws, TheFlowIsTheMapMinusTheState) {
  const auto map = make_system(network, Time::discrete);
  const auto flow = make_system(network, Time::continuous);
  const Vector difference = dynamics::evaluate_at(*map, state, input) - state;
  EXPECT_LT((dynamics::evaluate_at(*flow, state, input) - difference).cwiseAbs().maxCoeff(), 1e-15);
}

// The definition over dual numbers gives the same Jacobian, to rounding.
template <class Cell>
void expect_dual_jacobian(const Network& net, const Vector& h, const Vector& x, Index n_states) {
  const auto n = static_cast<std::size_t>(n_states);
  std::vector<double> gates(static_cast<std::size_t>(Cell::kSlots * net.n_units())),
      jacobian(n * n);
  Cell::gates(net, h.data(), x.data(), gates.data());
  Cell::jacobian(net, h.data(), static_cast<const double*>(gates.data()), jacobian.data());
  for (std::size_t j = 0; j < n; ++j) {
    std::vector<Dual<double>> hd(h.begin(), h.end()), xd(x.begin(), x.end()), gd(gates.size()),
        out(n);
    hd[j].derivative = 1;
    Cell::gates(net, hd.data(), xd.data(), gd.data());
    Cell::next(net, hd.data(), static_cast<const Dual<double>*>(gd.data()), out.data());
    const auto tolerance = [](double value) { return 1e-14 * (1 + std::abs(value)); };
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_NEAR(out[i].derivative, jacobian[i * n + j], tolerance(jacobian[i * n + j]));
    // ... and over dual intervals encloses it.
    std::vector<Dual<Interval>> hi(h.begin(), h.end()), xi(x.begin(), x.end()), gi(gates.size()),
        o(n);
    hi[j].derivative = 1.0;
    Cell::gates(net, hi.data(), xi.data(), gi.data());
    Cell::next(net, hi.data(), static_cast<const Dual<Interval>*>(gi.data()), o.data());
    for (std::size_t i = 0; i < n; ++i) {
      const double exact = jacobian[i * n + j];
      EXPECT_LE(o[i].derivative.lower(), exact + tolerance(exact));
      EXPECT_GE(o[i].derivative.upper(), exact - tolerance(exact));
      EXPECT_LT(o[i].derivative.width(), 100 * tolerance(exact));
    }
  }
}

TEST_P(CellLaws, DualNumbersGiveTheSameJacobian) {
  const Index n = network.n_units();
  const Vector h = state.head(n);
  switch (network.cell) {
    case CellKind::vanilla:
      return expect_dual_jacobian<VanillaCell>(network, h, input, n);
    case CellKind::leaky:
      return expect_dual_jacobian<LeakyCell>(network, h, input, n);
    case CellKind::leaky_outside:
      return expect_dual_jacobian<LeakyOutsideCell>(network, h, input, n);
    case CellKind::ugrnn:
      return expect_dual_jacobian<UgrnnCell>(network, h, input, n);
    case CellKind::gru:
      expect_dual_jacobian<ReducedGruCell>(network, h, input, n);
      return expect_dual_jacobian<GruCell>(network, h, input, n);
    case CellKind::lstm:
      expect_dual_jacobian<ReducedLstmCell>(network, h, input, n);
      return expect_dual_jacobian<LstmCell>(network, state, input, 2 * n);
  }
}

TEST_P(CellLaws, GainScalesTheRecurrentWeights) {
  Network doubled = network;
  doubled.recurrent_weights *= 2;
  const auto expected = make_system(doubled, std::get<Time>(GetParam()));
  const auto varied = system->with_parameter("gain", 2);
  EXPECT_EQ(varied->parameter("gain"), 2);
  EXPECT_EQ(system->parameter("gain"), 1);
  EXPECT_EQ(dynamics::evaluate_at(*varied, state, input),
            dynamics::evaluate_at(*expected, state, input));
  EXPECT_THROW(system->with_parameter("tau", 1), InvalidInput);
}

}  // namespace
}  // namespace nullcline::models
