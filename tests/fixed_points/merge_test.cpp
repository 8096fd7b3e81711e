// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/merge.hpp"

#include <gtest/gtest.h>

namespace nullcline::fixed_points {
namespace {

TEST(UniquenessBoxes, FindWhatLiesInside) {
  UniquenessBoxes boxes(2);
  boxes.add(Vector{{0.0, 0.0}}, 0.5, 7);
  boxes.add(Vector{{2.0, 0.0}}, 0.25, 9);
  EXPECT_EQ(boxes.find(Vector{{0.5, -0.5}}.data()), 7);  // the boundary belongs to the box
  EXPECT_EQ(boxes.find(Vector{{0.4, 0.6}}.data()), -1);
  EXPECT_EQ(boxes.find(Vector{{1.8, 0.2}}.data()), 9);
  EXPECT_EQ(boxes.find(Vector{{NAN, 0.0}}.data()), -1);
}

}  // namespace
}  // namespace nullcline::fixed_points
