// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace nullcline::fixed_points {

/// After how many steps to give up a start.
///
/// Undamped Newton hops from basin to basin until it converges by chance; on hard problems nearly
/// none does, and to go on is worth less than to start anew. From the steps of observed starts, the
/// limit T is the one that makes the expected number of steps for each convergence smallest:
///
///     ( sum of the steps of starts that converged within T  +  T x (all other starts) ) /
///     (converged within T)
///
/// Reference: Luby, Sinclair & Zuckerman (1993).
class Patience {
 public:
  /// Until something is observed the limit is `first_limit`.
  explicit Patience(int first_limit);

  /// Observes a start that converged after `steps` steps, or was given up then.
  void observe(int steps, bool converged);
  int limit() const;
  /// Convergences for each step when starts are given up at the limit; 0 before any.
  double yield() const;

 private:
  struct Best {
    int limit;
    double yield;
  };
  Best best() const;

  int first_limit_;
  std::vector<std::int64_t> converged_;  // by number of steps
  std::int64_t n_starts_ = 0;
};

}  // namespace nullcline::fixed_points
