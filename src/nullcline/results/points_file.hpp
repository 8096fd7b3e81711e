// SPDX-License-Identifier: BSD-3-Clause
// Files of fixed points and of graphs, read back with checks that they belong together.
#pragma once

#include <string>
#include <vector>

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/results/subject.hpp"
#include "nullcline/results/visited.hpp"
#include "nullcline/topology/types.hpp"

namespace nullcline::results {

struct PointsFile {
  std::string path;
  NamedArrays file;
  Subject subject;
  std::vector<fixed_points::FixedPointSet> sets;
  std::vector<orbits::OrbitSet> orbits;  ///< one per set, empty where the file has none
  Visited visited;
};

/// @throws FormatError if it is no file of fixed points, or its parts do not fit each other.
PointsFile read_points(const std::string& path);
PointsFile points_of(const std::string& path, NamedArrays file);

/// The points with the orbits of the same inputs, what they are of (null: a system without a text)
/// and visited states, as a file holds them. The caller stamps it.
NamedArrays points_to_arrays(const std::vector<fixed_points::FixedPointSet>& sets,
                             const std::vector<orbits::OrbitSet>& orbits, const Subject* subject,
                             const Visited& visited);

/// The orbits in the file of these points, one entry per set. @throws FormatError
std::vector<orbits::OrbitSet> orbits_of(const NamedArrays& file,
                                        const std::vector<fixed_points::FixedPointSet>& sets);

/// Tells whether two files speak of the same points and orbits.
std::string points_fingerprint(const std::vector<fixed_points::FixedPointSet>& sets,
                               const std::vector<orbits::OrbitSet>& orbits);

/// One graph at the root of the file; several in groups input_0, input_1, ...
void store_graphs(NamedArrays& file, const std::vector<topology::Graph>& graphs);
/// @throws FormatError
std::vector<topology::Graph> graphs_of(const std::string& path, const NamedArrays& file);

}  // namespace nullcline::results
