// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "nullcline/fixed_points/collection.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

/// How a search ended, as far as the audit needs to know.
struct SearchEnd {
  int min_hits_wanted = 0;
  int n_starts_wanted = 0;
  bool interrupted = false;
  bool gave_up = false;            ///< too many points, or more of them unseen than seen
  std::string no_box_reason;       ///< why no index sum is expected
  bool contradicts_proof = false;  ///< a certified point is missing in a complete enumeration
  std::string proof;  ///< what is proven about all points together; empty if nothing is
};

/// Fewest hits of any certified point; 0 if there is none.
std::int64_t fewest_hits(const Collection& points);

/// Chao1, an estimate (from below, on average) of the points that no counted start met:
/// f1 (f1 - 1) / (2 (f2 + 1)), with f1, f2 the points met once and twice. Reference: Chao (1984).
double unseen_estimate(const Collection& points);

/// Fills index_sum, completeness and its note, unseen_estimate, coverage, capture_bound and
/// min_hits of an audit whose counts (n_starts and the like) and index_expected are set.
///
/// Chao1: f1 (f1 - 1) / (2 (f2 + 1));  Good-Turing: 1 - f1 / n, with f1, f2 the points met once and
/// twice in n starts. A point that each start meets with probability p is missed by all of them
/// with probability (1 - p)^n, so that p = 6.9 / n is found with 99.9 %. Reference: Chao (1984);
/// Good (1953).
void complete_audit(const Collection& points, const SearchEnd& end, Audit& audit);

}  // namespace nullcline::fixed_points
