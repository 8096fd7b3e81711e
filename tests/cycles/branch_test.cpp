// SPDX-License-Identifier: BSD-3-Clause
// Values: oracles computed with Taylor series in many digits and AUTO-07p, beside the project.
#include "nullcline/cycles/branch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "flows.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/cycles/collocation.hpp"
#include "nullcline/cycles/find.hpp"

namespace nullcline::cycles {
namespace {

using continuation::Family;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Equation 8 with the input t = tan(alpha / 2).
struct Equation8InT {
  double k = 1.5;
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    using numerics::tanh;
    const Scalar t2 = x[0] * x[0], scale = k / (1.0 + t2);
    const Scalar c = scale * (1.0 - t2), s = scale * 2.0 * x[0];
    out[0] = 0.5 * (tanh(c * h[0] - s * h[1]) - h[0]);
    out[1] = 0.5 * (tanh(s * h[0] + c * h[1]) - h[1]);
  }
};
double alpha_of(double t) { return 2 * std::atan(t); }
double t_of(double alpha) { return std::tan(alpha / 2); }

/// Equation 9 with the input gamma.
struct Equation9 {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    using numerics::tanh;
    const double c = 1.5 * std::cos(std::numbers::pi / 20),
                 s = 1.5 * std::sin(std::numbers::pi / 20);
    out[0] = 0.5 * (tanh(c * h[0] + s * h[1] + 0.32) - h[0]);
    out[1] = 0.5 * (tanh(c * h[1] - s * h[0] + x[0]) - h[1]);
  }
};

constexpr double kHopf = 0.84106867056793026;
constexpr double kSaddleNode = 0.14782207067906648;

class Equation8Branch : public ::testing::Test {
 protected:
  const dynamics::FunctionSystem<Equation8InT> flow_{{}, 2, 1, dynamics::Time::continuous};
  const Family family_{flow_, Vector{{t_of(0.5)}}, {"input[0]"}};
};

TEST_F(Equation8Branch, RunsFromTheHopfPointToTheSaddleNodes) {
  const auto born = cycle_at_hopf(family_, Vector::Zero(2), t_of(kHopf));
  ASSERT_TRUE(born);
  EXPECT_NEAR(born->cycle.period, 11.23970356966516, 1e-4);
  const CycleBranch branch =
      continue_cycle(family_, born->cycle, born->parameter, t_of(1.0), t_of(0.1), {.longest = 500});
  EXPECT_EQ(branch.begin, BranchEnd::hopf);
  EXPECT_NEAR(alpha_of(branch.begin_limit.parameter), kHopf, 1e-10);
  EXPECT_EQ(branch.end, BranchEnd::snic) << branch.end_limit.evidence;
  EXPECT_NEAR(alpha_of(branch.end_limit.parameter), kSaddleNode, 1e-9);
  // In alpha: dt / dalpha = (1 + t^2) / 2.
  const double slope = (1 + std::pow(t_of(kSaddleNode), 2)) / 2;
  EXPECT_NEAR(branch.end_limit.law / std::sqrt(slope), 27.0439750581, 0.03);
  EXPECT_TRUE(branch.events.empty());
  for (const Cycle& cycle : branch.cycles) EXPECT_TRUE(cycle.is_stable);
}

TEST_F(Equation8Branch, StopsAtTheEndsOfTheInterval) {
  const dynamics::Box box{Vector{{-1.0, -1.0}}, Vector{{1.0, 1.0}}};
  const CycleSet set = find_cycles(flow_, Vector{{t_of(0.5)}}, box, {.n_starts = 2});
  ASSERT_EQ(set.cycles.size(), 1U);
  const CycleBranch branch =
      continue_cycle(family_, set.cycles[0], t_of(0.5), t_of(0.3), t_of(0.7));
  EXPECT_EQ(branch.begin, BranchEnd::interval_end);
  EXPECT_EQ(branch.end, BranchEnd::interval_end);
  EXPECT_EQ(branch.parameters.front(), t_of(0.3));
  EXPECT_EQ(branch.parameters.back(), t_of(0.7));
  EXPECT_NEAR(branch.cycles.front().period, 46.7691310823491, 46 * 1e-8);
  EXPECT_NEAR(branch.cycles.back().period, 14.9772000398997, 15 * 1e-8);
}

TEST_F(Equation8Branch, RefusesWhatHasNoBranch) {
  const auto born = cycle_at_hopf(family_, Vector::Zero(2), t_of(kHopf));
  ASSERT_TRUE(born);
  const auto refusal = [&](double from, double to, const std::string& words) {
    EXPECT_THAT([&] { continue_cycle(family_, born->cycle, born->parameter, from, to); },
                ThrowsMessage<InvalidInput>(HasSubstr(words)));
  };
  refusal(1, 1, "two different numbers");
  refusal(0.1, 0.2, "expected a value within 0.1 to 0.2");
  Cycle wrong = born->cycle;
  wrong.states = 0.1 * Matrix::Random(wrong.states.rows(), 2);
  EXPECT_THROW(continue_cycle(family_, wrong, born->parameter, t_of(1.0), t_of(0.1)), InvalidInput);
}

TEST(CycleBranch, Equation9EndsAtAHomoclinicOrbit) {
  const dynamics::FunctionSystem<Equation9> flow({}, 2, 1, dynamics::Time::continuous);
  const Family family(flow, Vector{{0.053}}, {"input[0]"});
  const auto born =
      cycle_at_hopf(family, Vector{{-0.6060568273425, -0.53173453995473}}, 0.0530093942197543);
  ASSERT_TRUE(born);
  const CycleBranch branch = continue_cycle(family, born->cycle, born->parameter, 0.05, 0.06);
  EXPECT_EQ(branch.begin, BranchEnd::hopf);
  EXPECT_NEAR(branch.begin_limit.parameter, 0.0530093942197543494, 1e-10);
  EXPECT_EQ(branch.end, BranchEnd::homoclinic) << branch.end_limit.evidence;
  EXPECT_NEAR(branch.end_limit.parameter, 0.054174676916216257, 1e-10);
  ASSERT_EQ(branch.end_limit.equilibrium.size(), 2);
  EXPECT_NEAR(branch.end_limit.equilibrium(0), -0.317045537517586685, 1e-9);
  EXPECT_NEAR(branch.end_limit.law, 0.150977449004445415, 4e-3);
  // Between two cycles of the branch: solved again at the oracle's parameters.
  struct Known {
    double gamma, period;
  };
  for (const auto& [gamma, period] : {Known{0.0535, 88.361056132},
                                      {0.054, 95.564056400},
                                      {0.054085, 99.883580726},
                                      {0.05417, 120.297797905}}) {
    std::size_t i = 0;
    while (branch.parameters[i] < gamma) ++i;
    const auto cycle = solve_cycle(flow, Vector{{gamma}}, profile_of(branch.cycles[i]));
    ASSERT_TRUE(cycle) << gamma;
    EXPECT_NEAR(cycle->period, period, 1e-8 * period);
  }
}

/// r' = r (mu + r^2 - r^4), of which r^2 = (1 +- sqrt(1 + 4 mu)) / 2: a fold of cycles at -1/4.
struct FoldOfCycles {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    const Scalar r2 = h[0] * h[0] + h[1] * h[1];
    const Scalar growth = x[0] + r2 - r2 * r2;
    out[0] = growth * h[0] - h[1];
    out[1] = h[0] + growth * h[1];
  }
};

// Duffing's equation with a damping of (d - x^2): symmetric, with a figure-eight at the saddle 0.
struct FigureEight {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* out) const {
    out[0] = h[1];
    out[1] = h[0] - h[0] * h[0] * h[0] - x[0] * h[1] + h[0] * h[0] * h[1];
  }
};

TEST(CycleBranch, AFigureEightIsAHomoclinicOrbitWithoutFoldsOfTheMesh) {
  const dynamics::FunctionSystem flow(FigureEight{}, 2, 1, dynamics::Time::continuous);
  const dynamics::Box box{Vector{{-3.0, -3.0}}, Vector{{3.0, 3.0}}};
  const CycleSet set = find_cycles(flow, Vector{{0.8}}, box, {.n_starts = 20});
  const auto stable = std::find_if(set.cycles.begin(), set.cycles.end(),
                                   [](const Cycle& cycle) { return cycle.is_stable; });
  ASSERT_NE(stable, set.cycles.end());
  const continuation::Family family(flow, Vector{{0.8}}, {"input[0]"});
  const CycleBranch branch = continue_cycle(family, *stable, 0.8, 0.1, 1.5, {}, {});
  // The one fold, between the large cycles, is where SciPy's half-return map has a double point.
  ASSERT_EQ(branch.events.size(), 1U);
  EXPECT_NEAR(branch.events[0].parameter, 0.771215070536, 1e-9);
  EXPECT_TRUE(branch.begin == BranchEnd::homoclinic || branch.end == BranchEnd::homoclinic);
  const Limit& limit =
      branch.begin == BranchEnd::homoclinic ? branch.begin_limit : branch.end_limit;
  EXPECT_NEAR(limit.parameter, 0.8137936631065, 1e-8);  // SciPy: the gap of the saddle's manifolds
  EXPECT_NE(limit.evidence.find("2 times a turn"), std::string::npos);
}

TEST(CycleBranch, AFoldOfCyclesIsLocated) {
  const dynamics::FunctionSystem<FoldOfCycles> flow({}, 2, 1, dynamics::Time::continuous);
  const Family family(flow, Vector{{0.0}}, {"input[0]"});
  const auto born = cycle_at_hopf(family, Vector::Zero(2), 0);
  ASSERT_TRUE(born);
  EXPECT_FALSE(born->cycle.is_stable) << "the Hopf point is subcritical";
  const CycleBranch branch = continue_cycle(family, born->cycle, born->parameter, -1, 0.5);
  ASSERT_EQ(branch.events.size(), 1U);
  EXPECT_EQ(branch.events[0].type, CycleEventType::fold_of_cycles);
  EXPECT_NEAR(branch.events[0].parameter, -0.25, 1e-10);
  EXPECT_NEAR(branch.events[0].cycle.maximum(0), std::sqrt(0.5), 1e-6);
  EXPECT_EQ(branch.begin == BranchEnd::hopf || branch.end == BranchEnd::hopf, true);
  EXPECT_EQ(branch.begin == BranchEnd::interval_end || branch.end == BranchEnd::interval_end, true);
}

}  // namespace
}  // namespace nullcline::cycles
