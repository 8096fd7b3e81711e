// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/portrait.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <string>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/dynamics/function_system.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/portrait/attractors.hpp"
#include "nullcline/portrait/manifolds.hpp"
#include "nullcline/portrait/results.hpp"

namespace nullcline::portrait {
namespace {

Portrait portrait_of(const std::string& text, const PortraitOptions& options = {},
                     const Vector& input = Vector(0)) {
  const auto system = interchange::Model::parse(text, "test").make_system();
  return make_portrait(*system, input, options);
}

const char* const kDoubleWell = R"(
[system]
ode = { x = "x - x^3", y = "-y" }
[box]
x = [-2, 2]
y = [-2, 2]
)";

PortraitOptions coarse() {
  PortraitOptions options;
  options.grid = 31;
  options.automatic = 4;
  return options;
}

Index count_of(const Portrait& portrait, std::int64_t which) {
  const auto& basins = portrait.field->basins;
  return std::count(basins.begin(), basins.end(), which);
}

TEST(Portrait, BasinsOfADoubleWellAreItsHalves) {
  const Portrait p = portrait_of(kDoubleWell, coarse());
  ASSERT_EQ(p.attractors.size(), 2U);
  for (Index row = 0; row < 31; ++row)
    for (Index column = 0; column < 31; ++column) {
      const std::int64_t which = p.field->basins[static_cast<std::size_t>(row * 31 + column)];
      const double x = p.field->x(column);
      if (std::abs(x) < 1e-12) {
        EXPECT_EQ(which, -1);  // on the separatrix: neither
      } else {
        ASSERT_GE(which, 0);
        const Index point = p.attractors[static_cast<std::size_t>(which)].number;
        EXPECT_GT(p.points.points[static_cast<std::size_t>(point)].state(0) * x, 0);
      }
    }
}

TEST(Portrait, EllipsoidsAreProvenAndHoldNoOtherPoint) {
  const Portrait p = portrait_of(kDoubleWell, coarse());
  for (const Attractor& a : p.attractors) {
    EXPECT_EQ(a.verdict, fixed_points::Verdict::proven);
    EXPECT_GT((a.shape * (Vector::Zero(2) - a.center)).norm(), 1);  // the saddle is outside
    // f points to the middle all along its edge.
    for (int i = 0; i < 64; ++i) {
      const double angle = i * M_PI / 32;
      const Vector on_edge =
          a.center + a.shape.inverse() * Eigen::Vector2d(std::cos(angle), std::sin(angle));
      const double x = on_edge(0), y = on_edge(1);
      const Vector rate = Eigen::Vector2d(x - x * x * x, -y);
      EXPECT_LT((a.shape * (on_edge - a.center)).dot(a.shape * rate), 0);
    }
  }
}

TEST(Portrait, ManifoldsOfTheSaddleAreTheAxes) {
  const Portrait p = portrait_of(kDoubleWell, coarse());
  ASSERT_EQ(p.manifolds.size(), 4U);
  int n_stable = 0;
  for (const Manifold& m : p.manifolds) {
    EXPECT_LE(m.states.col(m.is_stable ? 0 : 1).cwiseAbs().maxCoeff(), 1e-8);
    EXPECT_EQ(m.end, m.is_stable ? End::left_box : End::point);
    n_stable += m.is_stable ? 1 : 0;
  }
  EXPECT_EQ(n_stable, 2);
}

TEST(Portrait, ASlowPassageIsNoAttractor) {
  const Portrait p = portrait_of(R"(
[system]
ode = { x = "x^2 + 1e-5", y = "-y" }
[box]
x = [-2, 2]
y = [-2, 2]
)",
                                 coarse());
  EXPECT_TRUE(p.attractors.empty());
  EXPECT_EQ(count_of(p, -2), 31 * 31);
  for (const Trajectory& t : p.trajectories) {
    EXPECT_TRUE(t.end == End::left_box || t.end == End::not_finite);
    EXPECT_TRUE(t.states.allFinite());
  }
}

TEST(Portrait, ASlowPassageLongerThanTheTimeAllowedIsUndecided) {
  PortraitOptions options = coarse();
  options.max_time = 100;
  const Portrait p = portrait_of(R"(
[system]
ode = { x = "x^2 + 1e-5", y = "-y" }
[box]
x = [-2, 2]
y = [-2, 2]
)",
                                 options);
  EXPECT_GT(count_of(p, -1), 31 * 10);
  EXPECT_EQ(count_of(p, -1) + count_of(p, -2), 31 * 31);
}

TEST(Portrait, BackwardBlowUpIsSaidAndEveryStateFinite) {
  PortraitOptions options = coarse();
  options.start = {{0.5, 0.5}};
  const Portrait p = portrait_of(R"(
[system]
ode = { x = "-x^3 - x", y = "-y^3 - y" }
[box]
x = [-1, 1]
y = [-1, 1]
)",
                                 options);
  ASSERT_GE(p.trajectories.size(), 2U);
  EXPECT_EQ(p.trajectories[0].end, End::point);
  const Trajectory& back = p.trajectories[1];
  EXPECT_EQ(back.sense, -1);
  EXPECT_TRUE(back.end == End::left_box || back.end == End::not_finite);
  EXPECT_TRUE(back.states.allFinite());
  EXPECT_LT(back.times(back.times.size() - 1), 0);
}

std::string equation_8(double alpha, const std::string& time = "continuous") {
  return "[system]\ncell = \"gru\"\nunits = 2\ntime = \"" + time +
         "\"\n[parameters]\nalpha = " + std::to_string(alpha) +
         "\n[weights]\nU_h = [[\"3*cos(alpha)\", \"-3*sin(alpha)\"], [\"3*sin(alpha)\", "
         "\"3*cos(alpha)\"]]\n";
}

TEST(Portrait, EquationEightGoesToItsCycleAndComesFromTheOrigin) {
  PortraitOptions options = coarse();
  options.start = {{0.1, 0}};
  const Portrait p = portrait_of(equation_8(0.5), options);
  ASSERT_EQ(p.cycles->cycles.size(), 1U);
  EXPECT_NEAR(p.cycles->cycles[0].period, 23.6740263669782, 1e-6);
  EXPECT_EQ(p.trajectories[0].end, End::cycle);
  EXPECT_EQ(p.trajectories[1].end, End::point);
  EXPECT_EQ(count_of(p, 0), 31 * 31 - 1);  // all but the origin
  for (const Nullcline& nullcline : p.nullclines) {
    EXPECT_EQ(nullcline.verdict, fixed_points::Verdict::proven);
    EXPECT_LE(nullcline.max_residual, 1e-12);
  }
}

TEST(Portrait, TheMapOfEquationEightHasAnInvariantCircleOrAPoint) {
  const Portrait p = portrait_of(equation_8(0.5, "discrete"), coarse());
  ASSERT_TRUE(p.orbits);
  ASSERT_EQ(p.orbits->orbits.size(), 1U);
  EXPECT_EQ(p.orbits->orbits[0].kind, orbits::Kind::invariant_circle);
  EXPECT_GT(count_of(p, 0), 31 * 31 * 9 / 10);
  const Portrait still = portrait_of(equation_8(1.5, "discrete"), coarse());
  EXPECT_TRUE(still.orbits->orbits.empty());
  EXPECT_EQ(count_of(still, 0), 31 * 31);
}

TEST(Portrait, SaturatedSinksAreFoundAndCapture) {
  // 1 - |h| is about 2 exp(-2 * 26) = 5e-23.
  const Portrait p = portrait_of(
      "[system]\ncell = \"gru\"\nunits = 2\ntime = \"continuous\"\n[weights]\nU_h = [[52, 0], [0, "
      "52]]\n",
      coarse());
  EXPECT_EQ(p.points.n_fixed(), 9);
  ASSERT_EQ(p.attractors.size(), 4U);
  for (const Attractor& a : p.attractors) {
    EXPECT_EQ(a.verdict, fixed_points::Verdict::proven);
    EXPECT_EQ(a.center.cwiseAbs().minCoeff(), 1);
  }
}

TEST(Portrait, AClosedGateStopsTheFlowButNotTheNullclines) {
  const std::string open =
      "[system]\ncell = \"gru\"\nunits = 2\ntime = \"continuous\"\n[weights]\nU_h = [[6, 1], [0, "
      "6]]\n";
  PortraitOptions options = coarse();
  options.basins = false;
  const Portrait moving = portrait_of(open, options);
  const Portrait stopped = portrait_of(open + "b_z = [50, 0]\n", options);
  const auto n_stopped = [](const Portrait& p, unsigned bit) {
    return std::count_if(p.field->stopped.begin(), p.field->stopped.end(),
                         [bit](std::uint8_t value) { return (value & bit) != 0; });
  };
  EXPECT_EQ(n_stopped(moving, 3), 0);
  EXPECT_GT(n_stopped(stopped, 1), 31 * 31 * 8 / 10);
  EXPECT_EQ(n_stopped(stopped, 2), 0);
  ASSERT_EQ(stopped.nullclines[0].curves.size(), moving.nullclines[0].curves.size());
  EXPECT_EQ(stopped.nullclines[0].curves[0].points, moving.nullclines[0].curves[0].points);
}

std::string gru(const std::string& u_h, const std::string& u_r, const std::string& b_h,
                const std::string& b_r) {
  return "[system]\ncell = \"gru\"\nunits = 2\ntime = \"continuous\"\n[weights]\nU_h = " + u_h +
         "\nU_r = " + u_r + "\nb_h = " + b_h + "\nb_r = " + b_r + "\n";
}

// Nullclines of the three shapes in figure 3 of Jordan et al. (2021).
TEST(Portrait, NullclinesOfGatedUnitsCloseTurnAndFork) {
  PortraitOptions options = coarse();
  options.basins = false;
  const Portrait o = portrait_of(
      gru("[[5, -7], [7, 9]]", "[[-14, -1], [-13, -1]]", "[2, -3]", "[7, -1]"), options);
  const auto n_closed = [](const Portrait& p) {
    Index n = 0;
    for (const Nullcline& nullcline : p.nullclines)
      n += std::count_if(nullcline.curves.begin(), nullcline.curves.end(),
                         [](const NullclineCurve& curve) { return curve.is_closed; });
    return n;
  };
  EXPECT_EQ(n_closed(o), 1);
  // The Jacobian vanishes at the origin: both nullclines fork there.
  const Portrait fork =
      portrait_of(gru("[[2, 0], [0, 2]]", "[[1, -3], [3, -1]]", "[0, 0]", "[0, 0]"), options);
  EXPECT_EQ(n_closed(fork), 0);
  for (const Nullcline& nullcline : fork.nullclines) {
    ASSERT_EQ(nullcline.branch_points.size(), 1U);
    EXPECT_EQ(nullcline.branch_points[0].n_arms, 4);
    EXPECT_LE(nullcline.branch_points[0].place.norm(), 1e-9);
    EXPECT_EQ(nullcline.curves.size(), 4U);
  }
  // A bias unfolds it.
  const Portrait unfolded =
      portrait_of(gru("[[2, 0], [0, 2]]", "[[1, -3], [3, -1]]", "[1e-6, 1e-6]", "[0, 0]"), options);
  for (const Portrait* p : {&o, &unfolded})
    for (const Nullcline& nullcline : p->nullclines) {
      EXPECT_TRUE(nullcline.branch_points.empty());
      EXPECT_EQ(nullcline.verdict, fixed_points::Verdict::proven);
      EXPECT_LE(nullcline.max_residual, 1e-12);
    }
  EXPECT_EQ(unfolded.nullclines[0].curves.size(), 2U);
}

const char* const kDriven = R"(
[system]
ode = { x = "-x + u", y = "-2*y" }
inputs = ["u"]
[box]
x = [-3, 3]
y = [-3, 3]
)";

TEST(Portrait, NoiseGivesTheVarianceOfOrnsteinAndUhlenbeck) {
  PortraitOptions options = coarse();
  options.noise = 0.4;
  options.ensemble = 2000;
  options.noise_time = 8;
  options.basins = false;
  const Portrait p = portrait_of(kDriven, options, Vector::Zero(1));
  const Index n = p.ensemble->times.size();
  double sum = 0;
  for (Index m = 0; m < 2000; ++m) sum += std::pow(p.ensemble->states(m * n + n - 1, 0), 2);
  EXPECT_NEAR(sum / 2000, 0.4 * 0.4 / 2, 0.01);
  EXPECT_TRUE(std::all_of(p.ensemble->ends.begin(), p.ensemble->ends.end(),
                          [](std::int64_t end) { return end == 0; }));
}

TEST(Portrait, TheSameSeedGivesTheSameForAnyNumberOfThreads) {
  PortraitOptions options = coarse();
  options.noise = 0.4;
  set_n_threads(1);
  const Portrait one = portrait_of(kDriven, options, Vector::Zero(1));
  set_n_threads(2);
  const Portrait two = portrait_of(kDriven, options, Vector::Zero(1));
  set_n_threads(0);
  EXPECT_EQ(one.ensemble->states, two.ensemble->states);
  EXPECT_EQ(one.field->basins, two.field->basins);
  options.seed = 1;
  EXPECT_NE(portrait_of(kDriven, options, Vector::Zero(1)).ensemble->states, one.ensemble->states);
}

TEST(Manifolds, OfAMapLieOnTheirParabola) {
  // F = (x / 2, 2 y + x^2): the stable manifold of 0 is y = -4/7 x^2, the unstable one x = 0.
  PortraitOptions options = coarse();
  options.basins = false;
  const Portrait p = portrait_of(R"(
[system]
map = { x = "0.5*x", y = "2*y + x^2" }
[box]
x = [-1, 1]
y = [-1, 1]
)",
                                 options);
  ASSERT_EQ(p.manifolds.size(), 4U);
  for (const Manifold& m : p.manifolds) {
    EXPECT_GT(m.length, 1);
    for (Index i = 0; i < m.states.rows(); ++i) {
      const double x = m.states(i, 0), y = m.states(i, 1);
      EXPECT_NEAR(m.is_stable ? y + 4.0 / 7 * x * x : x, 0, 1e-5);
    }
  }
}

TEST(Portrait, OneAndThreeDimensionsHaveWhatBelongsToThem) {
  const Portrait line = portrait_of(
      "[system]\ncell = \"gru\"\nunits = 1\ntime = \"continuous\"\n[weights]\nU_h = 6\n", coarse());
  ASSERT_TRUE(line.line);
  EXPECT_FALSE(line.field);
  EXPECT_EQ(line.points.n_fixed(), 3);
  const Portrait space = portrait_of(
      "[system]\ncell = \"gru\"\nunits = 3\ntime = \"continuous\"\n[weights]\nU_h = [[4, 0, 0], "
      "[0, "
      "4, 0], [0, 0, 0.5]]\n",
      coarse());
  EXPECT_EQ(space.points.n_fixed(), 9);
  EXPECT_TRUE(space.nullclines.empty());
  EXPECT_FALSE(space.manifolds.empty());
  for (const NamedArrays& arrays : {to_arrays(line), to_arrays(space)})
    EXPECT_TRUE(arrays.has("trajectory_states"));
}

TEST(Portrait, MistakesAreNamed) {
  const auto message = [](const std::string& text, const PortraitOptions& options,
                          const Vector& input = Vector(0)) -> std::string {
    try {
      portrait_of(text, options, input);
    } catch (const InvalidInput& error) {
      return error.what();
    }
    return "";
  };
  PortraitOptions options = coarse();
  options.start = {{5, 0}};
  EXPECT_EQ(message(kDoubleWell, options), "start: found 5,0, expected a state inside the box");
  options = coarse();
  options.box = {{1, -1}, {0, 1}};
  EXPECT_EQ(message(kDoubleWell, options),
            "box: found 1,-1, expected lower,upper with lower < upper and a size below 1.8e308");
  options.box = {{-1, 1}};
  EXPECT_NE(message(kDoubleWell, options).find("found 1 rows, expected 2"), std::string::npos);
  options = coarse();
  options.grid = 100000;
  EXPECT_EQ(message(kDoubleWell, options), "grid: found 100000, expected 3 to 2001");
  options = coarse();
  options.noise = 1;
  EXPECT_NE(message(kDoubleWell, options).find("the model has no inputs"), std::string::npos);
  const std::string four = "[system]\ncell = \"gru\"\nunits = 4\n[weights]\nb_h = [1, 0, 0, 0]\n";
  EXPECT_NE(message(four, coarse()).find("found 4 states, expected 1 to 3"), std::string::npos);
  options = coarse();
  options.box = {{-1, 1}, {-2, 2}};
  const std::string pole =
      "[system]\node = { x = \"1/x\", y = \"-y\" }\n[box]\nx = [1, 2]\ny = [1, 2]\n";
  EXPECT_NE(message(pole, options).find("the rate is not finite at h1 = 0"), std::string::npos);
}

}  // namespace
}  // namespace nullcline::portrait
