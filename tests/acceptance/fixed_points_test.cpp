// SPDX-License-Identifier: BSD-3-Clause
// Every trained network of the test data with default options: all of its fixed points and none
// besides, each proven, the audit passed, and within the time promised.
#include <gtest/gtest.h>
#include <time.h>

#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using models::CellKind;

struct Case {
  const char* name;
  CellKind cell;
  Completeness completeness = Completeness::statistical;
};

class AllFixedPoints : public ::testing::TestWithParam<Case> {};

// Processor time: what other processes take does not count.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

TEST_P(AllFixedPoints, AreFoundAndNoneBesides) {
  const testing::Oracle oracle = testing::load_oracle(GetParam().name, GetParam().cell);
  set_n_threads(1);
  const double start = thread_seconds();
  const FixedPointSet set = find_fixed_points(*oracle.system, oracle.input, oracle.visited);
  const double seconds = thread_seconds() - start;
  set_n_threads(0);

  const Matrix found = testing::fixed_states(set, oracle.expected.cols());
  EXPECT_EQ(found.rows(), oracle.expected.rows());
  EXPECT_LE(testing::farthest(oracle.expected, found), 1e-9) << "a point was missed";
  EXPECT_LE(testing::farthest(found, oracle.expected), 1e-9) << "a point was made up";
  EXPECT_EQ(set.audit.index_sum, 1);
  EXPECT_EQ(set.audit.completeness, GetParam().completeness) << set.audit.completeness_note;
  for (const FixedPoint& point : set.points) {
    EXPECT_NE(point.kind, Kind::undecided);
    if (point.kind != Kind::fixed) continue;
    EXPECT_EQ(point.verdict, Verdict::proven);
    EXPECT_LT(point.radius, 1e-10);
  }
  // In linear solves, since seconds depend on the machine: some 10 us each with 64 units.
  EXPECT_LT(set.audit.n_newton_steps, 120000);
  RecordProperty("seconds", std::to_string(seconds));
}

TEST_P(AllFixedPoints, AreFoundWithoutVisitedStates) {
  const testing::Oracle oracle = testing::load_oracle(GetParam().name, GetParam().cell);
  const FixedPointSet set =
      find_fixed_points(*oracle.system, oracle.input, Matrix(0, oracle.visited.cols()));
  const Matrix found = testing::fixed_states(set, oracle.expected.cols());
  EXPECT_EQ(found.rows(), oracle.expected.rows());
  EXPECT_LE(testing::farthest(oracle.expected, found), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(
    TrainedFlipFlops, AllFixedPoints,
    ::testing::Values(
        Case{"gru8_proven27", CellKind::gru, Completeness::proven},
        Case{"gru16_seed0", CellKind::gru}, Case{"gru16_seed1", CellKind::gru},
        Case{"gru64_seed2", CellKind::gru}, Case{"lstm16_seed0", CellKind::lstm},
        Case{"lstm64_seed0", CellKind::lstm}, Case{"vanilla16_seed0", CellKind::vanilla},
        Case{"vanilla16_seed1", CellKind::vanilla}, Case{"vanilla64_4bit", CellKind::vanilla},
        Case{"vanilla64_seed1", CellKind::vanilla}, Case{"vanilla100_5bit", CellKind::vanilla}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace nullcline::fixed_points
