// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using ::testing::HasSubstr;

std::vector<FixedPointSet> example_sets() {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(2));
  SearchOptions options;
  options.n_starts = 600;
  options.seed = UINT64_MAX - 3;
  std::vector<FixedPointSet> sets;
  for (const double input : {0.0, 1.0})
    sets.push_back(find_fixed_points(*system, Vector{{input, 0.0}}, Matrix(0, 2), options));
  for (FixedPointSet& set : sets)
    for (FixedPoint& point : set.points) point.readout = 2 * point.state;
  return sets;
}

void expect_equal(const FixedPoint& a, const FixedPoint& b) {
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.speed, b.speed);
  EXPECT_EQ(a.residual, b.residual);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.radius, b.radius);
  EXPECT_EQ(a.uniqueness_radius, b.uniqueness_radius);
  EXPECT_EQ(a.stability, b.stability);
  EXPECT_EQ(a.n_unstable, b.n_unstable);
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.has_index, b.has_index);
  EXPECT_EQ(a.eigenvalues, b.eigenvalues);
  EXPECT_EQ(a.right_eigenvectors, b.right_eigenvectors);
  EXPECT_EQ(a.left_eigenvectors, b.left_eigenvectors);
  EXPECT_EQ(a.time_constants, b.time_constants);
  EXPECT_EQ(a.frequencies, b.frequencies);
  EXPECT_EQ(a.defective, b.defective);
  EXPECT_EQ(a.at_kink, b.at_kink);
  EXPECT_EQ(a.hits, b.hits);
  EXPECT_EQ(a.lifetime, b.lifetime);
  EXPECT_EQ(a.readout, b.readout);
}

void expect_equal(const FixedPointSet& a, const FixedPointSet& b) {
  EXPECT_EQ(a.input, b.input);
  EXPECT_EQ(a.seconds, b.seconds);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.audit.index_sum, b.audit.index_sum);
  EXPECT_EQ(a.audit.index_expected, b.audit.index_expected);
  EXPECT_EQ(a.audit.completeness, b.audit.completeness);
  EXPECT_EQ(a.audit.completeness_note, b.audit.completeness_note);
  EXPECT_EQ(a.audit.unseen_estimate, b.audit.unseen_estimate);
  EXPECT_EQ(a.audit.coverage, b.audit.coverage);
  EXPECT_EQ(a.audit.capture_bound, b.audit.capture_bound);
  EXPECT_EQ(a.audit.min_hits, b.audit.min_hits);
  EXPECT_EQ(a.audit.n_starts, b.audit.n_starts);
  EXPECT_EQ(a.audit.n_converged, b.audit.n_converged);
  EXPECT_EQ(a.audit.n_outside_box, b.audit.n_outside_box);
  EXPECT_EQ(a.audit.n_unconverged, b.audit.n_unconverged);
  EXPECT_EQ(a.audit.n_newton_steps, b.audit.n_newton_steps);
  ASSERT_EQ(a.points.size(), b.points.size());
  for (std::size_t i = 0; i < a.points.size(); ++i) expect_equal(a.points[i], b.points[i]);
}

TEST(FixedPointArrays, ComeBackAsTheyWere) {
  std::vector<FixedPointSet> sets = example_sets();
  sets[0].points[0].has_index = false;
  sets[0].points[0].at_kink = sets[0].points[1].defective = true;
  sets[1].audit.index_expected.reset();
  sets[1].points[0].kind = Kind::slow;
  const std::vector<FixedPointSet> back = fixed_point_sets_from_arrays(to_arrays(sets));
  ASSERT_EQ(back.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) expect_equal(sets[i], back[i]);
}

TEST(FixedPointArrays, MayHoldTheLeadingModesAlone) {
  std::vector<FixedPointSet> sets = example_sets();
  for (FixedPointSet& set : sets)
    for (FixedPoint& point : set.points) {
      point.right_eigenvectors = ComplexMatrix(point.right_eigenvectors.leftCols(1));
      point.left_eigenvectors = ComplexMatrix(point.left_eigenvectors.topRows(1));
    }
  const std::vector<FixedPointSet> back = fixed_point_sets_from_arrays(to_arrays(sets));
  for (std::size_t i = 0; i < 2; ++i) expect_equal(sets[i], back[i]);
  sets[0].points[0].left_eigenvectors.resize(0, sets[0].points[0].state.size());
  EXPECT_THROW(to_arrays(sets), InvalidInput);
}

TEST(FixedPointArrays, SurviveAFile) {
  const std::vector<FixedPointSet> sets = example_sets();
  const std::string path = ::testing::TempDir() + "/points.nc";
  io::write_hdf5(path, to_arrays(sets));
  const std::vector<FixedPointSet> back = fixed_point_sets_from_arrays(io::read_hdf5(path));
  ASSERT_EQ(back.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) expect_equal(sets[i], back[i]);
}

TEST(FixedPointArrays, MayBeEmpty) {
  FixedPointSet none;
  none.input = Vector{{0.5}};
  const auto back = fixed_point_sets_from_arrays(to_arrays({none}));
  ASSERT_EQ(back.size(), 1U);
  EXPECT_TRUE(back[0].points.empty());
  EXPECT_EQ(back[0].input, none.input);
  EXPECT_TRUE(fixed_point_sets_from_arrays(to_arrays({})).empty());
}

TEST(FixedPointArrays, NameTheirDimensions) {
  const NamedArrays arrays = to_arrays(example_sets());
  using Names = std::vector<std::string>;
  EXPECT_EQ(arrays.at("states").dimensions, (Names{"fixed_point", "state"}));
  EXPECT_EQ(arrays.at("eigenvalues_im").dimensions, (Names{"fixed_point", "eigenvalue"}));
  EXPECT_EQ(arrays.at("left_eigenvectors_re").dimensions, (Names{"fixed_point", "mode", "state"}));
  EXPECT_EQ(arrays.at("completeness").dimensions, (Names{"input"}));
}

template <class Change>
std::string refusal(Change&& change) {
  NamedArrays arrays = to_arrays(example_sets());
  change(arrays);
  try {
    fixed_point_sets_from_arrays(arrays);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "no error";
}

TEST(FixedPointArrays, RefuseWhatDoesNotFit) {
  EXPECT_THAT(refusal([](NamedArrays& a) { a.set_strings("kind", {"fixed"}, "one", ""); }),
              HasSubstr("'kind'"));
  EXPECT_THAT(refusal([](NamedArrays& a) {
                auto kinds = a.strings("kind");
                kinds[0] = "sofa";
                a.set_strings("kind", kinds, "fixed_point", "");
              }),
              HasSubstr("found 'sofa'"));
  EXPECT_THAT(refusal([](NamedArrays& a) {
                auto index = a.integers("input_index");
                index[0] = 2;
                a.set_integers("input_index", index, "fixed_point", "");
              }),
              HasSubstr("found 2, expected 0 to 1"));
  EXPECT_THAT(refusal([](NamedArrays& a) {
                auto index = a.integers("input_index");
                index[0] = -1;
                a.set_integers("input_index", index, "fixed_point", "");
              }),
              HasSubstr("found -1"));
  EXPECT_THAT(refusal([](NamedArrays& a) { a.set_vector("speed", Vector::Zero(2), "x", ""); }),
              HasSubstr("'speed'"));
  EXPECT_THAT(refusal([](NamedArrays& a) { a.set_vector("seconds", Vector::Zero(3), "x", ""); }),
              HasSubstr("'seconds' has 3 entries, expected 2"));
  EXPECT_THAT(refusal([](NamedArrays& a) {
                a.set("states", Matrix::Zero(3, 2), {"fixed_point", "state"}, "");
              }),
              HasSubstr("array"));
  EXPECT_THAT(refusal([](NamedArrays& a) { a.set_scalar("states", 1, ""); }), HasSubstr("0 axes"));
}

TEST(FixedPointArrays, RefuseToMixSystems) {
  std::vector<FixedPointSet> sets = example_sets();
  sets[1].points[0].state = Vector::Zero(3);
  EXPECT_THROW(to_arrays(sets), InvalidInput);
  sets = example_sets();
  sets[1].input = Vector::Zero(3);
  EXPECT_THROW(to_arrays(sets), InvalidInput);
}

}  // namespace
}  // namespace nullcline::fixed_points
