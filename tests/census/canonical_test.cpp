// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/canonical.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::census {
namespace {

ConnectionGraph relabelled(const ConnectionGraph& graph, const std::vector<int>& to) {
  ConnectionGraph other;
  other.nodes.resize(graph.nodes.size());
  for (std::size_t i = 0; i < to.size(); ++i)
    other.nodes[static_cast<std::size_t>(to[i])] = graph.nodes[i];
  for (const Edge& edge : graph.edges)
    other.edges.push_back({edge.kind, to[static_cast<std::size_t>(edge.from)],
                           to[static_cast<std::size_t>(edge.to)]});
  std::reverse(other.edges.begin(), other.edges.end());
  return other;
}

// By brute force: whether some numbering makes the one the other.
bool are_isomorphic(const ConnectionGraph& a, const ConnectionGraph& b) {
  if (a.nodes.size() != b.nodes.size() || a.edges.size() != b.edges.size()) return false;
  using Line = std::tuple<EdgeKind, int, int>;
  const auto lines = [](const ConnectionGraph& graph) {
    std::multiset<Line> all;
    for (const Edge& edge : graph.edges) all.insert({edge.kind, edge.from, edge.to});
    return all;
  };
  const std::multiset<Line> wanted = lines(b);
  std::vector<int> to(a.nodes.size());
  std::iota(to.begin(), to.end(), 0);
  do {
    const ConnectionGraph moved = relabelled(a, to);
    if (moved.nodes == b.nodes && lines(moved) == wanted) return true;
  } while (std::next_permutation(to.begin(), to.end()));
  return false;
}

ConnectionGraph random_graph(Rng& rng, int most = 6) {
  ConnectionGraph graph;
  const auto n = static_cast<int>(3 + rng.below(static_cast<std::uint64_t>(most - 2)));
  for (int i = 0; i < n; ++i)
    graph.nodes.push_back({rng.below(2) == 0 ? NodeKind::sink : NodeKind::saddle, 1});
  for (int k = 0; k < n; ++k) {
    const auto from = static_cast<int>(rng.below(static_cast<std::uint64_t>(n)));
    const auto to = static_cast<int>(rng.below(static_cast<std::uint64_t>(n)));
    if (from != to)
      graph.edges.push_back({rng.below(2) == 0 ? EdgeKind::unstable : EdgeKind::stable, from, to});
  }
  return graph;
}

TEST(CanonicalForm, IsTheSameForEachNumbering) {
  Rng rng(1, Purpose::tests);
  for (int trial = 0; trial < 100; ++trial) {
    const ConnectionGraph graph = random_graph(rng);
    std::vector<int> to(graph.nodes.size());
    std::iota(to.begin(), to.end(), 0);
    for (std::size_t i = to.size(); i > 1; --i) std::swap(to[i - 1], to[rng.below(i)]);
    EXPECT_EQ(canonical_form(graph), canonical_form(relabelled(graph, to)));
  }
}

TEST(CanonicalForm, AgreesWithBruteForceOnPairsOfSmallGraphs) {
  Rng rng(2, Purpose::tests);
  std::vector<ConnectionGraph> graphs;
  for (int k = 0; k < 120; ++k) graphs.push_back(random_graph(rng, 4));
  int n_equal = 0;
  for (std::size_t a = 0; a < graphs.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      const bool same = canonical_form(graphs[a]) == canonical_form(graphs[b]);
      EXPECT_EQ(same, are_isomorphic(graphs[a], graphs[b])) << a << " " << b;
      n_equal += same ? 1 : 0;
    }
  EXPECT_GT(n_equal, 0);  // the test has seen both answers
}

TEST(CanonicalForm, TellsTwoTrianglesFromAHexagon) {
  // Refinement of colors alone does not: all nodes look alike.
  ConnectionGraph triangles, hexagon;
  for (ConnectionGraph* graph : {&triangles, &hexagon}) graph->nodes.assign(6, {NodeKind::sink, 0});
  for (int i = 0; i < 6; ++i) {
    hexagon.edges.push_back({EdgeKind::unstable, i, (i + 1) % 6});
    triangles.edges.push_back({EdgeKind::unstable, i, i / 3 * 3 + (i + 1) % 3});
  }
  EXPECT_NE(canonical_form(triangles), canonical_form(hexagon));
}

TEST(CanonicalForm, KeepsDirectionKindAndNumberOfEdges) {
  ConnectionGraph graph;
  graph.nodes = {{NodeKind::sink, 0}, {NodeKind::saddle, 1}};
  std::set<std::string> forms;
  for (const std::vector<Edge>& edges :
       std::vector<std::vector<Edge>>{{},
                                      {{EdgeKind::unstable, 1, 0}},
                                      {{EdgeKind::unstable, 0, 1}},
                                      {{EdgeKind::stable, 1, 0}},
                                      {{EdgeKind::unstable, 1, 0}, {EdgeKind::unstable, 1, 0}}}) {
    graph.edges = edges;
    forms.insert(canonical_form(graph));
  }
  EXPECT_EQ(forms.size(), 5U);
  EXPECT_TRUE(forms.contains("s d / u 1>0 u 1>0"));
}

TEST(CanonicalForm, RefusesAnEdgeToNowhere) {
  ConnectionGraph graph;
  graph.nodes = {{NodeKind::sink, 0}};
  graph.edges = {{EdgeKind::unstable, 0, 1}};
  EXPECT_THROW(canonical_form(graph), InvalidInput);
}

TEST(TopologyName, CountsPointsAndCycles) {
  Counts counts{{4, 4, 1}, 1, 2};
  const std::string name = topology_name(counts, "x");
  EXPECT_TRUE(name.starts_with("4-4-1+1s2u.")) << name;
  EXPECT_NE(name, topology_name(counts, "y"));
  EXPECT_EQ(name.size(), std::string("4-4-1+1s2u.").size() + 8);
}

}  // namespace
}  // namespace nullcline::census
