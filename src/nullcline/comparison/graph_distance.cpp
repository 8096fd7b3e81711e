// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/graph_distance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "nullcline/comparison/transport.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::comparison {

namespace {

void check(const PointGraph& graph) {
  const Index n = graph.n_points();
  const auto size = static_cast<std::size_t>(n);
  if (n < 1 || graph.transitions.cols() != n || graph.readouts.rows() != n ||
      graph.n_unstable.size() != size || graph.n_rollouts.size() != size)
    throw InvalidInput(fmt::format(
        "graph: found {} x {} transitions, {} readouts and {} numbers of unstable directions, "
        "expected one of each for each of at least one point",
        n, graph.transitions.cols(), graph.readouts.rows(), graph.n_unstable.size()));
  if (!graph.transitions.allFinite() || !graph.readouts.allFinite())
    throw InvalidInput("graph: found a value that is not finite");
}

std::vector<double> numbers(const Matrix& matrix, Index row) {
  return {matrix.row(row).begin(), matrix.row(row).end()};
}

double noise_variance(const PointGraph& graph) {
  double sum = 0;
  for (Index i = 0; i < graph.n_points(); ++i) {
    const int n = graph.n_rollouts[static_cast<std::size_t>(i)];
    if (n < 1) continue;
    const auto row = graph.transitions.row(i);
    const double other = std::max(1 - row.sum(), 0.0);  // rollouts that ended at no point
    sum += std::max(1 - row.squaredNorm() - other * other, 0.0) / n;
  }
  return sum;
}

// Node of b that each node of a is matched with; -1: none.
std::vector<Index> matched(const Automaton& a, const Automaton& b) {
  const Matrix q = quantized(a.readouts), r = quantized(b.readouts);
  std::vector<std::tuple<double, Index, Index>> pairs;
  for (Index i = 0; i < q.rows(); ++i)
    for (Index j = 0; j < r.rows(); ++j)
      if (q.row(i) == r.row(j))
        pairs.emplace_back((a.readouts.row(i) - b.readouts.row(j)).norm(), i, j);
  std::sort(pairs.begin(), pairs.end());
  std::vector<Index> to(static_cast<std::size_t>(q.rows()), -1);
  std::vector<char> is_taken(static_cast<std::size_t>(r.rows()), 0);
  for (const auto& [distance, i, j] : pairs) {
    if (to[static_cast<std::size_t>(i)] >= 0 || is_taken[static_cast<std::size_t>(j)]) continue;
    to[static_cast<std::size_t>(i)] = j;
    is_taken[static_cast<std::size_t>(j)] = 1;
  }
  return to;
}

void check(const Automaton& a) {
  const Index n = a.readouts.rows(), k = a.pulses.rows();
  if (n < 1 || k < 1 || a.readouts.cols() < 1 ||
      a.transitions.size() != static_cast<std::size_t>(n * k))
    throw InvalidInput(fmt::format(
        "automaton: found {} states with {} outputs, {} pulses and {} transitions, expected a "
        "transition for each of at least one state with a readout, and one pulse",
        n, a.readouts.cols(), k, a.transitions.size()));
  for (const std::int64_t target : a.transitions)
    if (target >= n)
      throw InvalidInput(
          fmt::format("automaton: found a transition to state {}, expected below {}", target, n));
}

}  // namespace

Matrix quantized(ConstMatrixRef readouts) {
  return readouts.unaryExpr([](double y) { return y < -0.5 ? -1.0 : (y > 0.5 ? 1.0 : 0.0); });
}

std::vector<Index> lexicographic_order(const PointGraph& graph) {
  check(graph);
  const Matrix levels = quantized(graph.readouts);
  const auto key = [&](Index i) {
    return std::tuple(numbers(levels, i), graph.n_unstable[static_cast<std::size_t>(i)],
                      numbers(graph.readouts, i));
  };
  std::vector<Index> order(static_cast<std::size_t>(graph.n_points()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return key(i) < key(j); });
  return order;
}

double frobenius_distance(const PointGraph& a, const PointGraph& b) {
  const std::vector<Index> first = lexicographic_order(a), second = lexicographic_order(b);
  if (first.size() != second.size())
    throw InvalidInput(
        fmt::format("graph_frobenius: found graphs of {} and {} points, expected as many on both; "
                    "fused_gromov_wasserstein compares any numbers of points",
                    first.size(), second.size()));
  return (a.transitions(first, first) - b.transitions(second, second)).norm();
}

double sampling_noise(const PointGraph& a, const PointGraph& b) {
  check(a);
  check(b);
  return std::sqrt(noise_variance(a) + noise_variance(b));
}

double fused_sampling_noise(const PointGraph& a, const PointGraph& b, double alpha) {
  check(a);
  check(b);
  const auto share = [](const PointGraph& graph) {
    return noise_variance(graph) / static_cast<double>(graph.n_points() * graph.n_points());
  };
  return alpha * (share(a) + share(b));
}

FeatureGraph feature_graph(const PointGraph& graph) {
  check(graph);
  const Index n_outputs = graph.readouts.cols();
  FeatureGraph result{Matrix(graph.n_points(), n_outputs + 1), graph.transitions};
  result.features.rightCols(n_outputs) = quantized(graph.readouts);
  for (Index i = 0; i < graph.n_points(); ++i)
    result.features(i, 0) = static_cast<double>(graph.n_unstable[static_cast<std::size_t>(i)]) /
                            static_cast<double>(std::max(n_outputs, Index{1}));
  return result;
}

double automaton_distance(const Automaton& a, const Automaton& b) {
  check(a);
  check(b);
  if (a.pulses.rows() != b.pulses.rows() || a.pulses.cols() != b.pulses.cols() ||
      a.pulses != b.pulses)
    throw InvalidInput("automaton: the pulses of the two machines differ, expected the same");
  if (a.readouts.cols() != b.readouts.cols())
    throw InvalidInput(fmt::format("automaton: found {} outputs and {}, expected as many on both",
                                   a.readouts.cols(), b.readouts.cols()));
  const std::vector<Index> to = matched(a, b);
  const Index n_pulses = a.pulses.rows();
  Index n_matched = 0, n_agreeing = 0;
  for (Index i = 0; i < a.readouts.rows(); ++i) {
    const Index j = to[static_cast<std::size_t>(i)];
    if (j < 0) continue;
    ++n_matched;
    for (Index k = 0; k < n_pulses; ++k) {
      const std::int64_t here = a.transitions[static_cast<std::size_t>(i * n_pulses + k)];
      const std::int64_t there = b.transitions[static_cast<std::size_t>(j * n_pulses + k)];
      n_agreeing += (here < 0 ? here : to[static_cast<std::size_t>(here)]) == there &&
                    (here < 0 || there >= 0);
    }
  }
  const Index n_nodes = a.readouts.rows() + b.readouts.rows() - n_matched;
  return 1 - static_cast<double>(n_agreeing) / static_cast<double>(n_nodes * n_pulses);
}

}  // namespace nullcline::comparison
