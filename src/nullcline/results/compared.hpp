// SPDX-License-Identifier: BSD-3-Clause
// Result files as distances between networks see them, and the labels that group networks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nullcline/comparison/graph_distance.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/topology/types.hpp"

namespace nullcline::results {

/// Nodes are points and orbits. Rows are exact where a stable node leads to itself, or where the
/// one unstable direction of a point was followed both ways.
/// @throws FormatError for a graph without numbers of unstable directions, as older files have.
comparison::PointGraph point_graph(const topology::Graph& graph);
/// The graphs of a file of them, one for each input. @throws FormatError
std::vector<comparison::PointGraph> point_graphs(const std::string& path, const NamedArrays& file);

/// A file of a state machine, with the readout of its network. @throws FormatError
comparison::Automaton automaton(const std::string& path, const NamedArrays& file);

/// What tells networks apart: label by network, by factor.
class Labels {
 public:
  Labels() = default;
  /// A table with a heading, separated by commas or tabs; the first column names networks: a path,
  /// the file's name, or that without its ending. @throws FormatError
  static Labels read(const std::string& path);

  /// The label of the file by the table; else "cell", "activation" and "n_units" of its network, or
  /// the file's attribute of that name ("task"). @throws InvalidInput where there is none.
  std::string of(const std::string& path, const NamedArrays& file, const std::string& factor) const;

 private:
  std::string path_;
  std::map<std::string, std::map<std::string, std::string>> rows_;  // by network, by factor
};

}  // namespace nullcline::results
