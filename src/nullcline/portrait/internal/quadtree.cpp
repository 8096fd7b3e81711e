// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/internal/quadtree.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/core/error.hpp"

namespace nullcline::portrait::internal {

namespace {

using numerics::Interval;

std::array<Cell, 4> quarters(const Cell& cell, std::uint32_t half) {
  const int level = cell.level + 1;
  return {Cell{level, cell.x, cell.y}, Cell{level, cell.x + half, cell.y},
          Cell{level, cell.x, cell.y + half}, Cell{level, cell.x + half, cell.y + half}};
}

}  // namespace

Quadtree::Quadtree(const PlaneFunction& g, const dynamics::Box& box,
                   const NullclineOptions& options)
    : g_(g), lower_(box.lower), widths_(box.upper - box.lower), options_(options) {
  if (box.lower.size() != 2 || !(widths_.minCoeff() > 0) || !widths_.allFinite())
    throw InvalidInput("box: expected two intervals of positive length");
  if (options.coarsest < 0 || options.finest > 30 || options.coarsest > options.finest)
    throw InvalidInput(fmt::format("coarsest, finest: found {} and {}, expected 0 to 30, rising",
                                   options.coarsest, options.finest));
}

Vector Quadtree::place(double x, double y) const {
  const double unit = std::ldexp(1.0, -options_.finest);
  return lower_ + widths_.cwiseProduct(Eigen::Vector2d(x * unit, y * unit));
}

Vector Quadtree::gradient(const Vector& place) const {
  Vector result(2);
  g_.gradient(place(0), place(1), result.data());
  return result;
}

// In coordinates in which the box is a square: a gradient's components are times its widths.
Quadtree::Test Quadtree::test(const Cell& cell) const {
  if (!g_.enclosure) return test_by_samples(cell);
  const std::uint32_t w = width(cell);
  const Vector low = place(cell.x, cell.y), high = place(cell.x + w, cell.y + w);
  const std::array<Interval, 2> box{Interval(low(0), high(0)), Interval(low(1), high(1))};
  if (!g_.enclosure(box.data()).contains(0)) return Test::empty;
  if (cell.level < options_.coarsest) return Test::neither;
  std::array<Interval, 2> slope;
  g_.gradient_enclosure(box.data(), slope.data());
  const Vector middle = (low + high) / 2;
  const std::array<Interval, 2> center{Interval(middle(0)), Interval(middle(1))};
  const Interval by_mean = g_.enclosure(center.data()) + slope[0] * (box[0] - center[0]) +
                           slope[1] * (box[1] - center[1]);
  if (!by_mean.contains(0)) return Test::empty;
  Interval product;  // <G, G> of two independent gradients
  for (std::size_t j = 0; j < 2; ++j) {
    const double scale = widths_(static_cast<Index>(j));
    product += scale * (scale * (slope[j] * slope[j]));
  }
  return product.lower() > 0 ? Test::regular : Test::neither;
}

Quadtree::Test Quadtree::test_by_samples(const Cell& cell) const {
  if (cell.level < options_.coarsest) return Test::neither;
  const double w = width(cell);
  bool has_positive = false, has_negative = false, is_regular = true;
  const Vector middle = gradient(place(cell.x + w / 2, cell.y + w / 2)).cwiseProduct(widths_);
  for (int i = 0; i <= 2; ++i)
    for (int j = 0; j <= 2; ++j) {
      const Vector at = place(cell.x + i * w / 2, cell.y + j * w / 2);
      (value(at) < 0 ? has_negative : has_positive) = true;
      const Vector slope = gradient(at).cwiseProduct(widths_);
      is_regular = is_regular && slope.dot(middle) > 0.7 * slope.norm() * middle.norm();
    }
  // One level more than needed: a small loop is then not missed for its four corners alone.
  if (!(has_positive && has_negative))
    return cell.level > options_.coarsest || is_regular ? Test::empty : Test::neither;
  return is_regular ? Test::regular : Test::neither;
}

void Quadtree::add_corners(const Cell& cell) {
  const std::uint32_t w = width(cell);
  for (const std::uint32_t x : {cell.x, cell.x + w})
    for (const std::uint32_t y : {cell.y, cell.y + w}) corners_.insert(corner(x, y));
}

// Level by level, so that a zero set that fills an area is noticed before it fills the memory.
void Quadtree::settle(std::vector<Cell> pending) {
  while (!pending.empty()) {
    std::vector<Cell> next;
    for (const Cell& cell : pending) {
      const Test outcome = test(cell);
      if (outcome == Test::neither && cell.level < options_.finest) {
        for (const Cell& quarter : quarters(cell, width(cell) / 2)) next.push_back(quarter);
        continue;
      }
      add_corners(cell);
      if (outcome == Test::regular) regular_.push_back(cell);
      if (outcome == Test::neither) singular_.push_back(cell);
    }
    n_cells_ += static_cast<Index>(next.size());
    if (n_cells_ > options_.max_cells) {
      is_complete_ = false;
      return;
    }
    pending = std::move(next);
  }
}

void Quadtree::subdivide() {
  settle({Cell{}});
  // Quarters change the crossings of their neighbors: again until none has four.
  for (bool is_changed = true; is_changed;) {
    is_changed = false;
    std::vector<Cell> kept, divided;
    for (const Cell& cell : regular_) {
      if (crossings(cell).size() > 2 && cell.level < options_.finest)
        for (const Cell& quarter : quarters(cell, width(cell) / 2)) divided.push_back(quarter);
      else
        kept.push_back(cell);
    }
    regular_ = std::move(kept);
    is_changed = !divided.empty();
    settle(std::move(divided));
  }
}

bool Quadtree::is_positive(Corner c) {
  const auto [entry, is_new] = signs_.try_emplace(c, false);
  if (is_new) entry->second = !(value(place(c)) < 0);
  return entry->second;
}

void Quadtree::add_crossings(Corner a, Corner b, std::vector<Crossing>& out) {
  const Corner middle = corner((corner_x(a) + corner_x(b)) / 2, (corner_y(a) + corner_y(b)) / 2);
  if (middle != a && middle != b && corners_.contains(middle)) {
    add_crossings(a, middle, out);
    add_crossings(middle, b, out);
  } else if (is_positive(a) != is_positive(b)) {
    out.push_back({a, b});
  }
}

std::vector<Crossing> Quadtree::crossings(const Cell& cell) {
  const std::uint32_t w = width(cell), x = cell.x, y = cell.y;
  std::vector<Crossing> found;
  add_crossings(corner(x, y), corner(x + w, y), found);
  add_crossings(corner(x, y + w), corner(x + w, y + w), found);
  add_crossings(corner(x, y), corner(x, y + w), found);
  add_crossings(corner(x + w, y), corner(x + w, y + w), found);
  return found;
}

Vector Quadtree::root(const Crossing& crossing) {
  constexpr int kHalvings = 60;
  Vector low = place(crossing[0]), high = place(crossing[1]);
  const bool is_low_positive = is_positive(crossing[0]);
  for (int i = 0; i < kHalvings; ++i) {
    const Vector middle = (low + high) / 2;
    if (middle == low || middle == high) break;
    (!(value(middle) < 0) == is_low_positive ? low : high) = middle;
  }
  return is_low_positive ? low : high;
}

}  // namespace nullcline::portrait::internal
