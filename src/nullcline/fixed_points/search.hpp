// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

/// How far to search. The defaults need no tuning.
struct SearchOptions {
  int n_starts = 5000;       ///< counted starts before the statistical stage may stop
  int max_starts = 40000;    ///< counted starts after which the search gives up
  int min_hits = 5;          ///< hits that every point must have before the search may stop
  int max_iterations = 200;  ///< Newton or Levenberg-Marquardt steps per start
  /// Boxes that a proof of completeness may look at (about 5 us each in 4 dimensions, 10 us in 8);
  /// 0 tries none. With a proof the starts of the first rounds suffice.
  int max_boxes = 100000;
  /// Eigenvectors that are kept of each point, those of the leading eigenvalues; 0: all. All of
  /// them are 32 MB for each point of 1000 units.
  int max_modes = 256;
  std::uint64_t seed = 0;
  /// Nothing follows a proof of completeness: hits are not counted, slow points not looked for.
  bool proof_suffices = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("n_starts", self.n_starts, "counted starts before the search may stop");
    field("max_starts", self.max_starts, "counted starts after which the search gives up");
    field("min_hits", self.min_hits, "hits each point must have before the search may stop");
    field("max_iterations", self.max_iterations, "solver steps per start");
    field("max_boxes", self.max_boxes, "boxes that a proof of completeness may look at, 0: none");
    field("max_modes", self.max_modes, "eigenvectors kept of each point, 0: all");
    field("seed", self.seed, "seed of the starts");
  }
};

/// Finds the fixed points and slow points of `system` under a held input, and audits the set.
///
/// Solves n(k) = k on the reduced map where the system has one, and F(h) = h (map) or f(h) = 0
/// (flow) otherwise. `visited` holds states seen in trajectories (n, n_states), and may be empty.
/// The result is the same for any number of threads.
/// @throws InvalidInput if sizes do not fit, an option is out of range or a value is not finite.
FixedPointSet find_fixed_points(const dynamics::System& system, ConstVectorRef input,
                                ConstMatrixRef visited, const SearchOptions& options = {},
                                const Progress& progress = {});

}  // namespace nullcline::fixed_points
