// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/pairs.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::comparison {
namespace {

std::vector<Activity> networks() {
  std::vector<Activity> result;
  for (std::uint64_t k = 0; k < 4; ++k) {
    Rng rng(7, Purpose::analysis_data, k);
    Matrix samples(80, 3 + static_cast<Index>(k));
    for (double& value : samples.reshaped<Eigen::RowMajor>()) value = rng.normal();
    result.push_back(make_activity(samples, 2));
  }
  return result;
}

TEST(Pairs, AreSymmetricForEveryMeasureAndAnyNumberOfThreads) {
  const std::vector<Activity> all = networks();
  for (const auto& [measure, name] : EnumNames<Measure>::values) {
    SCOPED_TRACE(name);
    if (compared_by(measure) != Compared::activity) continue;
    MeasureOptions options;
    options.measure = measure;
    set_n_threads(1);
    const Matrix one = pairwise_distances(all, options);
    set_n_threads(2);
    const Matrix two = pairwise_distances(all, options);
    set_n_threads(0);
    EXPECT_EQ(one, two);
    EXPECT_EQ(one, Matrix(one.transpose()));
    EXPECT_EQ(one.diagonal(), Vector::Zero(4));
    EXPECT_GT(one(1, 0), 0.1);
    EXPECT_EQ(one(2, 1), distance(all[2], all[1], options));
    EXPECT_EQ(one(2, 1), distance(prepare(all[2], options), prepare(all[1], options), options));
    EXPECT_GT(prepare(all[2], options).n_bytes(), 0);
    EXPECT_NEAR(distance(all[2], all[2], options), 0, 1e-12);
  }
}

TEST(Pairs, OptionsChangeTheirMeasure) {
  const std::vector<Activity> all = networks();
  const auto with = [&](MeasureOptions options) { return distance(all[3], all[2], options); };
  EXPECT_NE(with({Measure::svcca, 0.95, 0.5, 1}), with({Measure::svcca, 0.5, 0.5, 1}));
  EXPECT_NE(with({Measure::rbf_cka, 0.95, 0.5, 1}), with({Measure::rbf_cka, 0.95, 1, 1}));
  EXPECT_NE(with({Measure::shape, 0.95, 0.5, 1}), with({Measure::shape, 0.95, 0.5, 0}));
  MeasureOptions dsa;
  dsa.measure = Measure::dsa;
  const double plain = with(dsa);
  dsa.rank = 2;
  EXPECT_NE(with(dsa), plain);
  dsa.rank = 10;  // there are 5 units with three delays, and 6
  EXPECT_GT(with(dsa), 0);
  dsa.n_delays = 1;
  EXPECT_TRUE(std::isnan(with(dsa)));
  dsa.rank = 3;
  const double without_delays = with(dsa);
  dsa.delay = 5;  // of nothing
  EXPECT_EQ(with(dsa), without_delays);
  dsa.ridge = 1;
  EXPECT_NE(with(dsa), without_delays);
}

PointGraph bistable(double share) {
  Matrix transitions = Matrix::Identity(3, 3);
  transitions.row(1) << share, 0, 1 - share;
  return {transitions, Matrix{{-1.0}, {0.0}, {1.0}}, {0, 1, 0}, {100, 100, 100}};
}

TEST(Pairs, OfGraphsAreNotPreparedAsActivity) {
  MeasureOptions options;
  options.measure = Measure::automaton;
  EXPECT_THROW(prepare(networks()[0], options), InvalidInput);
}

TEST(Pairs, OfGraphsAndMachines) {
  const std::vector<std::vector<PointGraph>> graphs{{bistable(0.5)}, {bistable(0.6)}};
  MeasureOptions options;
  options.measure = Measure::graph_frobenius;
  const double frobenius = std::sqrt(0.02);
  EXPECT_NEAR(pairwise_distances(graphs, options)(0, 1), frobenius, 1e-15);
  EXPECT_NEAR(sampling_noise(graphs[0], graphs[0], options), 0.1, 1e-15);
  // Of several inputs the mean.
  EXPECT_NEAR(distance({bistable(0.5), bistable(0.5)}, {bistable(0.6), bistable(0.5)}, options),
              frobenius / 2, 1e-15);
  options.measure = Measure::fused_gromov_wasserstein;
  EXPECT_NEAR(pairwise_distances(graphs, options)(0, 1), 0.5 * 0.02 / 9, 1e-15);
  EXPECT_NEAR(sampling_noise(graphs[0], graphs[0], options), 0.5 * 0.01 / 9, 1e-15);
  options.edge_weight = 0;
  EXPECT_NEAR(pairwise_distances(graphs, options)(0, 1), 0, 1e-15);
  EXPECT_THROW(distance({bistable(0.5)}, {}, options), InvalidInput);
  EXPECT_THROW(distance(networks()[0], networks()[0], options), InvalidInput);
  options.measure = Measure::svcca;
  EXPECT_THROW(pairwise_distances(graphs, options), InvalidInput);

  const Automaton bit{Matrix{{-1.0}, {1.0}}, Matrix{{1.0}}, {1, 1}};
  const Automaton stuck{Matrix{{-1.0}, {1.0}}, Matrix{{1.0}}, {0, 1}};
  EXPECT_EQ(pairwise_distances({bit, stuck, bit}),
            (Matrix{{0, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0}}));
}

TEST(Pairs, StopWhenAsked) {
  EXPECT_EQ(pairwise_distances(networks(), {}, [](const ProgressUpdate&) { return false; }).size(),
            0);
}

TEST(Pairs, OfMoreSamplesThanFitInAMatrixOfAllPairsAreRefused) {
  Matrix samples = Matrix::Zero(kMostPairedSamples + 1, 1);
  samples(0, 0) = 1;
  const Activity many = make_activity(samples);
  EXPECT_THROW(rsa(many, many), InvalidInput);
  EXPECT_THROW(rbf_cka(many, many), InvalidInput);
  EXPECT_NEAR(linear_cka(many, many), 1, 1e-12);
}

}  // namespace
}  // namespace nullcline::comparison
