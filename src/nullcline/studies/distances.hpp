// SPDX-License-Identifier: BSD-3-Clause
// Distances between all networks of a population that may be larger than the memory, in a file that
// survives the end of the process.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/core/progress.hpp"

namespace nullcline::studies {

/// What can tell how far apart two networks are, once it holds what it needs of them.
class PairSource {
 public:
  virtual ~PairSource() = default;
  /// Networks whose distances are taken at a time against a few others: as many as there is memory
  /// for.
  virtual std::size_t n_at_once() const = 0;
  struct Range {
    std::size_t first = 0, last = 0;
  };
  /// Makes the networks [first, last) of both ranges ready, and forgets all others. Gives up where
  /// `goes_on`, which many threads may ask, says no.
  virtual void prepare(Range rows, Range columns, const std::function<bool()>& goes_on) = 0;
  /// Of networks that are ready; called from many threads. NaN where it is not defined.
  virtual double distance(std::size_t i, std::size_t j) const = 0;
};

/// Where distances are kept: `path` "" is nowhere. `networks` holds a hash of each network's
/// results, so that the distances of a pair are found again when the population has grown.
struct DistanceFile {
  std::string path;
  std::vector<std::string> networks;
};

struct Distances {
  Matrix values;        ///< (n, n), with a zero diagonal; (0, 0) if `progress` stopped it
  std::string warning;  ///< why they could not be kept, or empty
};

/// distance(i, j) of all j < i, in tiles on all threads. What the file has is not computed again;
/// it is written once a minute, at the end, and where `progress` stops the work. The values do not
/// depend on any of this. A file that cannot be read counts as none.
Distances all_distances(PairSource& source, const DistanceFile& file,
                        const Progress& progress = {});

}  // namespace nullcline::studies
