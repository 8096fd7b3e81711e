// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/run.hpp"

#include <gtest/gtest.h>

#include "nullcline/census/results.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/interchange/model_file.hpp"

namespace nullcline::census {
namespace {

// dx/dt = x (a - x^2), dy/dt = -y: one sink for a < 0, and for a > 0 two with a saddle between.
std::unique_ptr<dynamics::System> pitchfork(const Vector& values) {
  return interchange::Model::parse(
             "[system]\node = {x = \"a*x - x^3\", y = \"-y + b\"}\n[parameters]\na = 1\nb = "
             "0\n[box]\n"
             "x = [-3, 3]\ny = [-3, 3]\n",
             "test", {{"a", values(0)}, {"b", values(1)}})
      .make_system();
}

const std::vector<Range> kRanges = {{"a", -1, 1}, {"b", 0, 1}};

SampleOptions samples(std::int64_t n) {
  SampleOptions options;
  options.samples = n;
  options.seed = 3;
  return options;
}

void expect_equal(const Census& a, const Census& b) {
  EXPECT_EQ(a.n_networks, b.n_networks);
  EXPECT_EQ(a.n_decided, b.n_decided);
  ASSERT_EQ(a.topologies.size(), b.topologies.size());
  for (std::size_t i = 0; i < a.topologies.size(); ++i) {
    EXPECT_EQ(a.topologies[i].form, b.topologies[i].form);
    EXPECT_EQ(a.topologies[i].n_networks, b.topologies[i].n_networks);
    EXPECT_EQ(a.topologies[i].first, b.topologies[i].first);
    EXPECT_EQ(a.topologies[i].values, b.topologies[i].values);
  }
}

TEST(Census, FindsBothSidesOfAPitchforkInTheirShares) {
  const Census census = take_census(pitchfork, kRanges, samples(200));
  EXPECT_EQ(census.n_networks, 200);
  EXPECT_EQ(census.n_decided, 200);
  ASSERT_EQ(census.topologies.size(), 2U);
  for (const Topology& topology : census.topologies) {
    EXPECT_NEAR(static_cast<double>(topology.n_networks), 100, 35);  // 5 standard deviations
    EXPECT_EQ(topology.counts.n_points(), topology.values(0) > 0 ? 3 : 1);
  }
  EXPECT_EQ(census.topologies[records_of(census).n_sinks].counts.n_sinks(), 2);
}

TEST(Census, IsTheSameForAnyNumberOfThreadsAndAfterAnInterruption) {
  const SampleOptions options = samples(300);
  set_n_threads(1);
  const Census one = take_census(pitchfork, kRanges, options);
  set_n_threads(3);
  expect_equal(one, take_census(pitchfork, kRanges, options));
  set_n_threads(0);
  Census saved;
  int n_saved = 0;
  const Census part = take_census(
      pitchfork, kRanges, options, {}, [&](const ProgressUpdate&) { return n_saved < 2; }, nullptr,
      [&](const Census& so_far) {
        saved = census_from_arrays(to_arrays(so_far));
        ++n_saved;
      });
  EXPECT_FALSE(is_complete(part, options));
  EXPECT_EQ(saved.n_networks, 128);
  const Census rest = take_census(pitchfork, kRanges, options, {}, {}, &saved);
  EXPECT_TRUE(is_complete(rest, options));
  expect_equal(one, rest);
}

TEST(Census, ShardsMergeToTheWhole) {
  SampleOptions options = samples(400);
  const Census whole = take_census(pitchfork, kRanges, options);
  std::vector<Census> shards;
  for (const char* shard : {"2/3", "0/3", "1/3"}) {
    options.shard = shard;
    shards.push_back(take_census(pitchfork, kRanges, options));
    EXPECT_LT(shards.back().n_networks, 200);
  }
  expect_equal(whole, merge(shards));
  shards[1].ranges[0].upper = 7;
  EXPECT_THROW(merge(shards), InvalidInput);
}

TEST(Census, AGridCoversTheRangesWithItsEnds) {
  SampleOptions options;
  options.grid = 4;
  EXPECT_EQ(n_networks(kRanges, options), 16);
  EXPECT_EQ(draw_values(kRanges, options, 0), Vector(Eigen::Vector2d(-1, 0)));
  EXPECT_EQ(draw_values(kRanges, options, 15), Vector(Eigen::Vector2d(1, 1)));
  EXPECT_NEAR(draw_values(kRanges, options, 5)(0), -1.0 / 3, 1e-15);
  const Census census = take_census(pitchfork, kRanges, options);
  ASSERT_EQ(census.topologies.size(), 2U);
  EXPECT_EQ(census.topologies[0].n_networks, 8);
}

TEST(Census, ShrinkDividesAllValuesOfANetwork) {
  SampleOptions options = samples(1);
  const Vector plain = draw_values({{"a", 1, 2}}, options, 0);
  options.shrink = 1000;
  double least = 1;
  for (int i = 0; i < 100; ++i) least = std::min(least, draw_values({{"a", 1, 2}}, options, i)(0));
  EXPECT_GE(plain(0), 1);
  EXPECT_LT(least, 0.01);
}

TEST(Census, ADirectedSearchStaysNearWhatItSeeksAndWithinTheRanges) {
  // Three points are a tenth of the networks; looking near them finds more.
  const std::vector<Range> ranges = {{"a", -9, 1}, {"b", 0, 1}};
  SampleOptions options = samples(512);
  const auto share = [&] {
    const Census census = take_census(pitchfork, ranges, options);
    EXPECT_EQ(census.n_networks, 512);
    for (const Topology& topology : census.topologies)
      if (topology.counts.n_points() == 3) return topology.n_networks;
    return std::int64_t{0};
  };
  const std::int64_t at_random = share();
  options.seek = Seek::topologies;
  EXPECT_GT(share(), at_random * 3 / 2);
  Topology edge;
  edge.values = edge.last_values = Eigen::Vector2d(1, 1);
  for (int i = 0; i < 200; ++i) EXPECT_LE(draw_values(ranges, options, i, {edge}).maxCoeff(), 1);
}

TEST(Census, EstimatesWhatItHasNotMet) {
  Census census;
  for (const std::int64_t n : {1, 1, 1, 2, 9}) {
    census.topologies.emplace_back();
    census.topologies.back().n_networks = n;
  }
  EXPECT_DOUBLE_EQ(census.unseen_estimate(), 3 * 2 / (2.0 * 2));
}

TEST(Census, RefusesOptionsOutOfRange) {
  const auto refused = [](const SampleOptions& options, const std::vector<Range>& ranges) {
    EXPECT_THROW(n_networks(ranges, options), InvalidInput);
  };
  refused(samples(0), kRanges);
  refused(samples(5), {});
  refused(samples(5), {{"a", 1, 1}});
  SampleOptions options;
  options.grid = 1;
  refused(options, kRanges);
  options.grid = 40000;
  refused(options, kRanges);
  options = {};
  options.shrink = 0.5;
  refused(options, kRanges);
  options = {};
  options.seek = Seek::n_points;
  options.shard = "0/2";
  refused(options, kRanges);
  for (const char* shard : {"2/2", "1", "x/2", "-1/2"}) {
    options = {};
    options.shard = shard;
    EXPECT_THROW(take_census(pitchfork, kRanges, options), InvalidInput) << shard;
  }
}

}  // namespace
}  // namespace nullcline::census
