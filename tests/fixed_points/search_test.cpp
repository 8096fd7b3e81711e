// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using dynamics::Time;
using models::Activation;
using models::CellKind;
using models::Reset;
using testing::farthest;
using testing::fixed_states;
using ::testing::HasSubstr;
using testing::linear_map;
using testing::load_oracle;
using testing::Oracle;

Matrix no_states(const dynamics::System& system) { return Matrix(0, system.n_states()); }

FixedPointSet search(const dynamics::System& system, const SearchOptions& options = {}) {
  return find_fixed_points(system, Vector::Zero(system.n_inputs()), no_states(system), options);
}

// Without a proof, which would make most starts needless.
SearchOptions statistical_options() {
  SearchOptions options;
  options.max_boxes = 0;
  return options;
}

void expect_exactly(const Matrix& expected, const FixedPointSet& set, double tolerance) {
  const Matrix found = fixed_states(set, expected.cols());
  EXPECT_EQ(found.rows(), expected.rows());
  EXPECT_LE(farthest(expected, found), tolerance) << "a point was missed";
  EXPECT_LE(farthest(found, expected), tolerance) << "a point was made up";
}

// All of {-h*, 0, h*}^3.
Matrix ideal_points() {
  Matrix points(27, 3);
  for (Index i = 0; i < 27; ++i)
    points.row(i) << static_cast<double>(i / 9 - 1), static_cast<double>(i / 3 % 3 - 1),
        static_cast<double>(i % 3 - 1);
  return nullcline::testing::kIdealFlipFlopState * points;
}

TEST(FindFixedPoints, FindsThe27PointsOfTheIdealFlipFlop) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const FixedPointSet set = search(*system);
  expect_exactly(ideal_points(), set, 1e-14);
  EXPECT_EQ(set.audit.index_sum, 1);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  int by_unstable[4] = {};
  for (const FixedPoint& point : set.points) {
    ASSERT_EQ(point.verdict, Verdict::proven);
    EXPECT_EQ(point.index, point.n_unstable % 2 == 0 ? 1 : -1);
    EXPECT_LT(point.radius, 1e-14);
    EXPECT_GT(point.uniqueness_radius, 1e-2);
    ++by_unstable[point.n_unstable];
  }
  EXPECT_THAT(by_unstable, ::testing::ElementsAre(8, 12, 6, 1));
}

TEST(FindFixedPoints, SortsByUnstableDirectionsThenState) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const FixedPointSet set = search(*system);
  for (std::size_t i = 1; i < set.points.size(); ++i)
    EXPECT_LE(set.points[i - 1].n_unstable, set.points[i].n_unstable);
  for (std::size_t i = 1; i < 8; ++i) {  // the eight corners
    const Vector a = set.points[i - 1].state, b = set.points[i].state;
    Index k = 0;
    while (std::abs(a(k) - b(k)) < 1e-9) ++k;
    EXPECT_LT(a(k), b(k));
  }
}

TEST(FindFixedPoints, CountsTheRolledNetworks) {
  for (const auto& [units, n_points] : {std::pair<Index, Index>{2, 3}, {3, 3}, {4, 9}}) {
    const auto system = models::make_system(nullcline::testing::rolled_network(units));
    const FixedPointSet set = search(*system);
    EXPECT_EQ(set.n_fixed(), n_points) << units;
    EXPECT_EQ(set.audit.index_sum, 1) << units;
  }
}

TEST(FindFixedPoints, FindsExactlyTheProvenPointsOfATrainedGru) {
  const Oracle oracle = load_oracle("gru8_proven27", CellKind::gru);
  const FixedPointSet set = find_fixed_points(*oracle.system, oracle.input, oracle.visited);
  expect_exactly(oracle.expected, set, 1e-9);
  EXPECT_EQ(set.audit.index_sum, 1);
}

TEST(FindFixedPoints, FindsTheSamePointsOfAMapAndOfItsFlow) {
  Rng rng(1, Purpose::tests);
  const models::Network network = nullcline::testing::random_network(
      CellKind::gru, Activation::tanh, Reset::before, 4, 1, 4, rng);
  const auto map = models::make_system(network, Time::discrete);
  const auto flow = models::make_system(network, Time::continuous);
  const FixedPointSet of_map = search(*map), of_flow = search(*flow);
  expect_exactly(fixed_states(of_map, 4), of_flow, 1e-13);
  EXPECT_EQ(of_flow.audit.index_sum, 1);
  for (const FixedPoint& point : of_flow.points) EXPECT_LT(point.residual, 1e-14);
}

TEST(FindFixedPoints, TakesTheFullStateOfAnLstm) {
  Rng rng(2, Purpose::tests);
  const auto system = models::make_system(nullcline::testing::random_network(
      CellKind::lstm, Activation::tanh, Reset::after, 4, 1, 6, rng));
  const FixedPointSet set = search(*system);
  ASSERT_GE(set.n_fixed(), 1);
  for (const FixedPoint& point : set.points) {
    ASSERT_EQ(point.state.size(), 8);
    if (point.kind != Kind::fixed) continue;
    EXPECT_LT(point.residual, 1e-13);
    EXPECT_EQ(point.verdict, Verdict::proven);
    EXPECT_EQ(point.index, dynamics::fixed_point_index(
                               Time::discrete, jacobian_at(*system, point.state, Vector::Zero(1))));
  }
}

// i = o = 1/2, f = sigma(30 + h / 2), g = tanh(2 h): h = +-1/2 in each unit, where the memory cell
// c = tanh(1) / 2 / (1 - f) saturates tanh.
models::Network nearly_saturated_lstm(Index n_inputs) {
  models::Network network;
  network.cell = CellKind::lstm;
  network.forget_bias = 30;
  network.input_weights = Matrix::Zero(8, n_inputs);
  network.recurrent_weights = Matrix::Zero(8, 2);
  network.recurrent_weights.middleRows(2, 2) = Matrix::Identity(2, 2) / 2;
  network.recurrent_weights.middleRows(4, 2) = 2 * Matrix::Identity(2, 2);
  network.bias = Vector::Zero(8);
  network.readout_weights = Matrix::Zero(0, 2);
  network.readout_bias = Vector::Zero(0);
  network.initial_state = Vector::Zero(4);
  return network;
}

TEST(FindFixedPoints, ProvesPointsOfAnLstmWhoseForgetGatesAreNearlySaturated) {
  for (const bool is_stack : {false, true}) {
    const auto system = models::make_system(
        is_stack ? models::stack({nearly_saturated_lstm(1), nearly_saturated_lstm(2)})
                 : nearly_saturated_lstm(1));
    const FixedPointSet set = search(*system);
    const Vector input = Vector::Zero(1);
    int n_corners = 0;
    for (const FixedPoint& point : set.points) {
      const Vector h = point.state.head(2), c = point.state.segment(2, 2);
      if (point.kind != Kind::fixed || (h.cwiseAbs().array() < 0.25).any()) continue;
      ++n_corners;
      EXPECT_EQ(point.verdict, Verdict::proven);
      for (Index k = 0; k < 2; ++k) {
        const double sign = h(k) > 0 ? 1 : -1;
        const double expected = sign * std::tanh(1) / 2 * (1 + std::exp(30 + sign / 4));
        EXPECT_NEAR(h(k), sign / 2, 1e-14);
        EXPECT_LE(std::abs(c(k) - expected), point.radius + 1e-12 * std::abs(expected));
      }
      EXPECT_LT(point.radius, 1e-12 * point.state.cwiseAbs().maxCoeff());
      // Negative control: a test of the full map shows nothing.
      const Equation full(*system, input, Equation::Form::full);
      EXPECT_EQ(certify(full, point.state, false).verdict, Verdict::not_proven);
    }
    EXPECT_GE(n_corners, 4) << is_stack;
  }
}

TEST(FindFixedPoints, FindsTheEquilibriumOfAPlaneFlow) {
  const nullcline::testing::FitzHughNagumo system;
  for (const auto& [current, stable] : {std::pair{0.2, true}, {0.5, false}, {2.0, true}}) {
    const FixedPointSet set =
        find_fixed_points(system, Vector::Constant(1, current), no_states(system));
    ASSERT_EQ(set.n_fixed(), 1) << current;
    const FixedPoint& point = set.points[0];
    EXPECT_EQ(point.stability, stable ? Stability::stable : Stability::unstable) << current;
    EXPECT_EQ(point.index, 1);
    EXPECT_EQ(point.verdict, Verdict::not_proven);  // no interval extension
    EXPECT_LT(point.radius, 1e-12);
    EXPECT_EQ(set.audit.completeness, Completeness::not_auditable);
    EXPECT_FALSE(set.audit.index_expected.has_value());
  }
}

TEST(FindFixedPoints, FindsReluPointsOutsideTheUnitBox) {
  // h' = relu(2 - h / 2) has its only point at 4 / 3; in two units, one of them off: (4/3, 0).
  models::Network network =
      nullcline::testing::tanh_network(-0.5 * Matrix::Identity(2, 2), Matrix(2, 0));
  network.activation = Activation::relu;
  network.bias = Vector{{2.0, -1.0}};
  const auto system = models::make_system(network);
  const FixedPointSet set = search(*system);
  expect_exactly(Matrix{{4.0 / 3, 0.0}}, set, 1e-14);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_THAT(set.audit.completeness_note, HasSubstr("relu"));
  EXPECT_FALSE(set.points[0].at_kink);
}

TEST(FindFixedPoints, FlagsAPointAtAKink) {
  // h' = relu(-h / 2): zero, where the pre-activation is zero too.
  models::Network network =
      nullcline::testing::tanh_network(-0.5 * Matrix::Identity(1, 1), Matrix(1, 0));
  network.activation = Activation::relu;
  const auto system = models::make_system(network);
  const FixedPointSet set = search(*system);
  ASSERT_EQ(set.n_fixed(), 1);
  EXPECT_TRUE(set.points[0].at_kink);
}

TEST(FindFixedPoints, ProvesThatAConstantMapHasOnePoint) {
  models::Network network = nullcline::testing::tanh_network(Matrix::Zero(3, 3), Matrix(3, 0));
  network.bias = Vector{{0.5, -2.0, 0.0}};
  const auto system = models::make_system(network);
  const FixedPointSet set = search(*system);
  expect_exactly(network.bias.array().tanh().matrix().transpose(), set, 1e-15);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_EQ(set.points[0].n_unstable, 0);
}

TEST(FindFixedPoints, ReportsOneUndecidedPointOnAContinuumOfFixedPoints) {
  const Vector along = Vector{{1.0, 2.0, 2.0}} / 3;
  Matrix line_attractor = along * along.transpose();
  for (const Matrix& matrix : {Matrix(Matrix::Identity(3, 3)), line_attractor}) {
    const auto system = linear_map(matrix);
    const FixedPointSet set = search(system);
    ASSERT_EQ(set.points.size(), 1U);
    EXPECT_EQ(set.points[0].kind, Kind::undecided);
    EXPECT_EQ(set.points[0].stability, Stability::degenerate);
    EXPECT_EQ(set.points[0].index, 0);
    EXPECT_FALSE(set.points[0].has_index);
    EXPECT_LE(set.audit.n_starts, 1000);
  }
}

TEST(FindFixedPoints, AFunctionThatIsFlatFarOutHidesNoPoints) {
  // Where the Jacobian is only sampled, boxes of uniqueness must not swallow other points.
  for (const double gain : {1.5, 3.0, 30.0}) {
    const testing::PlainSystem system(
        1, Time::discrete, [&](const Vector& h) { return Vector((gain * h.array()).tanh()); },
        [&](const Vector& h) {
          return Matrix::Constant(1, 1, gain * (1 - std::pow(std::tanh(gain * h(0)), 2)));
        });
    EXPECT_EQ(search(system).n_fixed(), 3) << gain;
  }
}

TEST(FindFixedPoints, AtRestARectifiedNetworkWithoutBiasHasItsOnePoint) {
  Matrix weights{{0.3, -0.4, 0.1}, {0.2, 0.1, -0.5}, {-0.3, 0.4, 0.2}};
  for (const Index n : {1, 3}) {
    models::Network network = nullcline::testing::tanh_network(
        n == 1 ? Matrix(Matrix::Constant(1, 1, 0.5)) : weights, Matrix(n, 0));
    network.activation = models::Activation::relu;
    const auto system = models::make_system(network);
    const FixedPointSet set = search(*system);
    ASSERT_EQ(set.points.size(), 1U) << n;
    EXPECT_EQ(set.points[0].kind, Kind::fixed);
    EXPECT_EQ(set.points[0].verdict, Verdict::proven);
    EXPECT_EQ(set.points[0].state, Vector::Zero(n));
    EXPECT_TRUE(set.points[0].at_kink);
    EXPECT_EQ(set.audit.completeness, Completeness::proven);
  }
}

// Two units at their folds side by side: a regular point, and three places where points meet. Of
// each alone no index is known, of all together it is.
TEST(FindFixedPoints, ClaimsNoIndexOfOneOfSeveralHulls) {
  const double h = std::sqrt(0.5), fold = std::atanh(h) - 2 * h;
  models::Network network =
      nullcline::testing::tanh_network(2 * Matrix::Identity(2, 2), Matrix(2, 0));
  network.bias = Vector::Constant(2, fold);
  const FixedPointSet two =
      find_fixed_points(*models::make_system(network), Vector(0), Matrix(0, 2));
  EXPECT_EQ(two.audit.completeness, Completeness::proven);
  EXPECT_EQ(two.audit.index_sum, 1);
  EXPECT_EQ(two.n_fixed(), 1);
  int n_hulls = 0;
  for (const FixedPoint& point : two.points) {
    if (point.kind != Kind::undecided) {
      EXPECT_TRUE(point.has_index);
      continue;
    }
    ++n_hulls;
    EXPECT_GT(point.hull_radius, 0);
    EXPECT_FALSE(point.has_index);
  }
  EXPECT_EQ(n_hulls, 3);
  network = nullcline::testing::tanh_network(2 * Matrix::Identity(1, 1), Matrix(1, 0));
  network.bias = Vector{{fold}};
  const FixedPointSet one =
      find_fixed_points(*models::make_system(network), Vector(0), Matrix(0, 1));
  ASSERT_EQ(one.points.size(), 2U);
  EXPECT_EQ(one.points[1].kind, Kind::undecided);
  EXPECT_TRUE(one.points[1].has_index);
  EXPECT_EQ(one.points[1].index, 0);  // a stable point and a saddle that meet
}

TEST(FindFixedPoints, ReportsAHandfulOfUndecidedPointsOnARing) {
  const testing::PlainSystem ring(
      2, Time::continuous, [](const Vector& x) { return Vector(x * (1 - x.squaredNorm())); },
      [](const Vector& x) {
        return Matrix((1 - x.squaredNorm()) * Matrix::Identity(2, 2) - 2 * x * x.transpose());
      });
  const FixedPointSet set = search(ring);
  EXPECT_EQ(set.n_fixed(), 1);  // the origin
  EXPECT_LE(set.points.size(), 5U);
  EXPECT_GE(set.points.size(), 2U);
}

TEST(FindFixedPoints, NamesTheNetIndexOfADegeneratePoint) {
  // h' = tanh(h): a pitchfork exactly at its branch point.
  const auto system =
      models::make_system(nullcline::testing::tanh_network(Matrix::Identity(2, 2), Matrix(2, 0)));
  const FixedPointSet set = search(*system);
  ASSERT_EQ(set.points.size(), 1U);
  EXPECT_EQ(set.points[0].kind, Kind::undecided);
  EXPECT_LT(set.points[0].state.norm(), 1e-4);
  EXPECT_EQ(set.points[0].index, 1);
  EXPECT_GT(set.points[0].hull_radius, 1e-7);
  EXPECT_LT(set.points[0].hull_radius, 1e-4);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_THAT(set.audit.completeness_note, HasSubstr("the net index there is +1"));
  const FixedPointSet without_proof = search(*system, statistical_options());
  ASSERT_EQ(without_proof.points.size(), 1U);
  EXPECT_EQ(without_proof.points[0].hull_radius, 0);
  EXPECT_EQ(without_proof.audit.completeness, Completeness::incomplete);
  EXPECT_THAT(without_proof.audit.completeness_note, HasSubstr("+1"));
}

TEST(FindFixedPoints, SeparatesThePointsOfAPitchforkJustOpened) {
  const double gain = 1 + 1e-6;  // points at 0 and about +-sqrt(3e-6)
  const auto system = models::make_system(
      nullcline::testing::tanh_network(gain * Matrix::Identity(1, 1), Matrix(1, 0)));
  const FixedPointSet set = search(*system);
  ASSERT_EQ(set.n_fixed(), 3);
  EXPECT_NEAR(set.points[0].state(0), -std::sqrt(3e-6), 1e-8);
  EXPECT_EQ(set.audit.index_sum, 1);
}

TEST(FindFixedPoints, TellsAGhostFromAFixedPointAndTimesIt) {
  // h' = h + h^2 / 4 + 1e-4 near 0 (a saddle-node just gone): lifetime pi / sqrt(1e-4 / 4).
  const testing::PlainSystem system(
      1, Time::discrete,
      [](const Vector& h) { return Vector(h.array() + h.array().square() / 4 + 1e-4); },
      [](const Vector& h) { return Matrix::Constant(1, 1, 1 + h(0) / 2); });
  const FixedPointSet set = search(system);
  ASSERT_EQ(set.n_fixed(), 0);
  ASSERT_EQ(set.points.size(), 1U);
  EXPECT_EQ(set.points[0].kind, Kind::slow);
  EXPECT_NEAR(set.points[0].state(0), 0, 1e-6);
  EXPECT_NEAR(set.points[0].speed, 0.5e-8, 1e-12);
  EXPECT_NEAR(set.points[0].lifetime, 200 * 3.14159265358979, 1e-3);
}

TEST(FindFixedPoints, DoesNotDependOnTheNumberOfThreads) {
  const Oracle oracle = load_oracle("vanilla16_seed1", CellKind::vanilla);
  SearchOptions options;
  options.n_starts = 1000;
  std::vector<NamedArrays> results;
  for (const int threads : {1, 2}) {
    set_n_threads(threads);
    FixedPointSet set = find_fixed_points(*oracle.system, oracle.input, oracle.visited, options);
    set.seconds = 0;
    results.push_back(to_arrays({set}));
  }
  set_n_threads(0);
  for (const auto& [name, array] : results[0].all())
    EXPECT_TRUE(array.data == results[1].at(name).data) << name;
}

// Every option is read.

TEST(SearchOptions, StartsAreAFloor) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(1));
  SearchOptions few = statistical_options(), more = few;
  few.n_starts = 600;
  more.n_starts = 1500;
  EXPECT_LT(search(*system, few).audit.n_starts, search(*system, more).audit.n_starts);
  EXPECT_GE(search(*system, more).audit.n_starts, 1500);
}

TEST(SearchOptions, MaxStartsEndASearchThatWantsMoreHits) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(3));
  SearchOptions options = statistical_options();
  options.n_starts = 600;
  options.max_starts = 700;
  options.min_hits = 100000;
  const FixedPointSet set = search(*system, options);
  EXPECT_LE(set.audit.n_starts, 700);
  EXPECT_EQ(set.audit.completeness, Completeness::incomplete);
  EXPECT_THAT(set.audit.completeness_note, HasSubstr("100000 are wanted"));
  options.min_hits = 1;
  EXPECT_EQ(search(*system, options).audit.completeness, Completeness::statistical);
}

TEST(SearchOptions, MaxIterationsLimitTheSolvers) {
  const auto system = models::make_system(nullcline::testing::rolled_network(4));
  SearchOptions options = statistical_options();
  options.n_starts = options.max_starts = 300;
  options.max_iterations = 1;
  const FixedPointSet hasty = search(*system, options);
  options.max_iterations = 200;
  const FixedPointSet patient = search(*system, options);
  EXPECT_LT(hasty.audit.n_converged, patient.audit.n_converged);
  EXPECT_LT(hasty.audit.n_newton_steps, patient.audit.n_newton_steps);
}

TEST(SearchOptions, SeedChangesTheStartsAndNotThePoints) {
  const auto system = models::make_system(nullcline::testing::rolled_network(4));
  SearchOptions options = statistical_options();
  options.n_starts = 1000;
  const FixedPointSet a = search(*system, options);
  options.seed = 1;
  const FixedPointSet b = search(*system, options);
  EXPECT_NE(a.audit.n_newton_steps, b.audit.n_newton_steps);
  EXPECT_EQ(b.seed, 1U);
  expect_exactly(fixed_states(a, 4), b, 1e-14);
}

TEST(FindFixedPoints, StopsWhenAskedAndSaysSo) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  int n_reports = 0;
  const FixedPointSet set =
      find_fixed_points(*system, Vector::Zero(3), no_states(*system), statistical_options(),
                        [&](const ProgressUpdate& update) {
                          EXPECT_LE(update.done, update.total);
                          return ++n_reports < 3;
                        });
  EXPECT_EQ(n_reports, 3);
  EXPECT_LT(set.audit.n_starts, 5000);
  EXPECT_EQ(set.audit.completeness, Completeness::incomplete);
}

template <class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "no error";
}

TEST(FindFixedPoints, RefusesWhatDoesNotFit) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const Vector input = Vector::Zero(3);
  const Matrix none = no_states(*system);
  const auto refusal = [&](auto change) {
    SearchOptions options;
    change(options);
    return message_of([&] { find_fixed_points(*system, input, none, options); });
  };
  EXPECT_THAT(refusal([](auto& o) { o.n_starts = 0; }), HasSubstr("n_starts: found 0"));
  EXPECT_THAT(refusal([](auto& o) { o.max_starts = 10; }), HasSubstr("max_starts: found 10"));
  EXPECT_THAT(refusal([](auto& o) { o.min_hits = 0; }), HasSubstr("min_hits: found 0"));
  EXPECT_THAT(refusal([](auto& o) { o.max_boxes = -1; }), HasSubstr("max_boxes: found -1"));
  EXPECT_THAT(refusal([](auto& o) { o.max_iterations = -1; }),
              HasSubstr("max_iterations: found -1"));
  EXPECT_THAT(message_of([&] { find_fixed_points(*system, Vector::Zero(2), none); }),
              HasSubstr("input: found 2 values, expected 3"));
  EXPECT_THAT(message_of([&] { find_fixed_points(*system, Vector::Constant(3, NAN), none); }),
              HasSubstr("not finite"));
  EXPECT_THAT(message_of([&] { find_fixed_points(*system, input, Matrix::Zero(2, 4)); }),
              HasSubstr("found 4 values per state, expected 3"));
  EXPECT_THAT(
      message_of([&] { find_fixed_points(*system, input, Matrix::Constant(2, 3, INFINITY)); }),
      HasSubstr("not finite"));
}

}  // namespace
}  // namespace nullcline::fixed_points
