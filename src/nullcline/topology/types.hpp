// SPDX-License-Identifier: BSD-3-Clause
// The graph of fixed points: who leads to whom. Plain data.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/core/termination.hpp"

namespace nullcline::topology {

/// unstable_manifold: leave along the unstable directions of each point.
/// perturbation: leave in random directions (Maheswaranathan et al. 2019, section 3.1).
enum class Probe { unstable_manifold, perturbation };

/// A limit cycle of a flow.
struct CycleNode {
  double period = 0;
  bool is_stable = false;
  Vector minimum, maximum;  ///< of each coordinate along it
  Matrix states;  ///< (n_samples, n_states): one turn, evenly in time; the first is not repeated
};

/// Nodes are the fixed points, after them the orbits of a map or the limit cycles of a flow, and
/// one last node "other": a rollout that ended on a cycle that is no orbit of the set, diverged, or
/// was still undecided at the horizon.
struct Graph {
  Probe probe = Probe::unstable_manifold;
  Index n_points = 0, n_orbits = 0;
  std::vector<CycleNode> cycles;  ///< by rising period
  /// (n_nodes, n_nodes + 1), n_nodes = n_points + n_orbits + n_cycles: share of the rollouts from
  /// node i that ended at node j, the last column being "other". A stable point or orbit leads to
  /// itself. Rows sum to 1.
  Matrix transitions;
  std::vector<int> n_rollouts;  ///< rollouts from each node
  double perturbation = 0;      ///< distance from the point at which rollouts start
  double capture_radius = 0;    ///< an end state this near a point counts as having reached it
  int n_cycle = 0, n_diverged = 0, n_undecided = 0;  ///< what "other" was
  std::vector<int> point_index;     ///< node -> position in the fixed-point set (n_points)
  std::vector<int> orbit_index;     ///< node - n_points -> position in the orbit set (n_orbits)
  std::vector<std::string> labels;  ///< label of each node: quantized readout, "other" excluded
  Matrix readouts;                  ///< (n_nodes, n_outputs), of an orbit the mean; or no columns
  std::vector<int> n_unstable;      ///< unstable directions of each node
  /// converged, or interrupted: then the shares are of the rollouts done so far.
  Termination termination = Termination::not_run;

  Index n_cycles() const { return static_cast<Index>(cycles.size()); }
  Index n_nodes() const { return n_points + n_orbits + n_cycles(); }
};

NamedArrays to_arrays(const Graph& graph);
/// @throws FormatError
Graph graph_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::topology

template <>
struct nullcline::EnumNames<nullcline::topology::Probe> {
  static constexpr std::array values{
      std::pair{nullcline::topology::Probe::unstable_manifold, "unstable_manifold"},
      std::pair{nullcline::topology::Probe::perturbation, "perturbation"},
  };
};
