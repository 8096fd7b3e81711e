// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "nullcline/portrait/nullclines.hpp"

namespace nullcline::portrait::internal {

/// A corner of cells, in units of the finest cell; both coordinates in one number.
using Corner = std::uint64_t;
inline Corner corner(std::uint32_t x, std::uint32_t y) {
  return (static_cast<Corner>(x) << 32) | y;
}
inline std::uint32_t corner_x(Corner c) { return static_cast<std::uint32_t>(c >> 32); }
inline std::uint32_t corner_y(Corner c) { return static_cast<std::uint32_t>(c); }

/// A piece of an edge between two corners of cells, lower one first, on which g changes its sign.
using Crossing = std::array<Corner, 2>;

struct Cell {
  int level = 0;
  std::uint32_t x = 0, y = 0;  ///< lower corner
};

/// The cells of a box that the zero set of a function meets.
class Quadtree {
 public:
  Quadtree(const PlaneFunction& g, const dynamics::Box& box, const NullclineOptions& options);
  void subdivide();

  /// Cells in which the gradient turns by less than a right angle, each with two crossings or none.
  const std::vector<Cell>& regular() const { return regular_; }
  /// The finest cells that are not regular.
  const std::vector<Cell>& singular() const { return singular_; }
  /// Whether the cells sufficed; else the rest of the box is left out.
  bool is_complete() const { return is_complete_; }

  std::vector<Crossing> crossings(const Cell& cell);
  std::uint32_t width(const Cell& cell) const { return 1U << (options_.finest - cell.level); }
  Vector place(double x, double y) const;
  Vector place(Corner c) const { return place(corner_x(c), corner_y(c)); }
  /// Where g vanishes between two corners of different signs, by bisection.
  Vector root(const Crossing& crossing);
  double value(const Vector& place) const { return g_.value(place(0), place(1)); }
  Vector gradient(const Vector& place) const;
  const Vector& widths() const { return widths_; }
  bool is_proven() const { return static_cast<bool>(g_.enclosure); }

 private:
  enum class Test { empty, regular, neither };
  Test test(const Cell& cell) const;
  Test test_by_samples(const Cell& cell) const;
  void settle(std::vector<Cell> pending);
  void add_corners(const Cell& cell);
  bool is_positive(Corner c);
  void add_crossings(Corner a, Corner b, std::vector<Crossing>& out);

  const PlaneFunction& g_;
  const Vector lower_, widths_;
  const NullclineOptions options_;
  std::vector<Cell> regular_, singular_;
  std::unordered_set<Corner> corners_;
  std::unordered_map<Corner, bool> signs_;
  Index n_cells_ = 0;
  bool is_complete_ = true;
};

}  // namespace nullcline::portrait::internal
