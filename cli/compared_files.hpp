// SPDX-License-Identifier: BSD-3-Clause
// What nullcline compare reads: files of one kind, in the form that distances need.
#pragma once

#include <string>
#include <vector>

#include "nullcline/comparison/pairs.hpp"
#include "nullcline/results/compared.hpp"

namespace nullcline::cli {

struct CompareOptions {
  int trials = 32;
  std::string factor;
  std::string labels;
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("trials", self.trials, "trials of the task that all trained networks are given");
    field("factor", self.factor,
          "what may separate the networks: cell, activation, n_units, task or a column of the "
          "labels; several with commas");
    field("labels", self.labels,
          "a table (.csv, .tsv) with a heading: names of files, then one column for each factor");
    field("seed", self.seed, "seed of the trials, of searches and of permutations");
  }
};

/// One of the three lists has an entry for each path.
struct ComparedFiles {
  std::vector<std::string> paths;
  std::vector<comparison::Activity> activities;
  std::vector<std::vector<comparison::PointGraph>> graphs;
  std::vector<comparison::Automaton> automata;
  std::vector<std::vector<std::string>> labels;  ///< of each factor, of each path
};

std::vector<std::string> factors_of(const std::string& text);  ///< at the commas

/// The measure that suits the first of the files: svcca, fused_gromov_wasserstein or automaton.
comparison::Measure usual_measure(const std::vector<std::string>& paths);

/// Files, and of folders those that the measure compares, by name.
/// @throws InvalidInput, FormatError
ComparedFiles read_compared(const std::vector<std::string>& paths, comparison::Measure measure,
                            const CompareOptions& options);

}  // namespace nullcline::cli
