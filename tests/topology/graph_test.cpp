// SPDX-License-Identifier: BSD-3-Clause
// The hand-built flip-flop has a transition matrix known exactly: a point with k zeros leads to
// each of the 2^k corners around it with the same share.
#include "nullcline/topology/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/dynamics/function_system.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/testing/zoo.hpp"
#include "nullcline/topology/rollouts.hpp"

namespace nullcline::topology {
namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;

FixedPoint point_at(const dynamics::System& map, const Vector& state, const Vector& readout) {
  FixedPoint point;
  point.state = state;
  point.readout = readout;
  point.kind = fixed_points::Kind::fixed;
  const Matrix jacobian = dynamics::jacobian_at(map, state, Vector::Zero(map.n_inputs()));
  const numerics::Eigensystem e = numerics::eigensystem(jacobian);
  point.eigenvalues = e.values;
  point.right_eigenvectors = e.right;
  for (const std::complex<double> value : e.values) point.n_unstable += std::abs(value) > 1 ? 1 : 0;
  return point;
}

const nlohmann::json& oracle() {
  static const nlohmann::json data = [] {
    std::ifstream file(NULLCLINE_TEST_DATA "/topology.json");
    return nlohmann::json::parse(file)["analytic_vanilla_flipflop"];
  }();
  return data;
}

Vector to_vector(const nlohmann::json& values) {
  const auto v = values.get<std::vector<double>>();
  return Eigen::Map<const Vector>(v.data(), static_cast<Index>(v.size()));
}

// The 27 points in an order of their own, so that the graph has something to sort.
FixedPointSet flip_flop_points(const dynamics::System& map) {
  FixedPointSet set;
  set.input = Vector::Zero(3);
  for (std::size_t i = 27; i-- > 0;)
    set.points.push_back(point_at(map, to_vector(oracle()["fixed_points_lex"][i]),
                                  to_vector(oracle()["readout_lex"][i])));
  return set;
}

TEST(Graph, MatchesTheExactTransitionsOfTheIdealFlipFlop) {
  const auto map = models::make_system(nullcline::testing::ideal_flip_flop());
  const FixedPointSet set = flip_flop_points(*map);
  for (const Probe probe : {Probe::unstable_manifold, Probe::perturbation}) {
    GraphOptions options;
    options.probe = probe;
    options.n_rollouts = 300;
    const Graph graph = build_graph(*map, set, options);
    ASSERT_EQ(graph.n_points, 27);
    for (Index i = 0; i < 27; ++i) {
      // Lexicographic by quantized readout: -1, 0, 1 per output.
      EXPECT_EQ(graph.point_index[static_cast<std::size_t>(i)], 26 - i);
      const Vector exact = to_vector(oracle()["exact_transition"][static_cast<std::size_t>(i)]);
      for (Index j = 0; j < 27; ++j) {
        // Five standard deviations of a binomial share; exact where it is 0, 1 or two directions.
        const double p = exact(j);
        const double noise = 5 * std::sqrt(p * (1 - p) / 300);
        EXPECT_NEAR(graph.transitions(i, j), p, noise + 1e-12) << i << " to " << j;
      }
      EXPECT_EQ(graph.transitions(i, 27), 0);
    }
  }
}

TEST(Graph, OneUnstableDirectionNeedsTwoRolloutsOnly) {
  const auto map = models::make_system(nullcline::testing::ideal_flip_flop());
  const Graph graph = build_graph(*map, flip_flop_points(*map));
  EXPECT_EQ(graph.n_rollouts[1], 2);  // (-, -, 0)
  EXPECT_EQ(graph.transitions(1, 0), 0.5);
  EXPECT_EQ(graph.transitions(1, 2), 0.5);
  EXPECT_EQ(graph.labels[1], "--0");
  EXPECT_EQ(graph.n_rollouts[13], 100);  // the source
  EXPECT_EQ(graph.n_rollouts[0], 0);     // a sink leads to itself
}

TEST(Graph, DoesNotDependOnTheNumberOfThreads) {
  const auto map = models::make_system(nullcline::testing::ideal_flip_flop());
  const FixedPointSet set = flip_flop_points(*map);
  set_n_threads(1);
  const Graph one = build_graph(*map, set);
  set_n_threads(2);
  const Graph two = build_graph(*map, set);
  set_n_threads(0);
  EXPECT_EQ(one.transitions, two.transitions);
  GraphOptions other;
  other.seed = 1;
  EXPECT_NE(build_graph(*map, set, other).transitions, one.transitions);
}

// h' = tanh(-3 h): the origin is a flip, and the attractor is a period-2 orbit, no fixed point.
TEST(Graph, StopsWithinABlockOfRolloutsWhenAsked) {
  const auto map = models::make_system(nullcline::testing::ideal_flip_flop(3));
  const FixedPointSet set = flip_flop_points(*map);
  GraphOptions options;
  options.probe = Probe::perturbation;
  options.n_rollouts = 1000;
  set_n_threads(1);
  int n_calls = 0;
  const auto stop_at_once = [&](const ProgressUpdate&) { return ++n_calls > 2; };
  const Graph stopped = build_graph(*map, set, options, stop_at_once);
  EXPECT_EQ(stopped.termination, Termination::interrupted);
  EXPECT_EQ(n_calls, 1);
  EXPECT_NEAR(stopped.transitions.sum(), 0.128, 1e-12);
  const Graph whole = build_graph(*map, set, options);
  set_n_threads(0);
  EXPECT_EQ(whole.termination, Termination::converged);
  EXPECT_NEAR(whole.transitions.sum(), 27, 1e-9);
}

TEST(Graph, APeriodTwoOrbitIsAnOther) {
  const auto map = models::make_system(
      nullcline::testing::tanh_network(Matrix::Constant(1, 1, -3), Matrix(1, 0)));
  FixedPointSet set;
  set.input = Vector(0);
  set.points.push_back(point_at(*map, Vector::Zero(1), Vector(0)));
  const Graph graph = build_graph(*map, set);
  EXPECT_EQ(graph.transitions(0, 1), 1);
  EXPECT_EQ(graph.n_cycle, 2);
  EXPECT_EQ(graph.labels[0], "#0");
}

TEST(Rollouts, TellCyclesDivergenceAndTheHorizonApart) {
  const Matrix start = Matrix::Constant(1, 1, 0.1);
  const auto run = [&](double weight, models::Activation activation, int horizon) {
    models::Network net =
        nullcline::testing::tanh_network(Matrix::Constant(1, 1, weight), Matrix(1, 0));
    net.activation = activation;
    return roll_out(*models::make_system(net), Vector(0), start, horizon)[0];
  };
  const RolloutEnd cycle = run(-3, models::Activation::tanh, 1000);
  EXPECT_EQ(cycle.fate, Fate::cycle);
  EXPECT_EQ(cycle.period, 2);
  EXPECT_EQ(run(2, models::Activation::relu, 1000).fate, Fate::diverged);
  EXPECT_EQ(run(0.999, models::Activation::tanh, 10).fate, Fate::undecided);
  const RolloutEnd settled = run(2, models::Activation::tanh, 1000);
  EXPECT_EQ(settled.fate, Fate::settled);
  EXPECT_NEAR(settled.state(0), nullcline::testing::kIdealFlipFlopState, 1e-8);
}

TEST(Graph, SurvivesTheRoundTripThroughArrays) {
  const auto map = models::make_system(nullcline::testing::ideal_flip_flop());
  const Graph graph = build_graph(*map, flip_flop_points(*map));
  const Graph copy = graph_from_arrays(to_arrays(graph));
  EXPECT_EQ(copy.transitions, graph.transitions);
  EXPECT_EQ(copy.labels, graph.labels);
  EXPECT_EQ(copy.point_index, graph.point_index);
  EXPECT_EQ(copy.n_rollouts, graph.n_rollouts);
  NamedArrays broken = to_arrays(graph);
  broken.set_strings("label", {"x"}, "node", "");
  EXPECT_THROW(graph_from_arrays(broken), FormatError);
}

TEST(Graph, RefusesWhatDoesNotFit) {
  const auto map = models::make_system(nullcline::testing::ideal_flip_flop());
  const auto flow =
      models::make_system(nullcline::testing::ideal_flip_flop(), dynamics::Time::continuous);
  FixedPointSet set = flip_flop_points(*map);
  orbits::OrbitSet some;
  some.orbits.emplace_back();
  some.orbits[0].points = Matrix::Zero(1, map->n_states());
  EXPECT_THROW(build_graph(*flow, set, some), InvalidInput);
  GraphOptions options;
  options.perturbation = 0;
  EXPECT_THROW(build_graph(*map, set, options), InvalidInput);
  options = {};
  options.max_steps = 0;
  EXPECT_THROW(build_graph(*map, set, options), InvalidInput);
  options = {};
  options.capture_radius = 0.6;
  EXPECT_THROW(build_graph(*map, set, options), InvalidInput);
  set.points[3].state.resize(2);
  EXPECT_THROW(build_graph(*map, set), InvalidInput);
}

/// (x, y)' = (tanh(-3 x), tanh(2 y)): x flips between +-p, y is a bit. Of period 2: a saddle orbit
/// at y = 0, and a stable one at each y = +-0.9575.
struct FlipWithBit {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    using numerics::tanh;
    out[0] = tanh(Scalar(-3.0) * h[0]);
    out[1] = tanh(Scalar(2.0) * h[1]);
  }
};

/// A turn by 0.1234, stretched: the origin is surrounded by an invariant circle.
struct Turn {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    using numerics::tanh;
    const double c = 1.2 * std::cos(2 * M_PI * 0.1234), s = 1.2 * std::sin(2 * M_PI * 0.1234);
    out[0] = tanh(Scalar(c) * h[0] - Scalar(s) * h[1]);
    out[1] = tanh(Scalar(s) * h[0] + Scalar(c) * h[1]);
  }
};

struct Found {
  FixedPointSet points;
  orbits::OrbitSet orbits;
};

Found found_in(const dynamics::System& map, int max_period) {
  const Matrix none(0, map.n_states());
  orbits::OrbitOptions options;
  options.max_period = max_period;
  options.search.n_starts = 600;
  Found found;
  found.points = find_fixed_points(map, Vector(0), none, options.search);
  found.orbits = find_orbits(map, found.points, none, options);
  return found;
}

dynamics::Box unit_square() { return {Vector::Constant(2, -1), Vector::Constant(2, 1)}; }

TEST(Graph, LeadsToOrbitsAndAwayFromThoseThatAreUnstable) {
  const dynamics::FunctionSystem map(FlipWithBit{}, 2, 0, dynamics::Time::discrete, unit_square());
  const Found found = found_in(map, 2);
  ASSERT_EQ(found.orbits.orbits.size(), 3U);
  const Graph graph = build_graph(map, found.points, found.orbits);
  ASSERT_EQ(graph.n_points, 3);
  ASSERT_EQ(graph.n_orbits, 3);
  ASSERT_EQ(graph.labels.size(), 6U);
  EXPECT_EQ(graph.n_cycle + graph.n_diverged + graph.n_undecided, 0);
  for (Index i = 0; i < 6; ++i) {
    EXPECT_NEAR(graph.transitions.row(i).sum(), 1, 1e-12);
    EXPECT_EQ(graph.transitions(i, 6), 0) << i;
    EXPECT_EQ(graph.transitions.row(i).head(3).sum(), 0) << i;  // no point attracts
  }
  for (Index i = 0; i < 3; ++i) {
    const orbits::Orbit& orbit =
        found.orbits
            .orbits[static_cast<std::size_t>(graph.orbit_index[static_cast<std::size_t>(i)])];
    const bool is_stable = orbit.stability == fixed_points::Stability::stable;
    EXPECT_EQ(graph.transitions(3 + i, 3 + i), is_stable ? 1 : 0);
    EXPECT_EQ(graph.n_rollouts[static_cast<std::size_t>(3 + i)], is_stable ? 0 : 2);
    if (is_stable) continue;
    for (Index j = 0; j < 3; ++j) {
      EXPECT_EQ(graph.transitions(3 + i, 3 + j), i == j ? 0 : 0.5);
    }
  }
}

TEST(Graph, CallsCyclesThatAreNoNodesOther) {
  const dynamics::FunctionSystem map(FlipWithBit{}, 2, 0, dynamics::Time::discrete, unit_square());
  const Found found = found_in(map, 1);
  const Graph graph = build_graph(map, found.points);
  EXPECT_EQ(graph.n_orbits, 0);
  EXPECT_NEAR(graph.transitions.col(3).sum(), 3, 1e-12);
  EXPECT_GT(graph.n_cycle, 0);
}

TEST(Graph, LeadsToAnInvariantCircle) {
  const dynamics::FunctionSystem map(Turn{}, 2, 0, dynamics::Time::discrete, unit_square());
  const Found found = found_in(map, 1);
  ASSERT_EQ(found.orbits.orbits.size(), 1U);
  EXPECT_EQ(found.orbits.orbits[0].kind, orbits::Kind::invariant_circle);
  const Graph graph = build_graph(map, found.points, found.orbits);
  ASSERT_EQ(graph.n_nodes(), 2);
  EXPECT_NEAR(graph.transitions(0, 1), 1, 1e-12);
  EXPECT_EQ(graph.transitions(1, 1), 1);
}

TEST(Graph, KeepsItsOrbitsAsArrays) {
  const dynamics::FunctionSystem map(FlipWithBit{}, 2, 0, dynamics::Time::discrete, unit_square());
  const Found found = found_in(map, 2);
  const Graph graph = build_graph(map, found.points, found.orbits);
  const Graph back = graph_from_arrays(to_arrays(graph));
  EXPECT_EQ(back.n_points, 3);
  EXPECT_EQ(back.n_orbits, 3);
  EXPECT_EQ(back.orbit_index, graph.orbit_index);
  EXPECT_EQ(back.transitions, graph.transitions);
  NamedArrays damaged = to_arrays(graph);
  damaged.set_integers("orbit_index", {0, 1}, "orbit_node", "");
  EXPECT_THROW(graph_from_arrays(damaged), FormatError);
  damaged.set_integers("orbit_index", {0, 1, -1}, "orbit_node", "");
  EXPECT_THROW(graph_from_arrays(damaged), FormatError);
}

/// x'' - (1 - x^2) x' + x = 0.
struct VanDerPol {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = h[1];
    out[1] = (Scalar(1.0) - h[0] * h[0]) * h[1] - h[0];
  }
};

/// r' = -r (1 - r^2) (4 - r^2), theta' = r^2: a sink, an unstable cycle of radius 1 and period 2
/// pi, and around it a stable one of radius 2 and period pi / 2.
struct TwoCycles {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    const Scalar r2 = h[0] * h[0] + h[1] * h[1];
    const Scalar rate = (r2 - Scalar(1.0)) * (Scalar(4.0) - r2);
    out[0] = rate * h[0] - r2 * h[1];
    out[1] = rate * h[1] + r2 * h[0];
  }
};

struct Center {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar*, Scalar* out) const {
    out[0] = h[1];
    out[1] = -h[0];
  }
};

FixedPointSet origin_of(const dynamics::System& flow) {
  FixedPoint origin = point_at(flow, Vector::Zero(flow.n_states()), Vector(0));
  origin.n_unstable = static_cast<int>((origin.eigenvalues.real().array() > 0).count());
  FixedPointSet set;
  set.input = Vector(0);
  set.points = {origin};
  return set;
}

// The period: Andersen & Geer (1982), doi:10.1137/0142047; both by Runge-Kutta steps of 1e-4 in
// long double beside the project.
void expect_van_der_pol(const Graph& graph, int n_rollouts = 100) {
  ASSERT_EQ(graph.n_points, 1);
  ASSERT_EQ(graph.n_cycles(), 1);
  EXPECT_NEAR(graph.cycles[0].period, 6.663286859323130, 1e-9);
  EXPECT_NEAR(graph.cycles[0].maximum(0), 2.008619860874843, 1e-9);
  EXPECT_NEAR(graph.cycles[0].minimum(0), -2.008619860874843, 1e-9);
  EXPECT_TRUE(graph.cycles[0].is_stable);
  EXPECT_NEAR(graph.transitions(0, 1), 1, 1e-12);
  EXPECT_EQ(graph.transitions(1, 1), 1);
  EXPECT_EQ(graph.n_rollouts, (std::vector<int>{n_rollouts, 0}));
  EXPECT_EQ(graph.n_unstable, (std::vector<int>{2, 0}));
  EXPECT_EQ(graph.n_undecided, 0);
  EXPECT_EQ(graph.labels[1], "period 6.663");
}

TEST(FlowGraph, LeadsFromASourceToItsLimitCycle) {
  const dynamics::Box box{Vector::Constant(2, -4), Vector::Constant(2, 4)};
  const dynamics::FunctionSystem flow(VanDerPol{}, 2, 0, dynamics::Time::continuous, box);
  expect_van_der_pol(build_graph(flow, origin_of(flow)));
}

TEST(FlowGraph, FindsTheCycleWhereRolloutsEndWithoutABox) {
  const dynamics::FunctionSystem flow(VanDerPol{}, 2, 0, dynamics::Time::continuous);
  // The first rollouts find the cycle, and all others end on it: each would circle for long.
  expect_van_der_pol(build_graph(flow, origin_of(flow)));
  GraphOptions options;
  options.n_rollouts = 2;
  const dynamics::Box box{Vector::Constant(2, -4), Vector::Constant(2, 4)};
  const dynamics::FunctionSystem boxed(VanDerPol{}, 2, 0, dynamics::Time::continuous, box);
  options.n_cycle_starts = 0;
  expect_van_der_pol(build_graph(boxed, origin_of(boxed), options), 2);
}

TEST(FlowGraph, HiddenAndUnstableCyclesAreNodes) {
  const dynamics::Box box{Vector::Constant(2, -3), Vector::Constant(2, 3)};
  const dynamics::FunctionSystem flow(TwoCycles{}, 2, 0, dynamics::Time::continuous, box);
  const Graph graph = build_graph(flow, origin_of(flow));
  ASSERT_EQ(graph.n_cycles(), 2);
  EXPECT_NEAR(graph.cycles[0].period, M_PI / 2, 1e-9);
  EXPECT_NEAR(graph.cycles[1].period, 2 * M_PI, 1e-9);
  EXPECT_NEAR(graph.cycles[1].maximum(1), 1, 1e-9);
  EXPECT_TRUE(graph.cycles[0].is_stable);
  EXPECT_FALSE(graph.cycles[1].is_stable);
  Matrix expected(3, 4);
  expected << 1, 0, 0, 0,  // the sink
      0, 1, 0, 0,          // the stable cycle
      0.5, 0.5, 0, 0;      // the unstable one, to either side
  EXPECT_EQ(graph.transitions, expected);
  EXPECT_EQ(graph.n_unstable, (std::vector<int>{0, 0, 1}));

  const Graph back = graph_from_arrays(to_arrays(graph));
  ASSERT_EQ(back.n_cycles(), 2);
  EXPECT_EQ(back.transitions, graph.transitions);
  EXPECT_EQ(back.cycles[1].period, graph.cycles[1].period);
  EXPECT_EQ(back.cycles[1].states, graph.cycles[1].states);
  EXPECT_EQ(back.cycles[0].minimum, graph.cycles[0].minimum);
  EXPECT_EQ(back.cycles[0].maximum, graph.cycles[0].maximum);
  EXPECT_TRUE(back.cycles[0].is_stable && !back.cycles[1].is_stable);
  NamedArrays damaged = to_arrays(graph);
  damaged.set_integers("cycle_is_stable", {1}, "x", "");
  EXPECT_THROW(graph_from_arrays(damaged), FormatError);
}

TEST(FlowGraph, DoesNotDependOnTheNumberOfThreads) {
  const dynamics::FunctionSystem flow(VanDerPol{}, 2, 0, dynamics::Time::continuous);
  const FixedPointSet set = origin_of(flow);
  GraphOptions options;
  options.n_rollouts = 2;
  set_n_threads(1);
  const Graph one = build_graph(flow, set, options);
  set_n_threads(2);
  const Graph two = build_graph(flow, set, options);
  set_n_threads(0);
  EXPECT_EQ(one.transitions, two.transitions);
  EXPECT_EQ(one.cycles[0].states, two.cycles[0].states);
}

// Every trajectory is closed: no limit cycle.
TEST(FlowGraph, CyclesThatAreNotAloneAreNoNodes) {
  const dynamics::Box box{Vector::Constant(2, -2), Vector::Constant(2, 2)};
  const dynamics::FunctionSystem flow(Center{}, 2, 0, dynamics::Time::continuous, box);
  GraphOptions options;
  options.probe = Probe::perturbation;
  options.n_rollouts = 2;
  const Graph graph = build_graph(flow, origin_of(flow), options);
  EXPECT_EQ(graph.n_cycles(), 0);
  EXPECT_EQ(graph.n_undecided, 2);
  EXPECT_NEAR(graph.transitions(0, 1), 1, 1e-12);
}

}  // namespace
}  // namespace nullcline::topology
