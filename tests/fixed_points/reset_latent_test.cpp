// SPDX-License-Identifier: BSD-3-Clause
// A GRU that resets before its product, with a candidate of low rank: all its fixed points, proven.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <set>

#include "nullcline/fixed_points/proof.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/fixed_points/verify.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using models::Activation;
using models::CellKind;
using models::Reset;
using numerics::Interval;
using ::testing::HasSubstr;

constexpr std::int64_t kBoxes = 100000;

// Candidate weights M P of given rank that hold states; the gates' weights have full rank.
models::Network low_rank_candidate(Index n, Index rank, std::uint64_t seed, double gain = 5) {
  Rng rng(seed, Purpose::tests);
  models::Network net = nullcline::testing::random_network(CellKind::gru, Activation::tanh,
                                                           Reset::before, n, 1, 0.7, rng);
  Matrix m(n, rank), p(rank, n);
  for (double& x : m.reshaped()) x = rng.normal();
  for (double& x : p.reshaped()) x = rng.normal() / (4 * static_cast<double>(n));
  p += m.transpose() * (gain / static_cast<double>(n));
  net.recurrent_weights.bottomRows(n) = m * p;
  return net;
}

// Off rank 3 by numbers of about this size, of which the factors leave a remainder.
models::Network disturbed(models::Network net, double size) {
  Rng rng(11, Purpose::tests);
  const Index n = net.n_units();
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) net.recurrent_weights(2 * n + i, j) += size * rng.uniform(-1, 1);
  return net;
}

// Newton's method for n(h) = h with the equations of Cho et al. (2014) written out.
class PlainNewton {
 public:
  PlainNewton(const models::Network& net, const Vector& input)
      : n_(net.n_units()),
        w_(net.recurrent_weights.bottomRows(n_)),
        r_(net.recurrent_weights.topRows(n_)),
        c_(net.input_weights.bottomRows(n_) * input + net.bias.tail(n_)),
        d_(net.input_weights.topRows(n_) * input + net.bias.head(n_)) {}

  // Zeros from starts tanh(range of W + c), without regard to any enclosure.
  std::vector<Vector> zeros(int n_starts, Rng& rng) const {
    std::vector<Vector> result;
    for (int start = 0; start < n_starts; ++start) {
      Vector h(n_);
      const double size = rng.uniform(0, 8);
      for (double& x : h) x = size * rng.normal();
      if (start % 4 != 0) h = (w_ * h + c_).array().tanh();
      for (int step = 0; step < 40; ++step) {
        const Vector reset = (1 + (-(r_ * h + d_)).array().exp()).inverse();
        const Vector next = (w_ * reset.cwiseProduct(h) + c_).array().tanh();
        const Vector slope = 1 - next.array().square();
        const Vector bend = h.array() * reset.array() * (1 - reset.array());
        Matrix inner = bend.asDiagonal() * r_;
        inner.diagonal() += reset;
        const Matrix jacobian = slope.asDiagonal() * (w_ * inner);
        const Vector move = (Matrix::Identity(n_, n_) - jacobian).partialPivLu().solve(next - h);
        h += move;
        if (!h.allFinite() || h.cwiseAbs().maxCoeff() > 1.5) break;
        if (move.cwiseAbs().maxCoeff() > 1e-13) continue;
        result.push_back(h);
        break;
      }
    }
    return result;
  }

 private:
  Index n_;
  Matrix w_, r_;
  Vector c_, d_;
};

bool is_in(const dynamics::Box& box, const Vector& point, double slack) {
  return (point.array() >= box.lower.array() - slack).all() &&
         (point.array() <= box.upper.array() + slack).all();
}

// The numbers of the points in whose enclosures the zeros are; -1 for a zero that is in none.
std::set<int> met(const Proof& proof, const std::vector<Vector>& zeros) {
  std::set<int> result;
  for (const Vector& zero : zeros) {
    int which = -1;
    for (std::size_t i = 0; i < proof.points.size(); ++i)
      if (is_in(proof.points[i].enclosure, zero, 1e-8)) which = static_cast<int>(i);
    result.insert(which);
  }
  return result;
}

struct Case {
  Index units, rank;
};

class ResetBeforeSizes : public ::testing::TestWithParam<Case> {};

TEST_P(ResetBeforeSizes, HasAllThePointsThatPlainNewtonFinds) {
  const auto [units, rank] = GetParam();
  std::size_t most = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const models::Network network = low_rank_candidate(units, rank, seed);
    const Vector input{{0.3}};
    const auto system = models::make_system(network);
    const Equation equation(*system, input);
    ASSERT_NE(equation.solved().latent(), nullptr);
    EXPECT_EQ(equation.solved().latent()->map().n_states(), rank);
    const auto proof = prove_all(equation, kBoxes);
    ASSERT_TRUE(proof.has_value()) << seed;
    EXPECT_TRUE(proof->clusters.empty());
    EXPECT_THAT(proof->method, HasSubstr("latent coordinate"));
    int sum = 0;
    for (const EnclosedPoint& point : proof->points) {
      sum += point.index;
      const Vector middle = (point.enclosure.lower + point.enclosure.upper) / 2;
      EXPECT_LT((evaluate_at(*system, middle, input) - middle).cwiseAbs().maxCoeff(), 1e-10);
      EXPECT_EQ(point.index,
                fixed_point_index(dynamics::Time::discrete, jacobian_at(*system, middle, input)));
    }
    EXPECT_EQ(sum, 1);
    Rng rng(seed, Purpose::tests);
    const std::vector<Vector> zeros = PlainNewton(network, input).zeros(rank < 3 ? 200 : 5000, rng);
    ASSERT_FALSE(zeros.empty());
    const std::set<int> found = met(*proof, zeros);
    EXPECT_EQ(found.count(-1), 0U) << "a zero that the proof says is not there";
    EXPECT_EQ(found.size(), proof->points.size()) << "seed " << seed;
    most = std::max(most, proof->points.size());
  }
  EXPECT_GE(most, 3U);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ResetBeforeSizes,
                         ::testing::Values(Case{16, 1}, Case{16, 2}, Case{16, 3}, Case{64, 1},
                                           Case{64, 2}));

// Three groups of units, each of which remembers by itself; resets that the others hardly touch.
models::Network three_switches(Index n) {
  models::Network net = low_rank_candidate(n, 3, 1);
  Matrix m = Matrix::Zero(n, 3);
  for (Index i = 0; i < n; ++i) m(i, i % 3) = i % 2 == 0 ? 1 : -1;
  net.recurrent_weights.bottomRows(n) = m * m.transpose() * (9.0 / static_cast<double>(n));
  net.recurrent_weights.topRows(2 * n) *= 0.1;
  net.bias.setZero();
  return net;
}

TEST(ResetBefore, HasTwentySevenPointsWithThreeSwitches) {
  const models::Network network = three_switches(60);
  const auto system = models::make_system(network);
  const FixedPointSet set = find_fixed_points(*system, Vector::Zero(1), Matrix(0, 60));
  EXPECT_EQ(set.audit.completeness, Completeness::proven);
  EXPECT_THAT(set.audit.completeness_note, HasSubstr("rank 3: there are 27 fixed points"));
  EXPECT_EQ(set.n_fixed(), 27);
}

TEST(ResetBefore, IntervalsHoldThePointsAndTheirCoordinates) {
  const Vector input{{0.3}};
  for (const double disturbance : {0.0, 1e-7}) {
    const models::Network network = disturbed(low_rank_candidate(16, 3, 2), disturbance);
    const auto system = models::make_system(network);
    const dynamics::Latent* latent = system->reduced()->latent();
    ASSERT_NE(latent, nullptr);
    Rng rng(8, Purpose::tests);
    const std::vector<Vector> zeros = PlainNewton(network, input).zeros(50, rng);
    ASSERT_FALSE(zeros.empty());
    for (const Vector& h : zeros) {
      std::vector<Interval> k(3), image(3), states(16);
      latent->coordinates(std::vector<Interval>(h.begin(), h.end()), input, k);
      for (Interval& x : k) x = Interval(x.lower() - 1e-8, x.upper() + 1e-8);
      latent->map().intervals()->evaluate(k, input, image);
      for (std::size_t r = 0; r < 3; ++r)
        EXPECT_TRUE(image[r].lower() <= k[r].upper() && k[r].lower() <= image[r].upper());
      latent->lift(k, input, states);
      for (Index i = 0; i < 16; ++i)
        EXPECT_TRUE(states[static_cast<std::size_t>(i)].contains(h(i)));
      for (std::size_t i = 0; i < 16; ++i) EXPECT_LT(states[i].upper() - states[i].lower(), 1e-4);
    }
  }
}

TEST(ResetBefore, CoordinatesChangeNoFasterThanTheirSteepness) {
  const models::Network network = low_rank_candidate(16, 2, 3);
  const auto system = models::make_system(network);
  const dynamics::Latent& latent = *system->reduced()->latent();
  Rng rng(3, Purpose::tests);
  const Vector input{{0.3}};
  const auto coordinates = [&](const Vector& h) {
    std::vector<Interval> k(2);
    latent.coordinates(std::vector<Interval>(h.begin(), h.end()), input, k);
    return Vector{{k[0].midpoint(), k[1].midpoint()}};
  };
  double steepest = 0;
  for (int draw = 0; draw < 500; ++draw) {
    Vector h(16), other(16);
    for (double& x : h) x = rng.uniform(-1, 1);
    for (Index i = 0; i < 16; ++i) other(i) = std::clamp(h(i) + rng.uniform(-0.1, 0.1), -1.0, 1.0);
    const Vector change = (coordinates(h) - coordinates(other)).cwiseAbs();
    const double distance = (h - other).cwiseAbs().maxCoeff();
    for (Index r = 0; r < 2; ++r) {
      EXPECT_LE(change(r), latent.steepness()(r) * distance);
      steepest = std::max(steepest, change(r) / distance / latent.steepness()(r));
    }
  }
  EXPECT_GT(steepest, 0.05);
}

TEST(ResetBefore, JacobiansOfTheLatentMapAreDerivativesAndEnclosed) {
  const auto system = models::make_system(low_rank_candidate(12, 2, 4));
  const dynamics::System& map = system->reduced()->latent()->map();
  const Vector k{{0.2, -0.4}}, input{{-0.5}};
  const Matrix jacobian = jacobian_at(map, k, input);
  EXPECT_GT(jacobian.cwiseAbs().maxCoeff(), 0.1);
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
  EXPECT_GT(push.cwiseAbs().maxCoeff(), 1e-3);
  EXPECT_LT((input_jacobian_at(map, k, input).col(0) - push).cwiseAbs().maxCoeff(), 1e-8);
  std::vector<Interval> box, enclosure(4);
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

// With W off rank by E the Jacobian of the exact latent map has a slack, which must cover it.
TEST(ResetBefore, TheSlackCoversWeightsThatAreOffTheirRank) {
  const models::Network network = disturbed(low_rank_candidate(12, 3, 4), 2e-7);
  const Vector input{{0.3}};
  const auto system = models::make_system(network);
  const dynamics::Latent* latent = system->reduced()->latent();
  ASSERT_NE(latent, nullptr);
  EXPECT_EQ(latent->map().n_states(), 3);
  const Equation equation(*system, input);
  const auto proof = prove_all(equation, kBoxes);
  ASSERT_TRUE(proof.has_value());
  EXPECT_GE(proof->points.size(), 3U);
  Rng rng(5, Purpose::tests);
  const std::vector<Vector> zeros = PlainNewton(network, input).zeros(3000, rng);
  for (const EnclosedPoint& point : proof->points) {
    int n_in = 0;
    for (const Vector& zero : zeros) n_in += is_in(point.enclosure, zero, 1e-12) ? 1 : 0;
    EXPECT_GT(n_in, 0);
    EXPECT_GT((point.enclosure.upper - point.enclosure.lower).maxCoeff(), 1e-8);
  }
}

TEST(ResetBefore, HasNoLatentCoordinatesWithoutALowRankCandidate) {
  models::Network network = low_rank_candidate(32, 3, 1);
  EXPECT_NE(models::make_system(network)->reduced()->latent(), nullptr);
  Rng rng(6, Purpose::tests);  // rank 4
  Vector column(32), row(32);
  for (double& x : column) x = rng.normal();
  for (double& x : row) x = 0.05 * rng.normal();
  network.recurrent_weights.bottomRows(32) += column * row.transpose();
  const auto system = models::make_system(network);
  EXPECT_EQ(system->reduced()->latent(), nullptr);
  EXPECT_FALSE(prove_all(Equation(*system, Vector::Zero(1)), 2000).has_value());
  SearchOptions options;
  options.n_starts = options.max_starts = 64;
  const Audit audit = find_fixed_points(*system, Vector::Zero(1), Matrix(0, 32), options).audit;
  EXPECT_NE(audit.completeness, Completeness::proven);
  EXPECT_THAT(audit.completeness_note, HasSubstr("starts"));
  network = low_rank_candidate(32, 2, 1);
  network.activation = Activation::relu;
  EXPECT_EQ(models::make_system(network)->reduced()->latent(), nullptr);
  network = disturbed(low_rank_candidate(32, 3, 1), 1e-8);
  EXPECT_NE(models::make_system(network)->reduced()->latent(), nullptr);
  network.recurrent_weights.topRows(32) *= 1e8;  // through which the remainder would reach far
  EXPECT_EQ(models::make_system(network)->reduced()->latent(), nullptr);
}

TEST(ResetBefore, IsNotProvenWithTooFewBoxes) {
  const auto system = models::make_system(low_rank_candidate(16, 2, 2));
  const Equation equation(*system, Vector{{0.3}});
  EXPECT_FALSE(prove_all(equation, 3).has_value());
}

TEST(ResetBefore, MovedMissingAndInventedPointsAreNoticed) {
  const auto system = models::make_system(three_switches(24));
  const FixedPointSet honest = find_fixed_points(*system, Vector::Zero(1), Matrix(0, 24));
  ASSERT_EQ(honest.audit.completeness, Completeness::proven);
  ASSERT_EQ(honest.n_fixed(), 27);
  EXPECT_TRUE(verify(*system, honest).empty());
  FixedPointSet moved = honest;
  moved.points[2].state(1) += 1e-6;
  ASSERT_FALSE(verify(*system, moved).empty());
  EXPECT_EQ(verify(*system, moved)[0].point, 2);
  FixedPointSet missing = honest;
  missing.points.erase(missing.points.begin() + 4);
  EXPECT_THAT(verify(*system, missing).at(0).claim, HasSubstr("indices that sum to"));
  FixedPointSet wide = honest;
  wide.points[1].uniqueness_radius = 0.9;
  EXPECT_FALSE(verify(*system, wide).empty());
  models::Network flipped = three_switches(24);
  flipped.recurrent_weights.row(2 * 24) *= -1;
  EXPECT_FALSE(verify(*models::make_system(flipped), honest).empty());
}

}  // namespace
}  // namespace nullcline::fixed_points
