// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/evolution/follow.hpp"
#include "nullcline/evolution/types.hpp"

namespace nullcline::evolution {

struct EvolutionOptions {
  int starts = 64;       ///< counted starts at each snapshot; up to 8 times as many where the
                         ///< indices of the points do not sum up to what they must
  int visited = 64;      ///< visited states that are searched from at each snapshot
  int iterations = 100;  ///< solver steps per start
  int max_points = 200;  ///< a snapshot with more is not searched further
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("starts", self.starts, "counted starts of the search at each snapshot");
    field("visited", self.visited, "visited states that each search starts from as well");
    field("iterations", self.iterations, "solver steps per start");
    field("max_points", self.max_points, "points of a snapshot after which its search stops");
    field("seed", self.seed, "seed of the starts");
  }
};

/// @throws InvalidInput naming the option that is out of range.
void check_options(const EvolutionOptions& options);

/// A training as analysis sees it.
struct Training {
  std::vector<double> steps;  ///< of the snapshots
  MakeSystem system_at;       ///< for t in [0, n_snapshots - 1]
  /// States that the system of a snapshot visits, (n, n_states); may be empty.
  std::function<Matrix(std::size_t snapshot)> visited;
};

/// The fixed points of each snapshot, joined into tracks.
///
/// The points of a snapshot are those of the one before, followed along the line of weights, and
/// those that a search finds: Levenberg-Marquardt from visited states, and Newton and
/// Levenberg-Marquardt from counted starts (fixed_points::Starts). Then all points without a
/// predecessor are followed back in time, so that a point which a search had missed is put in its
/// place, and a birth says that the way back was lost. The result is the same for any number of
/// threads. Networks in chaos have more points than a search can find: the audit of each snapshot
/// tells.
/// @throws InvalidInput if there is no snapshot, sizes do not fit or an option is out of range.
Evolution evolve(const Training& training, ConstVectorRef input,
                 const EvolutionOptions& options = {}, const Progress& progress = {});

}  // namespace nullcline::evolution
