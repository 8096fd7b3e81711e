// SPDX-License-Identifier: BSD-3-Clause
// How alike two networks are in what they compute: distances between graphs of fixed points, and
// between machines of stable states. Nothing here looks at units or states.
#pragma once

#include <cstdint>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::comparison {

/// Fixed points with what distances between networks can see of them.
struct PointGraph {
  Matrix transitions;           ///< (n_points, n_points): share of rollouts from i that end at j
  Matrix readouts;              ///< (n_points, n_outputs); no columns: no readout
  std::vector<int> n_unstable;  ///< unstable directions of each point
  /// Random rollouts that row i was estimated from; 0 where it is exact.
  std::vector<int> n_rollouts;

  Index n_points() const { return transitions.rows(); }
};

/// -1, 0 or 1 for each output: below -1/2, between, above 1/2. Readouts of saddles are not
/// reproducible enough to sort or compare by as they are.
Matrix quantized(ConstMatrixRef readouts);

/// The points in the order (quantized readout, n_unstable, readout).
/// @throws InvalidInput if sizes do not fit.
std::vector<Index> lexicographic_order(const PointGraph& graph);

/// The topological distance of Maheswaranathan et al. 2019, section 3.1: |A - B|_F of the
/// transitions, points in lexicographic order.
/// @throws InvalidInput if the numbers of points differ: this distance is then not defined.
double frobenius_distance(const PointGraph& a, const PointGraph& b);

/// What frobenius_distance is expected to be (root mean square) between a graph and itself,
/// estimated twice from n_rollouts: the square root of sum_i (1 - sum_j p_ij^2) / n_i over the rows
/// of both graphs. Distances that are not well above it say nothing. Not exact for small n.
double sampling_noise(const PointGraph& a, const PointGraph& b);

/// What fused_gromov_wasserstein of their feature graphs is expected to be at most, if sampling
/// alone makes them differ: alpha times the same sum over (number of points)^2.
double fused_sampling_noise(const PointGraph& a, const PointGraph& b, double alpha = 0.5);

/// Nodes with features and directed, weighted edges.
struct FeatureGraph {
  Matrix features;  ///< (n_nodes, n_features)
  Matrix edges;     ///< (n_nodes, n_nodes)
};

/// Features (n_unstable / n_outputs, quantized readout), and the transitions as edges.
FeatureGraph feature_graph(const PointGraph& graph);

struct FusedOptions {
  double alpha = 0.5;  ///< 0: features alone; 1: edges alone
  int n_starts = 16;   ///< couplings that the search starts from
  int max_iterations = 200;
  std::uint64_t seed = 0;
};

struct FusedDistance {
  double cost = 0;    ///< at the coupling, the least of all starts; no root is taken
  double spread = 0;  ///< the worst local minimum minus the best
  Matrix coupling;    ///< (n, m): rows sum to 1/n, columns to 1/m
};

/// Fused Gromov-Wasserstein distance (Vayer et al. 2019, 2020) of two graphs of any numbers of
/// nodes, of equal masses:
///
///   min_pi sum_ij (1 - alpha) |f_i - f'_j|^2 pi_ij + alpha sum_ijkl (C_ik - C'_jl)^2 pi_ij pi_kl.
///
/// 0 for graphs that are the same up to the order of their nodes. Where one has fewer features, it
/// is filled up with zeros. Conditional gradient with exact steps from n_starts couplings: of
/// independent nodes, of the features alone, and at random; minima are local.
/// @throws InvalidInput
FusedDistance fused_gromov_wasserstein(const FeatureGraph& a, const FeatureGraph& b,
                                       const FusedOptions& options = {});

/// Stable states, and where pulses of input send them.
struct Automaton {
  Matrix readouts;  ///< (n_nodes, n_outputs)
  Matrix pulses;    ///< (n_pulses, n_inputs)
  /// (n_nodes * n_pulses), a row for each node: the node after the pulse, or a negative number.
  std::vector<std::int64_t> transitions;
};

/// Share of the (stable state, pulse) pairs on which the machines disagree. Nodes of equal
/// quantized readout are matched, nearest readouts first; a pair agrees if both machines go to
/// nodes that are matched, or to the same negative number. All pairs of a node that has no match
/// disagree.
/// @throws InvalidInput if the pulses or the numbers of outputs differ, or sizes do not fit.
double automaton_distance(const Automaton& a, const Automaton& b);

}  // namespace nullcline::comparison
