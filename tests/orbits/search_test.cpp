// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "support.hpp"

namespace nullcline::orbits {
namespace {

using fixed_points::FixedPointSet;
using fixed_points::Stability;
using fixed_points::Verdict;
using ::testing::HasSubstr;
using testing::in_unit_box;
using testing::load_oracle;
using testing::Oracle;
using testing::points_of;

OrbitSet orbits_of(const dynamics::System& system, const OrbitOptions& options = {}) {
  const Matrix none(0, system.n_states());
  return find_orbits(system, points_of(system, none), none, options);
}

std::int64_t counted(const OrbitSet& set) {
  return set.n_at_points + set.n_at_orbits + set.n_at_rest_elsewhere + set.n_diverged +
         set.n_undecided;
}

TEST(FindOrbits, FindsTheMemoriesOfANetworkWithoutStableFixedPoints) {
  const Oracle oracle = load_oracle("vanilla16_seed0", models::CellKind::vanilla);
  const FixedPointSet points = points_of(*oracle.system, oracle.visited);
  const OrbitSet set = find_orbits(*oracle.system, points, oracle.visited);
  EXPECT_EQ(set.n_trajectories, 64);
  EXPECT_EQ(set.n_at_orbits, 64);
  EXPECT_EQ(set.n_at_points, 0);
  ASSERT_EQ(set.orbits.size(), 8U);
  const Matrix both = oracle.truth.matrix("cyc2_x");
  std::int64_t n_ends = 0;
  for (const Orbit& orbit : set.orbits) {
    EXPECT_EQ(orbit.kind, Kind::periodic);
    EXPECT_EQ(orbit.period, 2);
    EXPECT_EQ(orbit.stability, Stability::stable);
    EXPECT_EQ(orbit.verdict, Verdict::proven);
    EXPECT_GT(orbit.n_ends, 0);
    n_ends += orbit.n_ends;
    for (Index j = 0; j < 2; ++j)
      EXPECT_LT((both.rowwise() - orbit.points.row(j)).cwiseAbs().rowwise().maxCoeff().minCoeff(),
                1e-10);
  }
  EXPECT_EQ(n_ends, 64);
  EXPECT_EQ(set.note,
            "64 of 64 trajectories end at no fixed point: 64 on 8 stable orbits of period 2");
}

TEST(FindOrbits, FindsNoneWhereTrajectoriesEndAtFixedPoints) {
  const Oracle oracle = load_oracle("gru16_seed0", models::CellKind::gru);
  const FixedPointSet points = points_of(*oracle.system, oracle.visited);
  const OrbitSet set = find_orbits(*oracle.system, points, oracle.visited);
  EXPECT_EQ(set.n_at_points, 64);
  EXPECT_TRUE(set.orbits.empty());
  EXPECT_THAT(set.note, HasSubstr("all 64 trajectories"));
  std::int64_t n_ends = 0;
  for (std::size_t i = 0; i < points.points.size(); ++i) {
    n_ends += set.ends_at_point[i];
    if (points.points[i].stability != Stability::stable) {
      EXPECT_EQ(set.ends_at_point[i], 0);
    }
  }
  EXPECT_EQ(n_ends, 64);
}

TEST(FindOrbits, IsTheSameForAnyNumberOfThreads) {
  const Oracle oracle = load_oracle("vanilla16_seed0", models::CellKind::vanilla);
  const FixedPointSet points = points_of(*oracle.system, oracle.visited);
  set_n_threads(1);
  const OrbitSet one = find_orbits(*oracle.system, points, oracle.visited);
  set_n_threads(2);
  const OrbitSet two = find_orbits(*oracle.system, points, oracle.visited);
  set_n_threads(0);
  ASSERT_EQ(one.orbits.size(), two.orbits.size());
  for (std::size_t i = 0; i < one.orbits.size(); ++i) {
    EXPECT_EQ(one.orbits[i].points, two.orbits[i].points);
    EXPECT_EQ(one.orbits[i].n_ends, two.orbits[i].n_ends);
  }
}

TEST(FindOrbits, FindsAnInvariantCircle) {
  const OrbitSet set = orbits_of(in_unit_box(testing::Rotation{}, 2));
  ASSERT_EQ(set.orbits.size(), 1U);
  const Orbit& circle = set.orbits[0];
  EXPECT_EQ(circle.kind, Kind::invariant_circle);
  EXPECT_EQ(circle.n_ends, 64);
  EXPECT_GT(circle.rotation_number, 0.1);
  EXPECT_LT(circle.rotation_number, 0.15);
  ASSERT_EQ(circle.exponents.size(), 2);
  EXPECT_NEAR(circle.exponents(0), 0, 1e-3);
  EXPECT_LT(circle.exponents(1), -0.1);
  EXPECT_THAT(set.note, HasSubstr("64 on an invariant circle"));
}

// The circle draws nearer by a thousandth in a step: trajectories are still far from it when they
// are first looked at, and its second exponent is hard to tell from zero.
TEST(FindOrbits, FindsACircleThatAttractsSlowly) {
  const OrbitSet set = orbits_of(in_unit_box(testing::Rotation{1.0005, 0.1234}, 2));
  ASSERT_EQ(set.orbits.size(), 1U);
  EXPECT_EQ(set.orbits[0].kind, Kind::invariant_circle);
  EXPECT_LT(set.orbits[0].residual, 1e-8);
  EXPECT_EQ(set.orbits[0].n_ends, 64);
}

// The angle advances by a quarter turn, and by a little towards four of its values: an orbit of
// period 4 that attracts by 1.2e-3 in a step, so that its states do not come back in time.
TEST(FindOrbits, FindsAnOrbitThatAttractsSlowly) {
  const auto map = in_unit_box(testing::Resonance{}, 2);
  const OrbitSet set = orbits_of(map);
  ASSERT_EQ(set.orbits.size(), 1U);
  EXPECT_EQ(set.orbits[0].kind, Kind::periodic);
  EXPECT_EQ(set.orbits[0].period, 4);
  EXPECT_EQ(set.orbits[0].verdict, Verdict::proven);
  EXPECT_EQ(set.orbits[0].stability, Stability::stable);
  EXPECT_NEAR(std::abs(set.orbits[0].multipliers(0)), std::pow(1 - 1.2e-3, 4), 1e-9);
  EXPECT_EQ(set.orbits[0].n_ends, 64);
}

// A spiral into a point that is not listed, too slow for its end to be seen.
TEST(FindOrbits, ListsUndecidedEndsInOnePlaceOnce) {
  FixedPointSet nothing;
  nothing.input = Vector(0);
  const auto map = in_unit_box(testing::Rotation{1 - 1e-6, 0.1234}, 2);
  const OrbitSet set = find_orbits(map, nothing, Matrix(0, 2));
  EXPECT_EQ(set.n_undecided, 64);
  ASSERT_EQ(set.orbits.size(), 1U);
  EXPECT_EQ(set.orbits[0].kind, Kind::undecided);
  EXPECT_GE(set.orbits[0].n_ends, 12);
}

TEST(FindOrbits, TellsATorusFromCirclesAndChaos) {
  const OrbitSet set = orbits_of(in_unit_box(testing::TwoRotations{}, 4));
  ASSERT_EQ(set.orbits.size(), 1U);
  EXPECT_EQ(set.orbits[0].kind, Kind::torus);
  EXPECT_EQ(set.orbits[0].n_ends, 64);
}

TEST(FindOrbits, FindsChaosAndWhatDiverges) {
  const dynamics::FunctionSystem map(testing::Henon{}, 2, 0);
  const OrbitSet set = orbits_of(map);
  ASSERT_EQ(set.orbits.size(), 1U);
  EXPECT_EQ(set.orbits[0].kind, Kind::chaotic);
  EXPECT_NEAR(set.orbits[0].exponents(0), 0.419, 0.02);
  EXPECT_EQ(set.orbits[0].n_unstable, 1);
  EXPECT_GT(set.orbits[0].n_ends, 30);
  EXPECT_EQ(set.orbits[0].n_ends + set.n_diverged, 64);
  EXPECT_GT(set.n_diverged, 0);
  EXPECT_EQ(counted(set), 64);
}

TEST(FindOrbits, LeavesSaddlesOnWhichTrajectoriesStart) {
  const auto map = in_unit_box(testing::Flip{}, 1);
  const Matrix origin = Matrix::Zero(4, 1);
  const OrbitSet set = find_orbits(map, points_of(map, origin), origin);
  EXPECT_EQ(set.n_at_points, 0);
  ASSERT_EQ(set.orbits.size(), 1U);
  EXPECT_EQ(set.orbits[0].n_ends, 4);
}

TEST(FindOrbits, SaysWhereTrajectoriesRestAtNoListedPoint) {
  const auto map = in_unit_box(testing::Rotation{0.9, 0.1234}, 2);
  FixedPointSet nothing;
  nothing.input = Vector(0);
  const OrbitSet set = find_orbits(map, nothing, Matrix(0, 2));
  EXPECT_EQ(set.n_at_rest_elsewhere, 64);
  EXPECT_THAT(set.note, HasSubstr("64 at rest where no fixed point is listed"));
}

TEST(FindOrbits, FollowsAsManyTrajectoriesAsIsSaid) {
  OrbitOptions options;
  options.trajectories = 5;
  EXPECT_EQ(orbits_of(in_unit_box(testing::Flip{}, 1), options).n_trajectories, 5);
  options.trajectories = 0;
  const OrbitSet none = orbits_of(in_unit_box(testing::Flip{}, 1), options);
  EXPECT_EQ(none.n_trajectories, 0);
  EXPECT_TRUE(none.orbits.empty());
}

TEST(FindOrbits, FollowsThemAsLongAsIsSaid) {
  OrbitOptions options;
  options.trajectory_steps = 1;
  const OrbitSet set = orbits_of(in_unit_box(testing::Flip{}, 1), options);
  EXPECT_EQ(set.n_at_points, 0);
  EXPECT_EQ(counted(set), 64);
  EXPECT_LT(set.n_at_orbits, 64);
}

TEST(FindOrbits, SearchesAllOrbitsUpToThePeriodThatIsSaid) {
  OrbitOptions options;
  options.max_period = 3;
  options.trajectories = 0;
  options.search.n_starts = 600;
  const OrbitSet set = orbits_of(in_unit_box(testing::Flip{}, 1), options);
  ASSERT_EQ(set.orbits.size(), 1U);
  EXPECT_EQ(set.orbits[0].n_ends, 0);
  ASSERT_EQ(set.periods.size(), 2U);
  EXPECT_EQ(set.periods[0].period, 2);
  EXPECT_EQ(set.periods[0].index_sum, 1);
  EXPECT_EQ(set.periods[0].n_orbits, 1);
  EXPECT_EQ(set.periods[1].period, 3);
  EXPECT_EQ(set.periods[1].index_sum, 1);
  EXPECT_EQ(set.periods[1].n_orbits, 0);
}

TEST(FindOrbits, LeavesFlowsOut) {
  const dynamics::FunctionSystem flow(testing::Flip{}, 1, 0, dynamics::Time::continuous);
  FixedPointSet nothing;
  nothing.input = Vector(0);
  const OrbitSet set = find_orbits(flow, nothing, Matrix(0, 1));
  EXPECT_EQ(set.n_trajectories, 0);
  EXPECT_THAT(set.note, HasSubstr("flow"));
}

TEST(FindOrbits, RefusesWhatDoesNotFit) {
  const auto map = in_unit_box(testing::Flip{}, 1);
  FixedPointSet nothing;
  nothing.input = Vector(0);
  const Matrix none(0, 1);
  OrbitOptions options;
  options.trajectories = -1;
  EXPECT_THROW(find_orbits(map, nothing, none, options), InvalidInput);
  options = {};
  options.trajectory_steps = 0;
  EXPECT_THROW(find_orbits(map, nothing, none, options), InvalidInput);
  options = {};
  options.max_period = 65;
  EXPECT_THROW(find_orbits(map, nothing, none, options), InvalidInput);
  EXPECT_THROW(find_orbits(map, nothing, Matrix::Zero(1, 2), {}), InvalidInput);
}

TEST(FindOrbits, StopsWhenItIsTold) {
  const auto map = in_unit_box(testing::Flip{}, 1);
  FixedPointSet nothing;
  nothing.input = Vector(0);
  const OrbitSet set =
      find_orbits(map, nothing, Matrix(0, 1), {}, [](const ProgressUpdate&) { return false; });
  EXPECT_EQ(set.n_undecided, 64);
}

TEST(OrbitArrays, KeepWhatWasFound) {
  const auto map = in_unit_box(testing::Flip{}, 1);
  FixedPointSet points = points_of(map, Matrix(0, 1));
  OrbitOptions options;
  options.max_period = 2;
  options.search.n_starts = 600;
  OrbitSet set = find_orbits(map, points, Matrix(0, 1), options);
  set.orbits[0].readouts = 2 * set.orbits[0].points;
  set.orbits[0].at_kink = true;
  set.periods[0].n_undecided = 3;
  NamedArrays arrays = fixed_points::to_arrays({points});
  add_arrays(arrays, {set});
  const std::vector<OrbitSet> sets = orbit_sets_from_arrays(arrays, 1);
  ASSERT_EQ(sets.size(), 1U);
  const OrbitSet& back = sets[0];
  ASSERT_EQ(back.orbits.size(), set.orbits.size());
  EXPECT_EQ(back.orbits[0].points, set.orbits[0].points);
  EXPECT_EQ(back.orbits[0].readouts, set.orbits[0].readouts);
  EXPECT_EQ(back.orbits[0].multipliers, set.orbits[0].multipliers);
  EXPECT_EQ(back.orbits[0].kind, Kind::periodic);
  EXPECT_EQ(back.orbits[0].period, 2);
  EXPECT_EQ(back.orbits[0].radius, set.orbits[0].radius);
  EXPECT_EQ(back.orbits[0].n_ends, set.orbits[0].n_ends);
  EXPECT_TRUE(back.orbits[0].at_kink);
  EXPECT_EQ(back.periods.at(0).n_undecided, 3);
  EXPECT_EQ(back.orbits[0].evidence, set.orbits[0].evidence);
  EXPECT_EQ(back.note, set.note);
  EXPECT_EQ(back.n_at_orbits, set.n_at_orbits);
  EXPECT_EQ(back.ends_at_point, set.ends_at_point);
  ASSERT_EQ(back.periods.size(), 1U);
  EXPECT_EQ(back.periods[0].index_sum, 1);
  EXPECT_EQ(back.periods[0].index_expected, 1);
}

TEST(OrbitArrays, AreEmptyWhereAFileHasNone) {
  const auto sets = orbit_sets_from_arrays(NamedArrays{}, 3);
  ASSERT_EQ(sets.size(), 3U);
  EXPECT_TRUE(sets[0].orbits.empty());
}

TEST(OrbitArrays, AreRefusedIfTheyDoNotFit) {
  const auto map = in_unit_box(testing::Flip{}, 1);
  const FixedPointSet points = points_of(map, Matrix(0, 1));
  NamedArrays arrays = fixed_points::to_arrays({points});
  add_arrays(arrays, {find_orbits(map, points, Matrix(0, 1))});
  const auto refused = [&](const std::string& name, std::vector<std::int64_t> values,
                           const std::string& dimension) {
    NamedArrays damaged = arrays;
    damaged.set_integers(name, std::move(values), dimension, "");
    EXPECT_THROW(orbit_sets_from_arrays(damaged, 1), FormatError) << name;
  };
  refused("orbit_of_point", {0, 1}, "orbit_point");
  refused("orbit_of_point", {0}, "orbit_point");
  refused("orbit_input_index", {1}, "orbit");
  refused("orbit_period", {3}, "orbit");
  refused("orbit_period", {-2}, "orbit");
  refused("orbit_period", {0}, "orbit");
  refused("n_ends", {1, 2, 3}, "fixed_point");
  NamedArrays damaged = arrays;
  damaged.set_strings("orbit_kind", {"spiral"}, "orbit", "");
  EXPECT_THROW(orbit_sets_from_arrays(damaged, 1), FormatError);
  for (const std::int64_t circles : {0, 3}) {  // of which two states are no whole number
    damaged.set_strings("orbit_kind", {"invariant_circle"}, "orbit", "");
    damaged.set_integers("orbit_period", {circles}, "orbit", "");
    EXPECT_THROW(orbit_sets_from_arrays(damaged, 1), FormatError);
  }
}

}  // namespace
}  // namespace nullcline::orbits
