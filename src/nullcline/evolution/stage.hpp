// SPDX-License-Identifier: BSD-3-Clause
// The search at one snapshot: as much as warm starts need, and fast for many units.
#pragma once

#include <memory>
#include <vector>

#include "nullcline/evolution/types.hpp"
#include "nullcline/fixed_points/collection.hpp"
#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::evolution {

/// A certified point.
struct Found {
  Vector state;
  Vector point;  ///< in the coordinates of the equation
  fixed_points::Certificate certificate;
  int index = 0;
  std::int64_t hits = 0;
};

struct SearchSizes {
  int starts = 0, visited = 0, iterations = 0, max_points = 0;
  std::uint64_t seed = 0;
};

/// The points of one system, each once. Points are certified and compared by their boxes.
class Stage {
 public:
  /// @throws InvalidInput if `input` does not fit.
  Stage(std::shared_ptr<const dynamics::System> system, ConstVectorRef input);

  const dynamics::System& system() const { return *system_; }
  /// Takes the points of an earlier look, in their order.
  void restore(const std::vector<Found>& known);
  /// The place of the fixed point at `state` in found(), added if it is new; -1 if it is none.
  Index add(ConstVectorRef state);
  void search(ConstMatrixRef visited, const SearchSizes& sizes);
  const std::vector<Found>& found() const { return found_; }
  /// The audit of what was found.
  void fill(Snapshot& snapshot) const;

 private:
  Index add_point(ConstVectorRef point);
  void solve(const Matrix& starts, bool damped, int iterations, bool counted);
  Matrix known() const;
  bool is_sum_right() const;  ///< true where none is known

  std::shared_ptr<const dynamics::System> system_;
  fixed_points::Equation equation_;
  fixed_points::UniquenessBoxes boxes_;
  std::vector<Found> found_;
  std::int64_t n_starts_ = 0, n_undecided_ = 0;
};

/// Stability and the like of a point.
Point describe(const dynamics::System& system, ConstVectorRef input, const Found& found);

void set_completeness(Snapshot& snapshot);

}  // namespace nullcline::evolution
