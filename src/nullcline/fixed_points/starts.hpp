// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "nullcline/core/rng.hpp"
#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points {

/// Draws the starts of a search, in the coordinates of its equation. Each start depends on the seed
/// and its own number alone (and on the points known so far), so that a search does not depend on
/// the number of threads.
class Starts {
 public:
  /// `visited` (n, n_states) holds states seen in trajectories. If it is empty, states that the
  /// system visits from random starts stand in. Flows are stepped by a Runge-Kutta method.
  Starts(const dynamics::System& system, const Equation& equation, ConstMatrixRef visited,
         std::uint64_t seed);

  const Matrix& visited() const { return visited_; }  ///< (n, equation.size())
  const Vector& lower() const { return lower_; }      ///< the region of uniform starts: the
  const Vector& upper() const { return upper_; }  ///< trapping box, or 1.5 times that of visited

  /// Visited states at even distances, at most `n`.
  Matrix thinned(Index n) const;

  /// The counted start `number`: a mixture of 2 to 4 visited states (40 %), uniform in the region
  /// (25 %), a mixture of 2 to 4 rows of `known` (20 %; of visited states where fewer than two are
  /// known), or a visited state with noise of a random size (15 %).
  void draw(std::int64_t number, ConstMatrixRef known, VectorRef out) const;

  /// Where the homotopy path `number` starts: uniform in the region enlarged three times about its
  /// middle. The farther out a path starts, the more often it crosses t = 1.
  Vector path_start(std::int64_t number) const;

 private:
  void visit_from_random_starts(const dynamics::System& system, const Equation& equation);
  void set_region(const Equation& equation);

  std::uint64_t seed_;
  Matrix visited_;
  Vector lower_, upper_;
};

}  // namespace nullcline::fixed_points
