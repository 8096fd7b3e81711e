// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/components.hpp"

namespace nullcline::fixed_points::internal {

namespace {

// What can be reached from `start` over nodes that have no component yet.
std::vector<char> reachable(Index start, const std::vector<char>& is_taken,
                            const std::function<bool(Index, Index)>& has_edge) {
  const auto n = static_cast<Index>(is_taken.size());
  std::vector<char> seen(is_taken.size(), 0);
  std::vector<Index> open{start};
  seen[static_cast<std::size_t>(start)] = 1;
  while (!open.empty()) {
    const Index from = open.back();
    open.pop_back();
    for (Index to = 0; to < n; ++to) {
      const auto k = static_cast<std::size_t>(to);
      if (seen[k] || is_taken[k] || !has_edge(from, to)) continue;
      seen[k] = 1;
      open.push_back(to);
    }
  }
  return seen;
}

}  // namespace

std::vector<std::vector<Index>> strong_components(
    Index n, const std::function<bool(Index, Index)>& has_entry) {
  std::vector<std::vector<Index>> components;
  std::vector<char> is_taken(static_cast<std::size_t>(n), 0);
  for (Index start = 0; start < n; ++start) {
    if (is_taken[static_cast<std::size_t>(start)]) continue;
    const std::vector<char> ahead = reachable(start, is_taken, has_entry);
    const std::vector<char> behind =
        reachable(start, is_taken, [&](Index to, Index from) { return has_entry(from, to); });
    components.emplace_back();
    for (Index i = start; i < n; ++i) {
      const auto k = static_cast<std::size_t>(i);
      if (!ahead[k] || !behind[k]) continue;
      components.back().push_back(i);
      is_taken[k] = 1;
    }
  }
  return components;
}

}  // namespace nullcline::fixed_points::internal
