// SPDX-License-Identifier: BSD-3-Clause
// What a census counts. Plain data: the only header of this folder that the report may see.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"

namespace nullcline::census {

/// Invariant sets. outside: where trajectories come from that are outside of the box. Of a map a
/// stable_cycle is an attracting orbit, a torus may be an invariant circle.
enum class NodeKind { sink, saddle, source, stable_cycle, unstable_cycle, outside, torus, chaos };

struct Node {
  NodeKind kind = NodeKind::sink;
  int n_unstable = 0;  ///< unstable directions of a point; 0 otherwise
  int period = 0;      ///< steps of an orbit of a map; 0 otherwise

  friend auto operator<=>(const Node&, const Node&) = default;
};

/// unstable: half of the unstable manifold of the saddle `from` ends at `to`; stable: half of the
/// stable manifold of the saddle `to` comes from `from`; encloses: `to` lies within the cycle
/// `from`.
enum class EdgeKind { unstable, stable, encloses };

struct Edge {
  EdgeKind kind = EdgeKind::unstable;
  int from = 0, to = 0;
};

/// Who is there, and who is connected with whom. Edges may be parallel.
struct ConnectionGraph {
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

/// decided: points proven, every connection followed to its end. degenerate: some point, or a
/// group of points, could not be told to be a sink, a saddle or a source. unproven: the points
/// could not be enumerated with proof. near_connection: a trajectory comes too near to a saddle to
/// say on which side it passes. undecided: the end of a trajectory was not recognized.
enum class Verdict { decided, degenerate, unproven, near_connection, undecided };

struct FoundCycle {
  Matrix states;  ///< (n, n_states), one turn; after the last comes the first
  double period = 0;
  bool is_stable = false;
};

/// Fixed points, cycles, and the connections between them of one flow.
struct Skeleton {
  Verdict verdict = Verdict::undecided;
  Vector lower, upper;             ///< the box that holds all of it
  std::vector<Vector> points;      ///< nodes 0, 1, ... of the graph
  std::vector<FoundCycle> cycles;  ///< the nodes after them; the last node is the outside
  ConnectionGraph graph;           ///< empty unless decided
  std::vector<Matrix> manifolds;   ///< of the saddles, from the saddle outwards, where asked for
  /// Largest Lyapunov exponent of what is chaotic, and its standard error; else NaN.
  double exponent = std::numeric_limits<double>::quiet_NaN();
  double exponent_error = std::numeric_limits<double>::quiet_NaN();
};

/// How many nodes of each kind. `points[k]` is the number of fixed points with k unstable
/// directions: in the plane sinks, saddles, sources.
struct Counts {
  std::vector<int> points;
  int n_stable_cycles = 0, n_unstable_cycles = 0;
  int n_tori = 0, n_chaotic = 0;

  int n_points() const {
    int n = 0;
    for (int k : points) n += k;
    return n;
  }
  int n_sinks() const { return points.empty() ? 0 : points[0]; }
  int n_cycles() const { return n_stable_cycles + n_unstable_cycles; }
};

/// Networks with the same connection graph.
struct Topology {
  std::string name;  ///< "4-4-1.c0ffee12": sinks, saddles, sources; hash of the canonical form
  std::string form;  ///< the canonical form
  Counts counts;
  std::int64_t n_networks = 0;
  std::int64_t first = 0;  ///< number of the first network that has it
  Vector values;           ///< of its parameters
  Vector last_values;      ///< of those of the last network that has it
  /// Of chaos: the largest Lyapunov exponent that was met, with its standard error, and the
  /// parameters of its network; else NaN and zero size.
  double exponent = std::numeric_limits<double>::quiet_NaN();
  double exponent_error = std::numeric_limits<double>::quiet_NaN();
  Vector exponent_values = {};
};

/// A parameter that differs from network to network.
struct Range {
  std::string name;
  double lower = 0, upper = 0;
};

/// What was counted.
struct Census {
  std::vector<Range> ranges;
  std::int64_t n_rounds = 0;    ///< of this shard, done
  std::int64_t n_networks = 0;  ///< looked at
  std::int64_t n_decided = 0, n_degenerate = 0, n_unproven = 0, n_near_connection = 0,
               n_undecided = 0;
  std::vector<Topology> topologies;  ///< by falling number of networks, then by name

  /// Chao1 (Chao 1984): f1 (f1 - 1) / (2 (f2 + 1)) topologies that were not met at least, with f1
  /// and f2 the numbers of those met once and twice. Of independent networks alone.
  double unseen_estimate() const;
};

/// A small portrait of one network of a topology, in the coordinates of its box.
struct Sketch {
  std::string name, title;  ///< of the topology; "4 sinks, 4 saddles, 1 source"
  std::string badge;        ///< "most fixed points", or empty
  std::int64_t n_networks = 0;
  double share = 0;        ///< of the networks that were decided
  std::string model_text;  ///< a model file of this network
  Vector lower, upper;     ///< the box; zero size: nothing is drawn
  std::vector<Vector> points;
  std::vector<Node> nodes;       ///< of the points
  std::vector<Matrix> streams;   ///< trajectories, forwards
  std::vector<Matrix> unstable;  ///< manifolds of the saddles
  std::vector<Matrix> stable;
  std::vector<FoundCycle> cycles;
};

}  // namespace nullcline::census

template <>
struct nullcline::EnumNames<nullcline::census::NodeKind> {
  static constexpr std::array values{
      std::pair{nullcline::census::NodeKind::sink, "sink"},
      std::pair{nullcline::census::NodeKind::saddle, "saddle"},
      std::pair{nullcline::census::NodeKind::source, "source"},
      std::pair{nullcline::census::NodeKind::stable_cycle, "stable_cycle"},
      std::pair{nullcline::census::NodeKind::unstable_cycle, "unstable_cycle"},
      std::pair{nullcline::census::NodeKind::outside, "outside"},
      std::pair{nullcline::census::NodeKind::torus, "torus"},
      std::pair{nullcline::census::NodeKind::chaos, "chaos"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::census::Verdict> {
  static constexpr std::array values{
      std::pair{nullcline::census::Verdict::decided, "decided"},
      std::pair{nullcline::census::Verdict::degenerate, "degenerate"},
      std::pair{nullcline::census::Verdict::unproven, "unproven"},
      std::pair{nullcline::census::Verdict::near_connection, "near_connection"},
      std::pair{nullcline::census::Verdict::undecided, "undecided"},
  };
};
