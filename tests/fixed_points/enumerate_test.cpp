// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/enumerate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/fixed_points/proof.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using models::Activation;
using models::CellKind;
using models::Reset;
using ::testing::HasSubstr;

Enumeration enumerate(const dynamics::System& system, const EnumerationOptions& options = {}) {
  const Equation equation(system, Vector::Zero(system.n_inputs()));
  return enumerate_fixed_points(equation.solved(), equation.input(), *equation.box(), options);
}

int index_sum(const std::vector<EnclosedPoint>& points) {
  int sum = 0;
  for (const EnclosedPoint& point : points) sum += point.index;
  return sum;
}

bool is_in(const dynamics::Box& box, const Vector& point, double slack) {
  return (point.array() >= box.lower.array() - slack).all() &&
         (point.array() <= box.upper.array() + slack).all();
}

// Zeros of r from many random starts, by Newton's method alone: none of the proof's code.
std::vector<Vector> multistart(const Equation& equation, Matrix starts) {
  for (Index row = 0; row < starts.rows(); ++row) {
    auto start = starts.row(row);
    equation.project(start);
  }
  const EndStates ends = solve_newton(equation, starts, UniquenessBoxes(equation.size()), 60);
  std::vector<Vector> zeros;
  for (Index row = 0; row < starts.rows(); ++row) {
    if (ends.terminations[static_cast<std::size_t>(row)] != Termination::converged) continue;
    const Polished polished = polish(equation, ends.points.row(row).transpose());
    if (polished.residual <= 1e-13 && equation.in_box(polished.point))
      zeros.push_back(polished.point);
  }
  return zeros;
}

Matrix uniform_starts(const Equation& equation, Index n_starts, Rng& rng) {
  Matrix starts(n_starts, equation.size());
  for (double& x : starts.reshaped()) x = rng.uniform(-1, 1);
  return starts;
}

struct SmallCell {
  CellKind cell;
  Reset reset;
  double gain;
  Index most_units;
};

class SmallNetworks : public ::testing::TestWithParam<SmallCell> {};

TEST_P(SmallNetworks, HaveAllTheirPointsInTheEnumeration) {
  const auto [cell, reset, gain, most_units] = GetParam();
  int n_several = 0;
  for (Index units = 1; units <= most_units; ++units)
    for (std::uint64_t draw = 0; draw < (units < 4 ? 20U : 4U); ++draw) {
      Rng rng(10 * draw + static_cast<std::uint64_t>(units), Purpose::tests);
      const auto system = models::make_system(
          nullcline::testing::random_network(cell, Activation::tanh, reset, units, 1, gain, rng));
      const Enumeration all = enumerate(*system);
      ASSERT_TRUE(all.is_complete);
      EXPECT_TRUE(all.clusters.empty());
      EXPECT_EQ(index_sum(all.points), 1);
      n_several += all.points.size() > 1 ? 1 : 0;
      const Equation equation(*system, Vector::Zero(1));
      for (const Vector& zero : multistart(equation, uniform_starts(equation, 100, rng))) {
        int n_holding = 0;
        for (const EnclosedPoint& point : all.points)
          n_holding += is_in(point.enclosure, zero, 1e-9) ? 1 : 0;
        EXPECT_EQ(n_holding, 1) << units << " units, draw " << draw;
      }
    }
  EXPECT_GE(n_several, 5);
}

INSTANTIATE_TEST_SUITE_P(Cells, SmallNetworks,
                         ::testing::Values(SmallCell{CellKind::vanilla, Reset::after, 3, 4},
                                           SmallCell{CellKind::leaky, Reset::after, 3, 3},
                                           SmallCell{CellKind::leaky_outside, Reset::after, 3, 3},
                                           SmallCell{CellKind::ugrnn, Reset::after, 3, 3},
                                           SmallCell{CellKind::gru, Reset::after, 6, 4},
                                           SmallCell{CellKind::gru, Reset::before, 6, 3},
                                           SmallCell{CellKind::lstm, Reset::after, 5, 3}));

TEST(Enumerate, ProvesThe27PointsOfATrainedGru) {
  const testing::Oracle oracle = testing::load_oracle("gru8_proven27", CellKind::gru);
  const Enumeration all = enumerate(*oracle.system);
  ASSERT_TRUE(all.is_complete);
  ASSERT_EQ(all.points.size(), 27U);
  EXPECT_EQ(index_sum(all.points), 1);
  EXPECT_LT(all.n_boxes, 30000);
  for (const EnclosedPoint& point : all.points) {
    int n_holding = 0;
    for (Index i = 0; i < 27; ++i)
      n_holding += is_in(point.enclosure, oracle.expected.row(i).transpose(), 1e-9) ? 1 : 0;
    EXPECT_EQ(n_holding, 1);
    EXPECT_LT((point.enclosure.upper - point.enclosure.lower).maxCoeff(), 1e-12);
  }
}

TEST(Enumerate, BoxesOfUniquenessHoldOnePointEach) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const Enumeration all = enumerate(*system);
  ASSERT_EQ(all.points.size(), 27U);
  for (const EnclosedPoint& a : all.points)
    for (const EnclosedPoint& b : all.points)
      EXPECT_EQ(is_in(a.uniqueness, (b.enclosure.lower + b.enclosure.upper) / 2, 0), &a == &b);
}

TEST(Enumerate, ASignFlippedInAWeightChangesThePoints) {
  models::Network network = nullcline::testing::ideal_flip_flop(2);
  EXPECT_EQ(enumerate(*models::make_system(network)).points.size(), 9U);
  network.recurrent_weights(0, 0) *= -1;
  EXPECT_EQ(enumerate(*models::make_system(network)).points.size(), 3U);
}

TEST(Enumerate, PutsAnExactPitchforkIntoOneHullInBoundedTime) {
  for (const Index n : {1, 2, 3}) {
    const auto system =
        models::make_system(nullcline::testing::tanh_network(Matrix::Identity(n, n), Matrix(n, 0)));
    const Enumeration all = enumerate(*system);
    ASSERT_TRUE(all.is_complete);
    EXPECT_TRUE(all.points.empty());
    ASSERT_EQ(all.clusters.size(), 1U);
    EXPECT_TRUE(is_in(all.clusters[0].hull, Vector::Zero(n), 0));
    EXPECT_LT(all.clusters[0].hull.upper.maxCoeff(), 1e-4);
    EXPECT_LT(all.n_boxes, 50000);
  }
}

TEST(Enumerate, SeparatesAllPointsOfAPitchfork1e12Away) {
  const double gain = 1 + 1e-12;
  std::size_t expected = 1;
  for (const Index n : {1, 2, 3}) {
    expected *= 3;
    const auto system = models::make_system(
        nullcline::testing::tanh_network(gain * Matrix::Identity(n, n), Matrix(n, 0)));
    const Enumeration all = enumerate(*system);
    ASSERT_TRUE(all.is_complete);
    EXPECT_TRUE(all.clusters.empty());
    EXPECT_EQ(all.points.size(), expected);
    EXPECT_EQ(index_sum(all.points), 1);
  }
}

TEST(Enumerate, GivesUpWhenTheBoxesDoNotSuffice) {
  const testing::Oracle oracle = testing::load_oracle("gru8_proven27", CellKind::gru);
  EnumerationOptions options;
  options.max_boxes = 500;
  const Enumeration all = enumerate(*oracle.system, options);
  EXPECT_FALSE(all.is_complete);
  EXPECT_EQ(all.n_boxes, 500);
  EXPECT_TRUE(all.points.empty());
}

TEST(Enumerate, RefusesWhatHasNoIntervals) {
  const auto system = testing::linear_map(Matrix::Identity(2, 2) / 2);
  const dynamics::Box box{Vector{{-1, -1}}, Vector{{1, 1}}};
  EXPECT_THROW(enumerate_fixed_points(system, Vector(0), box), InvalidInput);
}

// A network of given rank that holds states: gain 2 along each of its directions.
models::Network low_rank_network(Index n, Index rank, std::uint64_t seed) {
  Rng rng(seed, Purpose::tests);
  Matrix m(n, rank), p(rank, n);
  for (double& x : m.reshaped()) x = rng.normal();
  for (double& x : p.reshaped()) x = rng.normal() / (4 * static_cast<double>(n));
  p += m.transpose() * (3.0 / static_cast<double>(n));
  return nullcline::testing::tanh_network(m * p, Matrix(n, 0));
}

TEST(LowRank, EnumeratesTheLatentCoordinatesOfLargeNetworks) {
  for (const Index rank : {1, 2, 3}) {
    const models::Network network = low_rank_network(256, rank, 3);
    const auto system = models::make_system(network);
    ASSERT_NE(system->latent(), nullptr);
    EXPECT_EQ(system->latent()->map().n_states(), rank);
    const Equation equation(*system, Vector(0));
    const auto proof = prove_all(equation, 100000);
    ASSERT_TRUE(proof.has_value());
    EXPECT_GE(proof->points.size(), 3U);
    EXPECT_EQ(index_sum(proof->points), 1);
    Rng rng(7, Purpose::tests);
    std::set<std::size_t> met;
    // Uniform states have next to no latent activity: this brings some about.
    const Matrix starts =
        (20 * uniform_starts(equation, 16, rng) * network.recurrent_weights.transpose())
            .array()
            .tanh();
    for (const Vector& zero : multistart(equation, starts)) {
      int n_holding = 0;
      for (std::size_t i = 0; i < proof->points.size(); ++i)
        if (is_in(proof->points[i].enclosure, zero, 1e-9)) {
          ++n_holding;
          met.insert(i);
        }
      EXPECT_EQ(n_holding, 1);
    }
    // Iteration leads to the attractors, of which there are two at least, since the map is odd.
    for (int run = 0; run < 10; ++run) {
      Vector h(256);
      for (double& x : h) x = rng.uniform(-1, 1);
      for (int step = 0; step < 300; ++step) h = evaluate_at(*system, h, Vector(0));
      for (std::size_t i = 0; i < proof->points.size(); ++i)
        if (is_in(proof->points[i].enclosure, h, 1e-9)) met.insert(i);
    }
    EXPECT_GE(met.size(), 2U);
  }
}

TEST(LowRank, IntervalsHoldTheFullNetworksPoints) {
  const models::Network network = low_rank_network(64, 2, 5);
  const auto system = models::make_system(network);
  const Equation equation(*system, Vector(0));
  Rng rng(8, Purpose::tests);
  const std::vector<Vector> zeros = multistart(equation, uniform_starts(equation, 10, rng));
  ASSERT_FALSE(zeros.empty());
  const dynamics::Latent& latent = *system->latent();
  for (const Vector& h : zeros) {
    std::vector<numerics::Interval> here(2), box, image(2), states(64);
    latent.coordinates(std::vector<numerics::Interval>(h.begin(), h.end()), Vector(0), here);
    const Vector k{{here[0].midpoint(), here[1].midpoint()}};
    for (const double x : k) box.emplace_back(x - 1e-12, x + 1e-12);
    latent.map().intervals()->evaluate(box, Vector(0), image);
    for (std::size_t r = 0; r < 2; ++r) EXPECT_TRUE(image[r].contains(k(static_cast<Index>(r))));
    latent.lift(box, Vector(0), states);
    for (std::size_t i = 0; i < 64; ++i)
      EXPECT_NEAR(states[i].midpoint(), h(static_cast<Index>(i)), 1e-11);
  }
}

// All gates of M P, in PyTorch's order of blocks.
models::Network low_rank_gates(CellKind cell, Index n, Index rank, std::uint64_t seed) {
  Rng rng(seed, Purpose::tests);
  models::Network net =
      nullcline::testing::random_network(cell, Activation::tanh, Reset::after, n, 1, 0.5, rng);
  const Index rows = net.recurrent_weights.rows();
  Matrix m(rows, rank), p(rank, n);
  for (double& x : m.reshaped()) x = rng.normal();
  for (double& x : p.reshaped()) x = rng.normal() / (4 * static_cast<double>(n));
  const Index candidate = cell == CellKind::gru ? rows - n : 2 * n;
  p += m.middleRows(candidate, n).transpose() * (4.0 / static_cast<double>(n));
  net.recurrent_weights = m * p;
  return net;
}

TEST(LowRank, GatedCellsAreEnumeratedToo) {
  for (const CellKind cell : {CellKind::gru, CellKind::lstm})
    for (const Index rank : {1, 2})
      for (const double disturbance : {0.0, 1e-9}) {
        models::Network network = low_rank_gates(cell, 40, rank, 2);
        network.recurrent_weights(2, 3) += disturbance;
        const auto system = models::make_system(network);
        const Vector input{{0.3}};
        const Equation equation(*system, input);
        const dynamics::Latent* latent = equation.solved().latent();
        ASSERT_NE(latent, nullptr);
        EXPECT_EQ(latent->map().n_states(), rank);
        const auto proof = prove_all(equation, 100000);
        ASSERT_TRUE(proof.has_value());
        EXPECT_GE(proof->points.size(), 3U);
        EXPECT_EQ(index_sum(proof->points), 1);
        Rng rng(7, Purpose::tests);
        const std::vector<Vector> zeros = multistart(equation, uniform_starts(equation, 200, rng));
        ASSERT_FALSE(zeros.empty());
        std::set<std::size_t> met;
        for (const Vector& zero : zeros) {
          std::size_t n_holding = 0;
          for (std::size_t i = 0; i < proof->points.size(); ++i)
            if (is_in(proof->points[i].enclosure, zero, 1e-8)) {
              ++n_holding;
              met.insert(i);
            }
          EXPECT_EQ(n_holding, 1U);
        }
        EXPECT_EQ(met.size(), proof->points.size());
      }
}

TEST(LowRank, JacobiansOfLatentMapsAreDerivativesAndEnclosed) {
  for (const CellKind cell : {CellKind::gru, CellKind::lstm}) {
    const models::Network network = low_rank_gates(cell, 12, 2, 3);
    const auto system = models::make_system(network);
    const dynamics::Latent* latent = system->reduced()->latent();
    ASSERT_NE(latent, nullptr);
    const dynamics::System& map = latent->map();
    const Vector k{{0.2, -0.4}}, input{{-0.5}};
    const Matrix jacobian = jacobian_at(map, k, input);
    constexpr double kStep = 1e-6;
    for (Index j = 0; j < 2; ++j) {
      Vector above = k, below = k;
      above(j) += kStep;
      below(j) -= kStep;
      const Vector slope =
          (evaluate_at(map, above, input) - evaluate_at(map, below, input)) / (2 * kStep);
      EXPECT_LT((jacobian.col(j) - slope).cwiseAbs().maxCoeff(), 1e-8);
    }
    const Vector right{{-0.5 + kStep}}, left{{-0.5 - kStep}};
    const Vector push = (evaluate_at(map, k, right) - evaluate_at(map, k, left)) / (2 * kStep);
    EXPECT_LT((input_jacobian_at(map, k, input).col(0) - push).cwiseAbs().maxCoeff(), 1e-8);
    std::vector<numerics::Interval> box, enclosure(4);
    for (const double x : k) box.emplace_back(x - 0.1, x + 0.1);
    map.intervals()->jacobian(box, input, enclosure);
    Rng rng(4, Purpose::tests);
    for (int draw = 0; draw < 50; ++draw) {
      const Vector inside{{rng.uniform(0.1, 0.3), rng.uniform(-0.5, -0.3)}};
      const Matrix there = jacobian_at(map, inside, input);
      for (Index i = 0; i < 4; ++i)
        EXPECT_TRUE(enclosure[static_cast<std::size_t>(i)].contains(there(i / 2, i % 2)));
    }
  }
}

TEST(LowRank, FullRankHasNoLatentCoordinates) {
  Rng rng(9, Purpose::tests);
  const auto system = models::make_system(nullcline::testing::random_network(
      CellKind::vanilla, Activation::tanh, Reset::after, 32, 1, 1.5, rng));
  EXPECT_EQ(system->latent(), nullptr);
  models::Network disturbed = low_rank_network(32, 2, 1);
  disturbed.recurrent_weights(3, 4) += 1e-3;
  disturbed.recurrent_weights(5, 6) -= 1e-3;
  EXPECT_EQ(models::make_system(disturbed)->latent(), nullptr);
  disturbed = low_rank_network(32, 2, 1);
  disturbed.recurrent_weights(3, 4) += 1e-9;  // enclosed, and enumerated all the same
  const auto system_near = models::make_system(disturbed);
  ASSERT_NE(system_near->latent(), nullptr);
  EXPECT_TRUE(prove_all(Equation(*system_near, Vector(0)), 100000).has_value());
}

// What the search makes of a proof.

TEST(ProvenSearch, SaysWhatWasProvenAndCountsHits) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  const FixedPointSet set = find_fixed_points(*system, Vector::Zero(3), Matrix(0, 3));
  EXPECT_EQ(set.n_fixed(), 27);
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_THAT(set.audit.completeness_note, HasSubstr("there are 27 fixed points, and no other"));
  EXPECT_EQ(set.audit.n_starts, 256);
  for (const FixedPoint& point : set.points) {
    EXPECT_EQ(point.verdict, Verdict::proven);
    EXPECT_EQ(point.hull_radius, 0);
  }
}

TEST(ProvenSearch, IsNotTriedWithoutBoxes) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop());
  SearchOptions options;
  options.max_boxes = 0;
  const FixedPointSet set = find_fixed_points(*system, Vector::Zero(3), Matrix(0, 3), options);
  EXPECT_EQ(set.n_fixed(), 27);
  EXPECT_EQ(set.audit.completeness, Completeness::statistical);
}

TEST(ProvenSearch, FindsTheSamePointsOfAMapAndOfItsFlow) {
  for (const CellKind cell : {CellKind::vanilla, CellKind::gru}) {
    Rng rng(1, Purpose::tests);
    const models::Network network =
        nullcline::testing::random_network(cell, Activation::tanh, Reset::after, 3, 1, 4, rng);
    const FixedPointSet map =
        find_fixed_points(*models::make_system(network), Vector::Zero(1), Matrix(0, 3));
    const FixedPointSet flow = find_fixed_points(
        *models::make_system(network, dynamics::Time::continuous), Vector::Zero(1), Matrix(0, 3));
    EXPECT_EQ(map.audit.completeness, Completeness::proven);
    EXPECT_EQ(flow.audit.completeness, Completeness::proven);
    EXPECT_EQ(map.n_fixed(), flow.n_fixed());
  }
}

// A network whose system claims a box that leaves some of its points out.
class WrongBox : public dynamics::System {
 public:
  explicit WrongBox(double half_width)
      : system_(models::make_system(nullcline::testing::ideal_flip_flop(1))),
        half_width_(half_width) {}
  dynamics::Time time() const override { return system_->time(); }
  Index n_states() const override { return 1; }
  Index n_inputs() const override { return 1; }
  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    system_->evaluate(states, inputs, out);
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    system_->jacobian(states, inputs, out);
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    system_->input_jacobian(states, inputs, out);
  }
  const dynamics::IntervalExtension* intervals() const override { return system_->intervals(); }
  std::optional<dynamics::Box> trapping_box() const override {
    return dynamics::Box{Vector{{-half_width_}}, Vector{{half_width_}}};
  }

 private:
  std::unique_ptr<dynamics::System> system_;
  double half_width_;
};

TEST(ProvenSearch, DoesNotBelieveABoxThatTheIndicesContradict) {
  EXPECT_EQ(find_fixed_points(WrongBox(1), Vector::Zero(1), Matrix(0, 1)).audit.completeness,
            Completeness::proven);
  // Only the point at 0 is in the smaller box: its index is -1.
  const FixedPointSet set = find_fixed_points(WrongBox(0.5), Vector::Zero(1), Matrix(0, 1));
  EXPECT_NE(set.audit.completeness, Completeness::proven);
}

}  // namespace
}  // namespace nullcline::fixed_points
