// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::comparison {

struct SeparationOptions {
  int n_permutations = 999;
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("n_permutations", self.n_permutations, "random permutations of the labels");
    field("seed", self.seed, "seed of the permutations");
  }
};

/// How far networks of one label are from those of others.
struct Separation {
  double statistic = 0;  ///< ANOSIM R, -1 to 1
  double p_value = 1;    ///< (1 + permutations with at least this R) / (1 + all)
  int n_permutations = 0;
  std::vector<std::string> groups;  ///< the labels, sorted
  std::vector<Index> sizes;         ///< networks of each
};

/// Analysis of similarities (ANOSIM; Clarke 1993): with r the mean rank of the distances between
/// and within groups, of all M = n (n - 1) / 2 distances,
///
///   R = (r_between - r_within) / (M / 2).
///
/// 1: every two networks of one label are nearer than any two of different ones; 0: labels say
/// nothing. Ranks make R the same for all distances of one order, so that R of different measures
/// can be held against each other. The permutations are the same for any number of threads.
/// @throws InvalidInput if sizes do not fit, `distances` is not symmetric or has a NaN, there are
/// fewer than two groups, or no group of at least two.
Separation separation(ConstMatrixRef distances, const std::vector<std::string>& labels,
                      const SeparationOptions& options = {});

}  // namespace nullcline::comparison
