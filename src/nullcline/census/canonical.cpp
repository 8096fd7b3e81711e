// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/canonical.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "nullcline/core/error.hpp"

namespace nullcline::census {

namespace {

using Colors = std::vector<int>;

// What lies between two nodes, in this direction.
using Relation = std::array<int, 3>;

const char* letter(NodeKind kind) {
  switch (kind) {
    case NodeKind::sink:
      return "s";
    case NodeKind::saddle:
      return "d";
    case NodeKind::source:
      return "r";
    case NodeKind::stable_cycle:
      return "S";
    case NodeKind::unstable_cycle:
      return "U";
    case NodeKind::outside:
      return "o";
    case NodeKind::torus:
      return "q";
    case NodeKind::chaos:
      return "x";
  }
  return "?";
}

constexpr std::array<const char*, 3> kEdgeLetters = {"u", "t", "e"};

class Labelling {
 public:
  explicit Labelling(const ConnectionGraph& graph)
      : graph_(graph), n_(graph.nodes.size()), relations_(n_ * n_, Relation{}) {
    for (const Edge& edge : graph.edges) {
      const auto from = static_cast<std::size_t>(edge.from), to = static_cast<std::size_t>(edge.to);
      if (edge.from < 0 || edge.to < 0 || from >= n_ || to >= n_)
        throw InvalidInput(fmt::format("edge: found nodes {} and {}, expected 0 to {}", edge.from,
                                       edge.to, n_ - 1));
      ++relations_[from * n_ + to][static_cast<std::size_t>(edge.kind)];
    }
  }

  std::string run() {
    std::set<Node> kinds(graph_.nodes.begin(), graph_.nodes.end());
    Colors colors(n_);
    for (std::size_t i = 0; i < n_; ++i)
      colors[i] = static_cast<int>(std::distance(kinds.begin(), kinds.find(graph_.nodes[i])));
    search(colors);
    return best_;
  }

 private:
  const Relation& relation(std::size_t from, std::size_t to) const {
    return relations_[from * n_ + to];
  }

  // Nodes whose neighbors differ get different colors, until that changes nothing. New colors keep
  // the order of the old ones.
  int refine(Colors& colors) const {
    using Neighbor = std::tuple<int, Relation, Relation>;
    using Signature = std::pair<int, std::vector<Neighbor>>;
    int n_colors = count(colors);
    for (;;) {
      std::vector<Signature> signatures(n_);
      for (std::size_t i = 0; i < n_; ++i) {
        signatures[i].first = colors[i];
        for (std::size_t j = 0; j < n_; ++j)
          if (j != i) signatures[i].second.emplace_back(colors[j], relation(i, j), relation(j, i));
        std::sort(signatures[i].second.begin(), signatures[i].second.end());
      }
      std::set<Signature> distinct(signatures.begin(), signatures.end());
      for (std::size_t i = 0; i < n_; ++i)
        colors[i] = static_cast<int>(std::distance(distinct.begin(), distinct.find(signatures[i])));
      const auto n_now = static_cast<int>(distinct.size());
      if (n_now == n_colors) return n_colors;
      n_colors = n_now;
    }
  }

  static int count(const Colors& colors) {
    return static_cast<int>(std::set<int>(colors.begin(), colors.end()).size());
  }

  void search(Colors colors) {
    const int n_colors = refine(colors);
    if (n_colors == static_cast<int>(n_)) {
      std::string text = text_of(colors);
      if (best_.empty() || text < best_) best_ = std::move(text);
      return;
    }
    std::map<int, int> sizes;
    for (const int color : colors) ++sizes[color];
    const int cell = std::find_if(sizes.begin(), sizes.end(), [](const auto& entry) {
                       return entry.second > 1;
                     })->first;
    for (std::size_t i = 0; i < n_; ++i) {
      if (colors[i] != cell) continue;
      Colors chosen(n_);
      for (std::size_t j = 0; j < n_; ++j) chosen[j] = 2 * colors[j] + 1;
      --chosen[i];
      search(std::move(chosen));
    }
  }

  // Colors are positions now.
  std::string text_of(const Colors& colors) const {
    std::vector<std::size_t> node_at(n_);
    for (std::size_t i = 0; i < n_; ++i) node_at[static_cast<std::size_t>(colors[i])] = i;
    std::string text;
    for (const std::size_t node : node_at) {
      const auto& [kind, n_unstable, period] = graph_.nodes[node];
      text += letter(kind);
      if (kind == NodeKind::saddle && n_unstable != 1) text += fmt::format("{}", n_unstable);
      if (period > 0) text += fmt::format("{}", period);
      text += ' ';
    }
    text += '/';
    for (std::size_t a = 0; a < n_; ++a)
      for (std::size_t b = 0; b < n_; ++b)
        for (std::size_t k = 0; k < kEdgeLetters.size(); ++k)
          for (int copy = 0; copy < relation(node_at[a], node_at[b])[k]; ++copy)
            text += fmt::format(" {} {}>{}", kEdgeLetters[k], a, b);
    return text;
  }

  const ConnectionGraph& graph_;
  std::size_t n_;
  std::vector<Relation> relations_;
  std::string best_;
};

// FNV-1a.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string canonical_form(const ConnectionGraph& graph) { return Labelling(graph).run(); }

Counts count_nodes(const ConnectionGraph& graph, Index n_states) {
  Counts counts;
  counts.points.assign(static_cast<std::size_t>(n_states) + 1, 0);
  for (const Node& node : graph.nodes) {
    if (node.kind == NodeKind::stable_cycle) ++counts.n_stable_cycles;
    if (node.kind == NodeKind::unstable_cycle) ++counts.n_unstable_cycles;
    if (node.kind == NodeKind::torus) ++counts.n_tori;
    if (node.kind == NodeKind::chaos) ++counts.n_chaotic;
    if (node.kind <= NodeKind::source) ++counts.points[static_cast<std::size_t>(node.n_unstable)];
  }
  return counts;
}

std::string topology_name(const Counts& counts, const std::string& form) {
  std::string name;
  for (const int n : counts.points) name += fmt::format("{}{}", name.empty() ? "" : "-", n);
  if (counts.n_cycles() + counts.n_tori + counts.n_chaotic > 0) name += '+';
  if (counts.n_stable_cycles > 0) name += fmt::format("{}s", counts.n_stable_cycles);
  if (counts.n_unstable_cycles > 0) name += fmt::format("{}u", counts.n_unstable_cycles);
  if (counts.n_tori > 0) name += fmt::format("{}q", counts.n_tori);
  if (counts.n_chaotic > 0) name += fmt::format("{}x", counts.n_chaotic);
  const std::uint64_t hash = hash_of(form);
  return name + fmt::format(".{:08x}", (hash ^ (hash >> 32)) & 0xffffffff);
}

}  // namespace nullcline::census
